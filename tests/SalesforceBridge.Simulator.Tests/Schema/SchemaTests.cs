using SalesforceBridge.Simulator.Schema;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Schema;

public sealed class SchemaTests
{
    [Fact]
    public async Task An_org_is_what_its_file_declares()
    {
        const string yaml = """
            org: { id: 00D000000000abc, name: Mine }
            users: [{ username: me@example.com, password: secret }]
            objects:
              - name: Ship__c
                fields:
                  - { name: Name, type: string, length: 80 }
                  - { name: Launched__c, type: date }
                  - { name: Departs__c, type: time }
                validationRules: [{ when: Name like '%Titanic%', message: Not again. }]
            """;
        await using SimulatedOrg org = await SimulatedOrg.StartAsync(new SimulatorOptions { SchemaYaml = yaml }, OrgDriver.Ct);

        string id = org.Create("Ship__c", new { Name = "Vasa", Launched__c = "1628-08-10", Departs__c = "15:00:00.000Z" });

        org.OrgId.ShouldBe("00D000000000abcEAA");
        org.Read("Ship__c", id)!.Value.GetProperty("Departs__c").GetString().ShouldBe("15:00:00.000Z");
        Should.Throw<InvalidOperationException>(() => org.Create("Ship__c", new { Name = "RMS Titanic" })).Message.ShouldContain("Not again.");
    }

    [Fact]
    public async Task Every_fault_of_a_file_is_told_at_once()
    {
        const string yaml = """
            org: { id: nope }
            connectedApps: [{ consumerKey: app, runAs: nobody@example.com }]
            objects:
              - name: Ship__c
                fields:
                  - { name: A__c, type: rope }
                  - { name: B__c, type: reference, referenceTo: Harbour__c }
                validationRules: [{ when: C__c = 1, message: x }]
            channels: [{ name: C__chn, members: [Storm__e] }]
            pushTopics: [{ name: T, query: select Id }]
            """;

        SchemaException error = await Should.ThrowAsync<SchemaException>(
            SimulatedOrg.StartAsync(new SimulatorOptions { SchemaYaml = yaml }, OrgDriver.Ct));

        foreach (string fault in new[] { "org id 'nope'", "unknown user 'nobody@example.com'", "'rope' is no field type", "unknown object 'Harbour__c'", "No such column 'C__c'", "unknown event 'Storm__e'", "push topic 'T'", "no user is declared" })
            error.Message.ShouldContain(fault);
    }

    [Fact]
    public async Task Every_fault_of_the_rules_is_told_at_once()
    {
        const string yaml = """
            outboundMessages:
              - { name: A, object: Harbour__c }
              - { name: B, object: Contact, when: Rank = 1, fields: [Rope], url: "ftp://example.com", sessionOf: nobody@example.com }
              - { object: Contact, was: LastName }
            apexTriggers:
              - { name: B, object: Contact, on: [insert, merge], form: visualforce, changed: [Mast], namedCredential: { clientId: me } }
              - { name: C, object: Contact }
            """;

        SchemaException error = await Should.ThrowAsync<SchemaException>(
            SimulatedOrg.StartAsync(new SimulatorOptions { RulesYaml = yaml }, OrgDriver.Ct));

        foreach (string fault in new[]
        {
            "rule 'A' is about the unknown object 'Harbour__c'", "rule 'B': 'Rank = 1': No such column 'Rank'", "unknown field 'Contact.Rope'", "'ftp://example.com' is no http or https URL",
            "session of the unknown user 'nobody@example.com'", "a rule has no name", "rule 'B' is declared twice", "'merge' is no operation", "'visualforce' is no form",
            "unknown field 'Contact.Mast'", "token URL '' is none", "rule 'C' runs after no operation", "rule '': 'LastName'",
        })
            error.Message.ShouldContain(fault);
    }

    [Fact]
    public async Task Rules_may_stand_in_the_file_of_the_org_and_beside_it()
    {
        const string schema = """
            users: [{ username: me@example.com, password: secret }]
            objects: [{ name: Ship__c, fields: [{ name: Name, type: string, length: 80 }] }]
            outboundMessages: [{ name: Launch, object: Ship__c, url: "http://127.0.0.1:1/ships" }]
            """;
        const string rules = "apexTriggers: [{ name: Sail, object: Ship__c, on: [insert], url: \"http://127.0.0.1:1/ships\" }]";
        await using SimulatedOrg org = await SimulatedOrg.StartAsync(new SimulatorOptions { SchemaYaml = schema, RulesYaml = rules }, OrgDriver.Ct);

        org.Create("Ship__c", new { Name = "Vasa" });

        await org.WhenAsync(org => org.Ledger.Deliveries.Count == 2, OrgDriver.Ct).WaitAsync(TimeSpan.FromSeconds(10), OrgDriver.Ct);
        org.Ledger.Deliveries.Select(delivery => delivery.Rule).ShouldBe(["Launch", "Sail"], ignoreOrder: true);
    }

    [Fact]
    public async Task Retries_are_not_slower_than_those_of_a_real_org() =>
        (await Should.ThrowAsync<ArgumentException>(SimulatedOrg.StartAsync(new SimulatorOptions { RetrySpeed = 0.5 }, OrgDriver.Ct)))
            .Message.ShouldContain("0.5");

    [Fact]
    public async Task A_misspelt_setting_is_refused_with_its_line()
    {
        SchemaException error = await Should.ThrowAsync<SchemaException>(
            SimulatedOrg.StartAsync(new SimulatorOptions { SchemaYaml = "org:\n  nmae: x" }, OrgDriver.Ct));

        error.Message.ShouldContain("line 2");
    }

    [Theory]
    [InlineData("001A000000aBcDe", "001A000000aBcDeIAK")]
    [InlineData("001A000000aBcDeIAK", "001A000000aBcDeIAK")]
    [InlineData("001A000000aBcD", null)]
    [InlineData("001A000000aBcD!", null)]
    public void Ids_have_a_suffix_that_tells_their_case(string text, string? normal) => SalesforceId.Normalise(text).ShouldBe(normal);
}
