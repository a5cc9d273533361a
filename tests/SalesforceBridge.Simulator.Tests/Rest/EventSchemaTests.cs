using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest;

public sealed class EventSchemaTests
{
    private const string LowInk = """
            - name: Low_Ink__e
              fields:
                - { name: Printer_Model__c, type: string, length: 80 }
                - { name: Serial_Number__c, type: string, length: 80 }
                - { name: Ink_Percentage__c, type: double }
        """;

    [Fact]
    public async Task The_compact_form_is_the_record_of_the_payload()
    {
        await using OrgDriver driver = await StartAsync(LowInk);

        Answer answer = await driver.GetAsync("sobjects/Low_Ink__e/eventSchema?payloadFormat=COMPACT");

        answer.Status.ShouldBe(200);
        WithoutFieldIds(answer.Text).ShouldBe("""
            {"name":"Low_Ink__e","namespace":"com.sforce.eventbus","type":"record","fields":[
            {"name":"CreatedDate","type":"long","doc":"CreatedDate:DateTime"},
            {"name":"CreatedById","type":"string","doc":"CreatedBy:EntityId"},
            {"name":"Printer_Model__c","type":["null","string"],"doc":"Data:Text:00N","default":null},
            {"name":"Serial_Number__c","type":["null","string"],"doc":"Data:Text:00N","default":null},
            {"name":"Ink_Percentage__c","type":["null","double"],"doc":"Data:Double:00N","default":null}],
            "uuid":"5E5OtZj5_Gm6Vax9XMXH9A"}
            """.ReplaceLineEndings(""));
    }

    [Theory]
    [InlineData("sobjects/Low_Ink__e/eventSchema")]
    [InlineData("sobjects/low_ink__E/eventSchema?payloadFormat=EXPANDED")]
    [InlineData("event/eventSchema/5E5OtZj5_Gm6Vax9XMXH9A")]
    public async Task The_expanded_form_is_the_usual_one_and_tells_of_the_message_around_the_payload(string path)
    {
        await using OrgDriver driver = await StartAsync(LowInk);

        Answer answer = await driver.GetAsync(path);

        answer.Status.ShouldBe(200);
        WithoutFieldIds(answer.Text).ShouldBe("""
            {"name":"Low_Ink__e","namespace":"com.sforce.eventbus","type":"expanded-record","fields":[
            {"name":"data","type":{"type":"record","name":"Data","namespace":"","fields":[
            {"name":"schema","type":"string"},
            {"name":"payload","type":{"type":"record","name":"Payload","doc":"","fields":[
            {"name":"CreatedDate","type":"string","doc":"CreatedDate:DateTime"},
            {"name":"CreatedById","type":"string","doc":"CreatedBy:EntityId"},
            {"name":"Printer_Model__c","type":["null","string"],"doc":"Data:Text:00N","default":null},
            {"name":"Serial_Number__c","type":["null","string"],"doc":"Data:Text:00N","default":null},
            {"name":"Ink_Percentage__c","type":["null","double"],"doc":"Data:Double:00N","default":null}]}},
            {"name":"event","type":{"type":"record","name":"Event","fields":[{"name":"replayId","type":"long"}]}}]}},
            {"name":"channel","type":"string"}]}
            """.ReplaceLineEndings(""));
    }

    // Events of orgs of other people, with the ids that those orgs gave them.
    [Theory]
    [InlineData("Test_Event__e", "Message__c: string", "6L0yfG1TjHj3IeYaje5uZQ")]
    [InlineData("Order_Event__e", "Order_Number__c: string, City__c: string, Amount__c: currency", "_CADE3qaegX3ECEW0rlbYA")]
    public async Task An_id_is_the_one_that_an_org_gives(string name, string fields, string id)
    {
        IEnumerable<string[]> pairs = fields.Split(", ").Select(field => field.Split(": "));
        await using OrgDriver driver = await StartAsync(
            $"    - name: {name}\n      fields:\n" + string.Join('\n', pairs.Select(pair => $"        - {{ name: {pair[0]}, type: {pair[1]} }}")));

        (await IdOfAsync(driver, name)).ShouldBe(id);
    }

