using System.Text;
using System.Text.Json;
using SalesforceBridge.Backfills;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Sources.Soql;

namespace SalesforceBridge.Tests.Backfills;

/// <summary>What records look like in the shape of events, and the queries that find them.</summary>
public sealed class SnapshotTests
{
    private const string Id = "001000000000001AAA";

    private static readonly ObjectDescribe Account = new("Account",
    [
        new("Id", "id"), new("Name", "string"), new("BillingAddress", "address"), new("Photo", "base64"), new("CreatedDate", "datetime"), new("SystemModstamp", "datetime"),
        new("BillingStreet", "textarea", CompoundFieldName: "BillingAddress"), new("BillingCity", "string", CompoundFieldName: "BillingAddress"),
        new("Place__c", "location"), new("Place__Latitude__s", "double", CompoundFieldName: "Place__c"),
    ]);

    private static readonly ObjectDescribe Contact = new("Contact",
    [
        new("Id", "id"), new("SystemModstamp", "datetime"), new("Name", "string", CompoundFieldName: "Name"), new("FirstName", "string", CompoundFieldName: "Name"),
    ]);

    [Fact]
    public void Parts_of_a_field_are_inside_of_their_whole_as_change_events_have_them()
    {
        var snapshot = new ChangeSnapshot("change Account", "backfill", "r 1", Account);

        snapshot.Fields.Select(field => field.Name).ShouldBe(["Id", "Name", "CreatedDate", "SystemModstamp", "BillingStreet", "BillingCity", "Place__Latitude__s"]);
        JsonElement told = Told(snapshot.Of(JsonElement.Parse($$"""
            {"attributes":{},"Id":"{{Id}}","Name":"at 2026-11-23T08:00:00.000+0000","CreatedDate":"2026-11-23T08:00:00.000+0000","SystemModstamp":"2026-11-23T09:00:00.000+0000",
             "BillingStreet":null,"BillingCity":"Berlin","Place__Latitude__s":52.50}
            """)));

        told.GetProperty("ChangeEventHeader").GetProperty("nulledFields").GetRawText().ShouldBe("""["BillingAddress.Street"]""");
        told.GetProperty("ChangeEventHeader").GetProperty("commitTimestamp").GetInt64().ShouldBe(1_795_424_400_000);
        told.EnumerateObject().Where(member => member.Name != "ChangeEventHeader").Select(member => $"{member.Name}={member.Value.GetRawText()}").ShouldBe(
        [
            "Name=\"at 2026-11-23T08:00:00.000+0000\"", "CreatedDate=\"2026-11-23T08:00:00.000Z\"",
            """BillingAddress={"Street":null,"City":"Berlin"}""", """Place__c={"Latitude":52.50}""",
        ]);
    }

    [Fact]
    public void A_name_that_is_made_of_parts_is_not_asked_for_itself() =>
        new ChangeSnapshot("change Contact", "backfill", "r 1", Contact).Fields.Select(field => field.Name).ShouldBe(["Id", "SystemModstamp", "FirstName"]);

    [Theory]
    [InlineData("select Id, CreatedDate from Account", $$"""{"Id":"{{Id}}","CreatedDate":"2026-11-23T08:00:00.000Z"}""")]
    [InlineData("select Id, CreatedDate, SystemModstamp from Account", $$"""{"Id":"{{Id}}","CreatedDate":"2026-11-23T08:00:00.000Z","SystemModstamp":"2026-11-23T09:00:00.000Z"}""")]
    public void A_topics_record_has_the_fields_of_its_query(string query, string payload)
    {
        NewMessage message = new TopicSnapshot("topic T", query, Account).Of(JsonElement.Parse(
            $$"""{"attributes":{},"Id":"{{Id}}","CreatedDate":"2026-11-23T08:00:00.000+0000","SystemModstamp":"2026-11-23T09:00:00.000+0000"}"""));

        Encoding.UTF8.GetString(message.Payload.Span).ShouldBe(payload);
        message.Key.ShouldBeNull();
    }

    [Fact]
    public void Conditions_stand_in_parentheses_and_pages_follow_their_ids()
    {
        RecordQuery query = RecordQuery.Of(SoqlQuery.Parse("select Name from Account a where Name = 'x' or Name = 'y'"), "Phone = null");

        query.After(null).ShouldBe("select Name, Id, SystemModstamp from Account a where (Name = 'x' or Name = 'y') and (Phone = null) order by Id limit 2000");
        query.After(Id).ShouldEndWith($" and (Phone = null) and Id > '{Id}' order by Id limit 2000");
        query.These([Id, "B"]).ShouldEndWith($" and Id in ('{Id}','B')");
        query.Count().ShouldBe("select count() from Account a where (Name = 'x' or Name = 'y') and (Phone = null)");
    }

    [Theory]
    [InlineData("deletes")]
    [InlineData("deletes after 001")]
    [InlineData("records")]
    [InlineData("records after 001")]
    [InlineData("records after 001, again 002 003")]
    [InlineData("records, again 002")]
    [InlineData("records told, again 002 003")]
    public void A_place_is_read_as_it_was_stored(string stored) => BackfillPlace.Read(stored)!.ToString().ShouldBe(stored);


    private static JsonElement Told(NewMessage message) => JsonElement.Parse(message.Payload.Span);
}
