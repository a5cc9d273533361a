using System.Net;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class EventSchemaTests
{
    private const string Route = "GET sobjects/Any__e/eventSchema";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(EventSchemaFormat.Compact, "long")]
    [InlineData(EventSchemaFormat.Expanded, "string")]
    public async Task An_event_tells_what_it_carries(EventSchemaFormat format, string moment)
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        EventSchema schema = await client.Rest.GetEventSchemaAsync("Order_Placed__e", format, Ct);

        (schema.Name, schema.Namespace).ShouldBe(("Order_Placed__e", "com.sforce.eventbus"));
        schema.Fields.Select(field => (field.Name, TypeOf(field), field.Nullable)).ShouldBe([
            ("CreatedDate", moment, false), ("CreatedById", "string", false), ("Order_Id__c", "string", true), ("Order_Number__c", "string", true),
            ("Amount__c", "double", true), ("Customer__c", "string", true), ("Placed_At__c", moment, true), ("Note__c", "string", true),
        ]);
        schema.Fields[0].Doc.ShouldBe("CreatedDate:DateTime");
        schema.Fields[4].Doc.ShouldStartWith("Data:Double:00N");
    }

    [Fact]
    public async Task A_schema_is_found_again_by_its_id()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        EventSchema byName = await client.Rest.GetEventSchemaAsync("AccountChangeEvent", EventSchemaFormat.Compact, Ct);

        EventSchema byId = await client.Rest.GetEventSchemaByIdAsync(byName.Id!, EventSchemaFormat.Compact, Ct);
        EventSchema expanded = await client.Rest.GetEventSchemaByIdAsync(byName.Id!, EventSchemaFormat.Expanded, Ct);

        (byId.Name, byId.Id).ShouldBe(("AccountChangeEvent", byName.Id));
        byId.Fields.Select(field => field.Name).ShouldBe(byName.Fields.Select(field => field.Name));
        // The expanded form does not tell the id.
        (expanded.Name, expanded.Id).ShouldBe(("AccountChangeEvent", null));
        var header = (AvroType.Record)byId.Fields[0].Type;
        header.Name.ShouldBe("ChangeEventHeader");
        header.Fields.Single(field => field.Name == "recordIds").Type.ShouldBe(new AvroType.Array(new AvroType.Primitive("string")));
        ((AvroType.Enum)header.Fields.Single(field => field.Name == "changeType").Type).Symbols.Take(2).ShouldBe(["CREATE", "UPDATE"]);
    }

    [Fact]
    public async Task An_event_or_id_that_the_org_does_not_know_is_not_found()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        SalesforceException byName = await Should.ThrowAsync<SalesforceException>(client.Rest.GetEventSchemaAsync("Account", EventSchemaFormat.Compact, Ct));
        SalesforceException byId = await Should.ThrowAsync<SalesforceException>(client.Rest.GetEventSchemaByIdAsync("a/b?", EventSchemaFormat.Expanded, Ct));

        (byName.Code, byName.Status, byId.Code, byId.Status).ShouldBe(("NOT_FOUND", HttpStatusCode.NotFound, "NOT_FOUND", HttpStatusCode.NotFound));
        byName.Message.ShouldContain("read the event schema of Account");
        byId.Message.ShouldNotContain("a/b");
    }

    [Fact]
    public async Task Where_there_is_one_form_none_is_asked_for()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET /services/data/v42.0/sobjects/Any__e/eventSchema", Answer.Ok("""{"name":"Any__e","type":"record","fields":[]}"""));
        using var client = new Client(org, Client.Patient with { ApiVersion = "42.0" });

        EventSchema schema = await client.Rest.GetEventSchemaAsync("Any__e", EventSchemaFormat.Expanded, Ct);

        schema.Name.ShouldBe("Any__e");
        org.Requests.Single().Target.ShouldNotContain("?");
    }

    [Fact]
    public async Task Records_in_an_event_are_read_where_they_are_defined_and_where_they_are_named()
    {
        EventSchema schema = await ReadAsync("""
            {"type":"record","name":"AccountChangeEvent","namespace":"com.sforce.eventbus","fields":[
             {"name":"BillingAddress","type":["null",{"type":"record","name":"Address","fields":[
               {"name":"Street","type":["null","string"],"default":null},{"name":"Latitude","type":["null","double"],"default":null}]}],"doc":"Data:Address","default":null},
             {"name":"ShippingAddress","type":["null","Address"],"doc":"Data:Address","default":null},
             {"name":"OtherAddress","type":["com.sforce.eventbus.Address","null"]},
             {"name":"Name","type":["null","string",{"type":"record","name":"Switchable_PersonName","fields":[{"name":"LastName","type":["null","string"]}]}]}],
             "uuid":"IeRuaY6cbI_HsV8Rv1Mc5g"}
            """);

        var address = (AvroType.Record)schema.Fields[0].Type;
        address.Fields.Select(field => (field.Name, TypeOf(field), field.Nullable)).ShouldBe([("Street", "string", true), ("Latitude", "double", true)]);
        schema.Fields[1].Type.ShouldBeSameAs(address);
        schema.Fields[2].Type.ShouldBeSameAs(address);
        var name = (AvroType.Union)schema.Fields[3].Type;
        name.Types.Select(type => type.GetType()).ShouldBe([typeof(AvroType.Primitive), typeof(AvroType.Record)]);
        schema.Fields.ShouldAllBe(field => field.Nullable);
        schema.Id.ShouldBe("IeRuaY6cbI_HsV8Rv1Mc5g");
    }

    [Theory]
    [InlineData("""["null","string"]""", "string", null, true)]
    [InlineData("""["string","null"]""", "string", null, true)]
    [InlineData("""["string"]""", "string", null, false)]
    [InlineData("""{"type":"long","logicalType":"timestamp-millis"}""", "long", "timestamp-millis", false)]
    [InlineData("""["null",{"type":"long","logicalType":"timestamp-millis"}]""", "long", "timestamp-millis", true)]
    [InlineData("""{"type":["null",{"type":"int"}]}""", "int", null, true)]
    [InlineData("\"null\"", "null", null, true)]
    public async Task A_field_is_nullable_wherever_null_stands(string type, string name, string? logicalType, bool nullable)
    {
        EventField field = (await ReadFieldAsync(type)).Fields.Single();

        (field.Type, field.Nullable).ShouldBe((new AvroType.Primitive(name, logicalType), nullable));
    }

    [Fact]
    public async Task Lists_and_maps_tell_what_is_in_them()
    {
        (await ReadFieldAsync("""{"type":"array","items":{"type":"map","values":"double"}}""")).Fields.Single().Type
            .ShouldBe(new AvroType.Array(new AvroType.Map(new AvroType.Primitive("double"))));
        ((AvroType.Union)((AvroType.Array)(await ReadFieldAsync("""{"type":"array","items":["null","string"]}""")).Fields.Single().Type).Items).Types
            .ShouldBe([new AvroType.Primitive("null"), new AvroType.Primitive("string")]);
    }

    [Theory]
    [InlineData("\"com.sforce.eventbus.Later\"")]
    [InlineData("""{"type":"fixed","name":"Hash","size":4}""")]
    [InlineData("""{"type":"record","name":"Bare"}""")]
    [InlineData("""{"type":"array"}""")]
    [InlineData("""{"type":"enum","symbols":["A"]}""")]
    [InlineData("""{"kind":"vector"}""")]
    [InlineData("7")]
    public async Task A_type_that_is_not_known_is_kept_as_it_is_and_the_other_fields_are_read(string type)
    {
        EventSchema schema = await ReadAsync($$"""{"name":"Any__e","type":"record","since":1,"fields":[{"name":"F__c","type":{{type}},"order":"ignore"},{"type":"int"},7,{"name":"G__c","type":"int"}]}""");

        schema.Fields.Select(field => field.Name).ShouldBe(["F__c", "G__c"]);
        schema.Fields[0].Type.ShouldBe(new AvroType.Unknown(type));
    }

    [Fact]
    public async Task A_record_in_itself_does_not_go_on_for_ever()
    {
        var node = (AvroType.Record)(await ReadFieldAsync("""{"type":"record","name":"Node","fields":[{"name":"next","type":["null","Node"]}]}""")).Fields.Single().Type;

        node.Fields.Single().Type.ShouldBe(new AvroType.Unknown("\"Node\""));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"fields":[]}""")]
    [InlineData("""{"name":"Any__e"}""")]
    [InlineData("""{"name":"Any__e","type":"expanded-record","fields":[{"name":"channel","type":"string"}]}""")]
    [InlineData("""{"name":"Any__e","type":"expanded-record","fields":[{"name":"data","type":{"type":"record","name":"Data","fields":[{"name":"payload","type":"string"}]}}]}""")]
    [InlineData("""{"name":"Any__e\ud800","fields":[]}""")]
    [InlineData("<html>")]
    public async Task What_is_no_schema_cannot_be_used(string body)
    {
        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(ReadAsync(body));

        (failure.Code, failure.Status).ShouldBe((OwnCodes.UnusableReply, HttpStatusCode.OK));
    }

    private static string TypeOf(EventField field) => field.Type.ShouldBeOfType<AvroType.Primitive>().Name;

    private static Task<EventSchema> ReadFieldAsync(string type) => ReadAsync($$"""{"name":"Any__e","type":"record","fields":[{"name":"F__c","type":{{type}}}]}""");

    private static async Task<EventSchema> ReadAsync(string schema)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, Answer.Ok(schema));
        using var client = new Client(org, Client.NoRetries);
        return await client.Rest.GetEventSchemaAsync("Any__e", EventSchemaFormat.Compact, Ct);
    }
}