    [Theory]
    [InlineData("- { name: Message__c, type: double }")]
    [InlineData("- { name: Message_2__c, type: string }")]
    [InlineData("- { name: Message__c, type: string }\n        - { name: More__c, type: string }")]
    public async Task Another_field_or_type_makes_another_id(string fields)
    {
        await using OrgDriver driver = await StartAsync($"    - name: Test_Event__e\n      fields:\n        {fields}");

        string id = await IdOfAsync(driver, "Test_Event__e");

        id.Length.ShouldBe(22);
        id.ShouldNotBe("6L0yfG1TjHj3IeYaje5uZQ");
    }

    [Fact]
    public async Task An_event_is_delivered_with_the_id_of_its_schema()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync("/event/Order_Placed__e", -1);
        driver.Org.Publish("Order_Placed__e", new { Amount__c = 1 });
        driver.Org.PublishVerbatim("Order_Placed__e", "{}"u8.ToArray());

        JsonElement[] data = [.. (await bayeux.ReceiveAsync(2)).Select(message => message.GetProperty("data"))];

        string id = data[0].GetProperty("schema").GetString()!;
        data[1].GetProperty("schema").GetString().ShouldBe(id);
        JsonElement schema = (await driver.GetAsync($"event/eventSchema/{id}?payloadFormat=COMPACT")).Json;
        (schema.GetProperty("name").GetString(), schema.GetProperty("uuid").GetString()).ShouldBe(("Order_Placed__e", id));
        Names(schema.GetProperty("fields")).ShouldBe(data[0].GetProperty("payload").EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public async Task A_change_event_has_a_schema_with_its_header_and_what_it_may_carry()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync("/data/Order__ChangeEvent", -1);
        driver.Org.Create("Order__c", new { Amount__c = 1, Ordered_On__c = "2026-11-23" });

        JsonElement data = (await bayeux.ReceiveAsync(1))[0].GetProperty("data");

        JsonElement schema = (await driver.GetAsync($"event/eventSchema/{data.GetProperty("schema").GetString()}?payloadFormat=COMPACT")).Json;
        schema.GetProperty("name").GetString().ShouldBe("Order__ChangeEvent");
        JsonElement[] fields = [.. schema.GetProperty("fields").EnumerateArray()];
        data.GetProperty("payload").EnumerateObject().Select(field => field.Name).ShouldBeSubsetOf(Names(schema.GetProperty("fields")));
        JsonElement header = fields[0].GetProperty("type");
        Names(header.GetProperty("fields")).ShouldBe(data.GetProperty("payload").GetProperty("ChangeEventHeader").EnumerateObject().Select(field => field.Name), ignoreOrder: true);
        header.GetProperty("fields").GetRawText().ShouldContain("""{"name":"recordIds","type":{"type":"array","items":"string"}},{"name":"changeType","type":{"type":"enum","name":"ChangeType","symbols":["CREATE",""");
        fields.Single(field => field.GetProperty("name").GetString() == "Ordered_On__c").GetProperty("type").GetRawText().ShouldBe("""["null","long"]""");
        Names(schema.GetProperty("fields")).ShouldNotContain("SystemModstamp");
    }

