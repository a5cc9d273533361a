using System.Text.Json;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Streaming;

public sealed class PushTopicTests
{
    private static object Topic(string query = "select Id, Name from Account where Type = 'Customer'", string fields = "Referenced") =>
        new { Name = "Mine", Query = query, ApiVersion = 62.0, NotifyForFields = fields };

    [Fact]
    public async Task A_topic_that_is_created_streams_what_its_query_shows()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        (await driver.PostAsync("sobjects/PushTopic", Topic())).Status.ShouldBe(201);
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync("/topic/Mine", -1);

        string id = driver.Org.Create("Account", new { Name = "A", Type = "Customer" });
        driver.Org.Update("Account", id, new { Name = "B" });
        driver.Org.Delete("Account", id);
        IReadOnlyList<JsonElement> told = await bayeux.ReceiveAsync(3);

        told.Select(Type).ShouldBe(["created", "updated", "deleted"]);
        told[0].GetProperty("data").GetProperty("sobject").GetRawText().ShouldBe($$"""{"Id":"{{id}}","Name":"A"}""");
        told[2].GetProperty("data").GetProperty("sobject").GetRawText().ShouldBe($$"""{"Id":"{{id}}"}""");
        told[0].GetProperty("data").GetProperty("event").GetProperty("createdDate").GetString()!.ShouldEndWith("Z");
        told.Select(BayeuxMessages.ReplayId).ShouldBeInOrder();
    }

    [Theory]
    [InlineData("All", "Type Name Phone")]
    [InlineData("Referenced", "Type Name")]
    [InlineData("Select", "Name")]
    [InlineData("Where", "Type")]
    public async Task An_update_tells_when_a_watched_field_changed(string fields, string told)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string id = driver.Org.Create("Account", new { Name = "A", Type = "Prospect" });
        await driver.PostAsync("sobjects/PushTopic", Topic("select Id, Name from Account where Type != null", fields));
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync("/topic/Mine", -1);

        driver.Org.Update("Account", id, new { Type = "Customer" });
        driver.Org.Update("Account", id, new { Name = "B" });
        driver.Org.Update("Account", id, new { Phone = "1" });
        driver.Org.Create("Account", new { Name = "end", Type = "Partner" });
        IReadOnlyList<JsonElement> events = await bayeux.ReceiveAsync(told.Split(' ').Length + 1);

        events.Count.ShouldBe(told.Split(' ').Length + 1);
        events[^1].GetProperty("data").GetProperty("sobject").GetProperty("Name").GetString().ShouldBe("end");
    }

    [Fact]
    public async Task A_topic_tells_only_of_the_operations_it_asks_for_and_only_the_last_of_a_transaction()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        await driver.PostAsync("sobjects/PushTopic", new { Name = "Mine", Query = "select Id, Name from Account", ApiVersion = 62.0, NotifyForOperationCreate = false });
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync("/topic/Mine", -1);

        string id = driver.Org.Create("Account", new { Name = "A" });
        driver.Org.Change(transaction =>
        {
            transaction.Update("Account", id, new { Name = "B" });
            transaction.Update("Account", id, new { Name = "C" });
            return id;
        });
        IReadOnlyList<JsonElement> told = await bayeux.ReceiveAsync(1);

        told.Count.ShouldBe(1);
        told[0].GetProperty("data").GetProperty("sobject").GetProperty("Name").GetString().ShouldBe("C");
    }

    [Theory]
    [InlineData("select Id, Nope__c from Account", "No such column 'Nope__c' on entity 'Account'")]
    [InlineData("select Id from Nope__c", "sObject type 'Nope__c' is not supported")]
    [InlineData("select Name from Account", "must select Id")]
    [InlineData("select Id, count(Name) from Account group by Id", "Aggregate queries are not supported")]
    [InlineData("select count() from Account", "Aggregate queries are not supported")]
    [InlineData("select Id from Account limit 10", "'LIMIT' is not allowed")]
    [InlineData("select Id from Account offset 10", "'OFFSET' clause is not allowed")]
    [InlineData("select Id from Account order by Name", "'ORDER BY' clause is not allowed")]
    [InlineData("select Id, Owner.Name from Account", "relationships are not supported")]
    [InlineData("select Id from Account where Owner.Name = 'x'", "relationships are not supported")]
    [InlineData("select Id from Account where not Name = 'x'", "'NOT' is not supported")]
    [InlineData("select Id from Account where Id in (select AccountId from Contact)", "semi/anti join sub-selects are not supported")]
    public async Task A_query_that_no_topic_may_have_is_refused(string query, string message)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.PostAsync("sobjects/PushTopic", Topic(query));

        answer.Status.ShouldBe(400);
        answer.ErrorCode.ShouldBe("INVALID_FIELD");
        answer.Message.ShouldContain(message);
        answer.Json[0].GetProperty("fields")[0].GetString().ShouldBe("Query");
    }

    [Theory]
    [InlineData("""{"Name":"CustomerAccounts","Query":"select Id from Account","ApiVersion":62}""", "DUPLICATE_VALUE")]
    [InlineData("""{"Name":"ANameOfMoreThan25Characters","Query":"select Id from Account","ApiVersion":62}""", "STRING_TOO_LONG")]
    [InlineData("""{"Name":"T","Query":"select Id from Account"}""", "REQUIRED_FIELD_MISSING")]
    [InlineData("""{"Name":"T","Query":"select Id from Account","ApiVersion":62,"NotifyForFields":"Some"}""", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")]
    public async Task A_topic_that_lacks_something_is_refused(string body, string code)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        (await driver.PostAsync("sobjects/PushTopic", body)).ErrorCode.ShouldBe(code);
    }

    [Fact]
    public async Task A_topic_that_is_switched_off_or_deleted_can_not_be_subscribed_to()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string id = (await driver.PostAsync("sobjects/PushTopic", Topic())).Id;
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();

        await driver.PatchAsync("sobjects/PushTopic/" + id, new { IsActive = false });
        string? off = (await bayeux.SubscribeAsync("/topic/Mine", -1)).Error();
        await driver.PatchAsync("sobjects/PushTopic/" + id, new { IsActive = true, Name = "Renamed" });
        bool renamed = (await bayeux.SubscribeAsync("/topic/Renamed", -1)).Succeeded();
        await driver.DeleteAsync("sobjects/PushTopic/" + id);
        string? gone = (await bayeux.SubscribeAsync("/topic/Renamed", -1)).Error();

        off.ShouldBe("400::The channel you requested to subscribe to doesn't exist {/topic/Mine}");
        renamed.ShouldBeTrue();
        gone.ShouldBe("400::The channel you requested to subscribe to doesn't exist {/topic/Renamed}");
    }

    [Fact]
    public async Task A_subscriber_may_ask_for_some_values_only()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        await driver.PostAsync("sobjects/PushTopic", Topic("select Id, Name, Type from Account"));
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        const string filtered = "/topic/Mine?Type=Customer";

        JsonElement subscribed = (await bayeux.SayAsync(new
        {
            channel = "/meta/subscribe",
            clientId = bayeux.ClientId,
            subscription = filtered,
            id = "3",
            ext = new { replay = new Dictionary<string, long> { ["/topic/Mine"] = -1 } },
        }))[0];
        string? unknown = (await bayeux.SubscribeAsync("/topic/Mine?Phone=1")).Error();
        driver.Org.Create("Account", new { Name = "A", Type = "Prospect" });
        driver.Org.Create("Account", new { Name = "B", Type = "Customer" });
        JsonElement told = (await bayeux.ReceiveAsync(1))[0];

        subscribed.Succeeded().ShouldBeTrue();
        unknown.ShouldBe("400::Query fields {Phone} do not exist");
        told.GetProperty("channel").GetString().ShouldBe(filtered);
        told.GetProperty("data").GetProperty("sobject").GetProperty("Name").GetString().ShouldBe("B");
    }

    [Fact]
    public async Task Notifications_are_kept_for_a_day_and_events_for_three()
    {
        var clock = new SettableClock();
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { TimeProvider = clock, TokenLifetime = TimeSpan.FromDays(90) });
        driver.Org.Create("Account", new { Name = "old", Type = "Customer" });
        clock.Advance(TimeSpan.FromHours(25));
        driver.Org.Create("Account", new { Name = "new", Type = "Customer" });
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();

        await bayeux.SubscribeAsync("/topic/CustomerAccounts", -2);
        IReadOnlyList<JsonElement> told = await bayeux.ReceiveAsync(1);
        await bayeux.SubscribeAsync("/data/AccountChangeEvent", -2);
        IReadOnlyList<JsonElement> changes = await bayeux.ReceiveAsync(2);

        told.Single().GetProperty("data").GetProperty("sobject").GetProperty("Name").GetString().ShouldBe("new");
        changes.Count.ShouldBe(2);
    }

    private static string? Type(JsonElement message) => message.GetProperty("data").GetProperty("event").GetProperty("type").GetString();
}
