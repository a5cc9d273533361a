using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;
using SalesforceBridge.Simulator;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class CallOptionsTests
{
    private const string Ann = "ann@example.com", Bob = "bob@example.com", Bridge = "bridge@example.com";

    private static readonly AssignmentRule AnnsRule = AssignmentRule.Of("01QSM0000000002");

    public static TheoryData<AssignmentRule?, string> Rules => new() { { null, Bob }, { AssignmentRule.Active, Bob }, { AssignmentRule.None, Bridge }, { AnnsRule, Ann } };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task An_assignment_rule_gives_a_new_record_its_owner(AssignmentRule? rule, string owner)
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        await client.Rest.With(new CallOptions { AssignmentRule = rule }).CreateRecordAsync("Lead", Lead("a@example.com"), Ct);

        client.Org.Query("select Owner.Username from Lead").Single().GetProperty("Owner").GetProperty("Username").GetString().ShouldBe(owner);
    }

    [Fact]
    public async Task A_duplicate_is_refused_unless_the_call_allows_it()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        await client.Rest.CreateRecordAsync("Lead", Lead("a@example.com"), Ct);

        SalesforceException refused = await Should.ThrowAsync<SalesforceException>(client.Rest.CreateRecordAsync("Lead", Lead("a@example.com"), Ct));
        await client.Rest.With(new CallOptions { AllowDuplicates = true }).CreateRecordsAsync("Lead", [Lead("a@example.com"), Lead("a@example.com")], Ct);

        refused.Code.ShouldBe("DUPLICATES_DETECTED");
        client.Org.Query("select Id from Lead").Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_query_comes_in_pages_of_the_size_asked_for()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        client.Org.Change(change => Enumerable.Range(0, 450).Select(n => change.Create("Account", new { Name = $"n{n}" })).Count());

        List<int> pages = await client.Rest.With(new CallOptions { BatchSize = 200 })
            .QueryPagesAsync("select Id from Account", ApexJson.Default.JsonElement, Ct).Select(page => page.Records.Count).ToListAsync(Ct);

        pages.ShouldBe([200, 200, 50]);
    }

    [Fact]
    public async Task A_default_namespace_spares_the_prefix()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        var shipment = new Dictionary<string, object?> { ["Name"] = "S-1" };

        SalesforceException unknown = await Should.ThrowAsync<SalesforceException>(client.Rest.CreateRecordAsync("Shipment__c", shipment, Ct));
        await client.Rest.With(new CallOptions { DefaultNamespace = "acme" }).CreateRecordAsync("Shipment__c", shipment, Ct);

        unknown.Code.ShouldBe("NOT_FOUND");
        client.Org.Query("select Name from acme__Shipment__c").Single().GetProperty("Name").GetString().ShouldBe("S-1");
    }

    [Fact]
    public async Task A_session_makes_calls_as_its_user()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        await client.Rest.With(new CallOptions { Session = client.Org.OpenSession(Ann) }).InvokeFlowAsync("Accept_Order", [Order], Ct);
        await client.Rest.InvokeFlowAsync("Accept_Order", [Order], Ct);

        client.Org.Ledger.ActionRuns.Select(run => run.User).ShouldBe([Ann, Bridge]);
    }

    [Theory]
    [InlineData(null, null, "client=host")]
    [InlineData("lane", null, "client=lane")]
    [InlineData(null, "acme", "client=host, defaultNamespace=acme")]
    [InlineData("lane", "acme", "client=lane, defaultNamespace=acme")]
    public async Task A_call_names_its_client_and_namespace_in_one_header(string? name, string? prefix, string header)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET limits", Answer.Ok("{}").With("Sforce-Limit-Info", "api-usage=7/100"));
        using var client = new Client(org, new SalesforceClientSettings { ClientName = "host" });

        SalesforceClient other = client.Rest.With(new CallOptions { ClientName = name, DefaultNamespace = prefix });
        await other.GetOrganizationLimitsAsync(Ct);

        org.Requests.Single().Headers["Sforce-Call-Options"].ShouldBe(header);
        client.Rest.ApiUsage.ShouldBe(other.ApiUsage);
        client.Rest.ApiUsage.ShouldNotBeNull();
    }

    [Fact]
    public async Task Options_that_no_header_can_say_are_refused()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var client = new Client(org);

        Should.Throw<ArgumentException>(() => client.Rest.With(new CallOptions { DefaultNamespace = "a,b" }));
        Should.Throw<ArgumentException>(() => client.Rest.With(new CallOptions { BatchSize = 100 }));
        foreach (string text in (string[])["a\r\nAuthorization: Bearer other", "a\0b", "a\u007f", "caf\u00e9", "\U0001F600"])
        {
            Should.Throw<ArgumentException>(() => client.Rest.With(new CallOptions { ClientName = text }));
            Should.Throw<ArgumentException>(() => client.Rest.With(new CallOptions { AssignmentRule = AssignmentRule.Of(text) }));
            Should.Throw<ArgumentException>(() => client.Rest.With(new CallOptions { Session = text })).Message.ShouldNotContain(text);
            await Should.ThrowAsync<ArgumentException>(() => client.Rest.SendAsync(
                new SalesforceRequest(HttpMethod.Get, "limits") { Headers = new Dictionary<string, string> { ["Sforce-Mru"] = text } }, Ct));
        }

        foreach (string name in (string[])["Content-Type", "a:b", "a\r\nb", ""])
        {
            await Should.ThrowAsync<ArgumentException>(() => client.Rest.SendAsync(
                new SalesforceRequest(HttpMethod.Get, "limits") { Headers = new Dictionary<string, string> { [name] = "x" } }, Ct));
        }

        org.Requests.ShouldBeEmpty();
        new CallOptions { Session = "secret" }.ToString().ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_long_body_is_packed_and_the_org_reads_it()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        await using ScriptedOrg scripted = await ScriptedOrg.StartAsync();
        scripted.On("POST sobjects/Account", new Answer(201, """{"id":"001","success":true,"errors":[]}"""));
        using var packing = new Client(scripted, new SalesforceClientSettings { CompressAbove = 100 });
        string name = new('n', 200);

        await packing.Rest.CreateRecordAsync("Account", Account(name), Ct);
        await packing.Rest.CreateRecordAsync("Account", Account("short"), Ct);
        using var packingToo = new Client(scripted, new SalesforceClientSettings { CompressAbove = 100 }, new OneSession(client.Org));
        await packingToo.Rest.CreateRecordAsync("Account", Account(name), Ct);

        scripted.Requests[0].Headers["Content-Encoding"].ShouldBe("gzip");
        int.Parse(scripted.Requests[0].Headers["Content-Length"]).ShouldBeLessThan(100);
        scripted.Requests[1].Headers.ContainsKey("Content-Encoding").ShouldBeFalse();
        client.Org.Query("select Name from Account").Single().GetProperty("Name").GetString().ShouldBe(name);
    }

    private sealed class OneSession(SimulatedOrg org) : ITokenSource
    {
        public ValueTask<AccessToken> GetAsync(CancellationToken ct) => new(new AccessToken(org.OpenSession(Bridge), org.InstanceUrl));

        public ValueTask<AccessToken> RenewAsync(AccessToken rejected, CancellationToken ct) => GetAsync(ct);
    }

    private static RecordJson Order => new Dictionary<string, object?> { ["orderId"] = "a1" };

    private static RecordJson Lead(string email) => new Dictionary<string, object?> { ["LastName"] = "x", ["Company"] = "y", ["Email"] = email };

    private static RecordJson Account(string name) => new Dictionary<string, object?> { ["Name"] = name };
}