    [Theory]
    [InlineData("sobjects/Nope__e/eventSchema")]
    [InlineData("sobjects/Account/eventSchema")]
    [InlineData("sobjects/OpportunityChangeEvent/eventSchema")]
    [InlineData("event/eventSchema/AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("/services/data/v39.0/sobjects/Order_Placed__e/eventSchema")]
    public async Task Where_there_is_none_it_is_not_found(string path)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.GetAsync(path);

        (answer.Status, answer.ErrorCode, answer.Message).ShouldBe((404, "NOT_FOUND", "The requested resource does not exist"));
    }

    [Fact]
    public async Task Older_versions_know_one_form_and_no_parameter()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer old = await driver.GetAsync("/services/data/v42.0/sobjects/Order_Placed__e/eventSchema");
        Answer compact = await driver.GetAsync("sobjects/Order_Placed__e/eventSchema?payloadFormat=COMPACT");

        old.Text.ShouldBe(compact.Text);
        (await driver.GetAsync("/services/data/v42.0/sobjects/Order_Placed__e/eventSchema?payloadFormat=COMPACT")).Status.ShouldBe(400);
        (await driver.GetAsync("sobjects/Order_Placed__e/eventSchema?payloadFormat=AVRO")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task Access_to_schemas_is_taken_away_on_demand_and_that_of_describes_stays()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Faults.Add(new Fault.RefusedCall(403, "INSUFFICIENT_ACCESS") { Call = ApiCallKind.EventSchema });

        Answer described = await driver.GetAsync("sobjects/Order_Placed__e/describe");
        Answer refused = await driver.GetAsync("sobjects/Order_Placed__e/eventSchema");

        described.Status.ShouldBe(200);
        (refused.Status, refused.ErrorCode).ShouldBe((403, "INSUFFICIENT_ACCESS"));
        driver.Org.Ledger.Counts[ApiCallKind.EventSchema].ShouldBe(1);
    }

    [Theory]
    [InlineData("Order_Placed__e", true, "e01")]
    [InlineData("AccountChangeEvent", false, null)]
    public async Task The_describe_of_an_event_says_where_its_schema_is(string name, bool isPublished, string? keyPrefix)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        JsonElement describe = (await driver.GetAsync($"sobjects/{name}/describe")).Json;
        JsonElement summary = (await driver.GetAsync($"sobjects/{name}")).Json.GetProperty("objectDescribe");

        describe.GetProperty("urls").GetProperty("eventSchema").GetString().ShouldBe($"/services/data/v62.0/sobjects/{name}/eventSchema");
        (describe.GetProperty("createable").GetBoolean(), describe.GetProperty("queryable").GetBoolean(), describe.GetProperty("keyPrefix").GetString())
            .ShouldBe((isPublished, false, keyPrefix));
        summary.GetProperty("name").GetString().ShouldBe(name);
    }

    [Theory]
    [InlineData("Order_Placed__e", new[] { "ReplayId", "CreatedDate", "CreatedById", "EventUuid", "Order_Id__c" })]
    [InlineData("AccountChangeEvent", new[] { "Id", "ReplayId", "ChangeEventHeader", "CreatedDate", "CreatedById" })]
    public async Task The_describe_of_an_event_has_fields_that_are_in_no_payload(string name, string[] first)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        JsonElement describe = (await driver.GetAsync($"sobjects/{name}/describe")).Json;

        Names(describe.GetProperty("fields")).Take(5).ShouldBe(first);
    }

    [Fact]
    public async Task A_change_event_is_no_object()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        (await driver.PostAsync("sobjects/AccountChangeEvent", new { Name = "A" })).Status.ShouldBe(404);
        (await driver.QueryAsync("select Id from AccountChangeEvent")).ErrorCode.ShouldBe("INVALID_TYPE");
    }

    private static Task<OrgDriver> StartAsync(string events) => OrgDriver.StartAsync(new SimulatorOptions
    {
        SchemaYaml = $$"""
            org: { id: 00D000000000abc, name: Mine }
            users: [{ username: bridge@example.com, password: secret }]
            connectedApps: [{ consumerKey: {{OrgDriver.ConsumerKey}}, consumerSecret: {{OrgDriver.ConsumerSecret}}, runAs: bridge@example.com }]
            events:
            {{events}}
            """,
    });

    private static async Task<string> IdOfAsync(OrgDriver driver, string name) =>
        (await driver.GetAsync($"sobjects/{name}/eventSchema?payloadFormat=COMPACT")).Json.GetProperty("uuid").GetString()!;

    private static IEnumerable<string> Names(JsonElement fields) => fields.EnumerateArray().Select(field => field.GetProperty("name").GetString()!);

    // Each org has its own.
    private static string WithoutFieldIds(string schema) =>
        System.Text.RegularExpressions.Regex.Replace(schema, ":00N[0-9A-Za-z]{12}", ":00N", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
}
