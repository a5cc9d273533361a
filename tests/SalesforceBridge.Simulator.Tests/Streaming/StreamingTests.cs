using System.Text;
using System.Text.Json;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Streaming;

public sealed class StreamingTests
{
    private const string OrderPlaced = "/event/Order_Placed__e";

    [Fact]
    public async Task A_published_event_reaches_a_held_poll()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);

        JsonElement handshake = await bayeux.HandshakeAsync();
        JsonElement first = (await bayeux.SayAsync(bayeux.ConnectAtOnce))[0];
        JsonElement subscribed = await bayeux.SubscribeAsync(OrderPlaced, -1);
        Task<IReadOnlyList<JsonElement>> poll = bayeux.ConnectAsync();
        string uuid = (await driver.PostAsync("sobjects/Order_Placed__e", new { Order_Id__c = "a00", Amount__c = 7 })).Json.GetProperty("errors")[0].GetProperty("message").GetString()!;
        IReadOnlyList<JsonElement> messages = await poll;

        handshake.GetProperty("ext").GetProperty("replay").GetBoolean().ShouldBeTrue();
        handshake.TryGetProperty("advice", out _).ShouldBeFalse();
        first.GetProperty("advice").GetRawText().ShouldBe("""{"interval":0,"timeout":110000,"reconnect":"retry"}""");
        subscribed.GetProperty("subscription").GetString().ShouldBe(OrderPlaced);
        messages[0].GetProperty("channel").GetString().ShouldBe(OrderPlaced);
        messages[0].Payload().GetProperty("Amount__c").GetRawText().ShouldBe("7.0");
        messages[0].Payload().GetProperty("Customer__c").ValueKind.ShouldBe(JsonValueKind.Null);
        messages[0].Payload().GetProperty("CreatedDate").GetString()!.ShouldEndWith("Z");
        messages[0].GetProperty("data").GetProperty("event").GetProperty("EventUuid").GetString().ShouldBe(uuid);
        messages[1].Succeeded().ShouldBeTrue();
        messages[1].GetProperty("id").GetString().ShouldBe("2");
        messages[1].TryGetProperty("advice", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Replay_begins_at_the_tip_at_the_oldest_or_after_an_event()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.PublishMany("Order_Placed__e", Amounts(1, 30));
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();

        await bayeux.SubscribeAsync(OrderPlaced, -2);
        IReadOnlyList<JsonElement> all = await bayeux.ReceiveAsync(30);
        await bayeux.SubscribeAsync(OrderPlaced, all[19].ReplayId());
        IReadOnlyList<JsonElement> rest = await bayeux.ReceiveAsync(10);
        await bayeux.SubscribeAsync(OrderPlaced, -1);
        driver.Org.PublishMany("Order_Placed__e", Amounts(31, 1));
        IReadOnlyList<JsonElement> later = await bayeux.ReceiveAsync(1);

        Amounts(all).ShouldBe(Enumerable.Range(1, 30));
        Amounts(rest).ShouldBe(Enumerable.Range(21, 10));
        Amounts(later).ShouldBe([31]);
        all.Select(message => message.ReplayId()).ShouldBeInOrder();
        (all[^1].ReplayId() - all[0].ReplayId()).ShouldBeGreaterThan(29);
    }

    [Fact]
    public async Task A_hundred_thousand_events_replay_in_bounded_replies()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { MaxEventsPerPoll = 5_000 });
        driver.Org.PublishMany("Order_Placed__e", Amounts(1, 100_000));
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync(OrderPlaced, -2);

        IReadOnlyList<JsonElement> first = await bayeux.ConnectAsync();
        IReadOnlyList<JsonElement> rest = await bayeux.ReceiveAsync(95_000);

        first.Count.ShouldBe(5_001);
        Amounts(rest).ShouldBe(Enumerable.Range(5_001, 95_000));
    }

    [Fact]
    public async Task A_replay_id_that_was_never_given_is_refused_in_the_exact_words()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();

        (await bayeux.SubscribeAsync(OrderPlaced, 999)).Error().ShouldBe(
            "400::The replayId {999} you provided was invalid.  Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.");
        (await bayeux.SayAsync(bayeux.ConnectAtOnce))[0].Succeeded().ShouldBeTrue();
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(1000, 73)]
    public async Task A_replay_id_expires_by_count_and_by_time(int keptEvents, int hours)
    {
        var clock = new SettableClock();
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { TimeProvider = clock, KeptEvents = keptEvents });
        driver.Org.PublishMany("Order_Placed__e", Amounts(1, 6));
        clock.Advance(TimeSpan.FromHours(hours));
        driver.Org.PublishMany("Order_Placed__e", Amounts(7, 4));
        await driver.LogInAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();

        await bayeux.SubscribeAsync(OrderPlaced, -2);
        IReadOnlyList<JsonElement> kept = await bayeux.ReceiveAsync(4);

        Amounts(kept).ShouldBe([7, 8, 9, 10]);
        (await bayeux.SubscribeAsync(OrderPlaced, 1)).Error()!.ShouldStartWith("400::The replayId {1} you provided was invalid.");
        (await bayeux.SubscribeAsync(OrderPlaced, kept[0].ReplayId())).Succeeded().ShouldBeTrue();
    }

    [Fact]
    public async Task A_replay_map_without_the_channel_is_refused()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();

        JsonElement reply = (await bayeux.SayAsync(new { channel = "/meta/subscribe", clientId = bayeux.ClientId, subscription = OrderPlaced, ext = new { replay = new { } } }))[0];

        reply.Error().ShouldStartWith("400::The replayId for channel {/event/Order_Placed__e} wasn't found using the provided replay ID map {{}}.");
    }

    [Theory]
    [InlineData("/event/Nope__e", "400::The channel you requested to subscribe to doesn't exist {/event/Nope__e}")]
    [InlineData("/event/order_placed__e", "400::The channel you requested to subscribe to doesn't exist {/event/order_placed__e}")]
    [InlineData("/u/Nope", "404::Unknown channel")]
    [InlineData("/nope", "403::Cannot create channel {/nope}")]
    public async Task An_unknown_channel_is_refused(string channel, string error)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();

        (await bayeux.SubscribeAsync(channel, -1)).Error().ShouldBe(error);
    }

    [Fact]
    public async Task A_custom_channel_carries_its_members_under_its_own_name()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync("/event/Orders__chn", -1);

        driver.Org.Publish("Order_Placed__e", new { Amount__c = 1 });
        driver.Org.Publish("Large_Order__e", new { Order_Id__c = "a" });
        IReadOnlyList<JsonElement> events = await bayeux.ReceiveAsync(2);

        events.Select(message => message.GetProperty("channel").GetString()).ShouldAllBe(channel => channel == "/event/Orders__chn");
        events[1].Payload().GetProperty("Order_Id__c").GetString().ShouldBe("a");
    }

    [Fact]
    public async Task Record_changes_are_streamed_with_their_header()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync("/data/ChangeEvents", -1);

        string account = (await driver.PostAsync("sobjects/Account", new { Name = "A", Phone = "1" })).Id;
        await driver.PatchAsync($"sobjects/Account/{account}", new { Name = "A", Phone = (string?)null, Website = "w" });
        driver.Org.Delete("Account", account);
        IReadOnlyList<JsonElement> events = await bayeux.ReceiveAsync(3);
        JsonElement[] headers = [.. events.Select(message => message.Payload().GetProperty("ChangeEventHeader"))];

        headers.Select(header => header.GetProperty("changeType").GetString()).ShouldBe(["CREATE", "UPDATE", "DELETE"]);
        headers.ShouldAllBe(header => header.GetProperty("entityName").GetString() == "Account" && header.GetProperty("recordIds")[0].GetString() == account);
        headers[0].GetProperty("changeOrigin").GetString().ShouldBe("com/salesforce/api/rest/62.0");
        headers[1].GetProperty("changedFields").EnumerateArray().Select(name => name.GetString()).ShouldBe(["Phone", "Website", "LastModifiedDate"]);
        headers[1].GetProperty("nulledFields").EnumerateArray().Select(name => name.GetString()).ShouldBe(["Phone"]);
        headers.Select(header => header.GetProperty("transactionKey").GetString()).ShouldBeUnique();
        events[0].Payload().GetProperty("Name").GetString().ShouldBe("A");
        events[1].Payload().TryGetProperty("Name", out _).ShouldBeFalse();
        events[1].GetProperty("data").GetProperty("event").TryGetProperty("EventUuid", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Changes_of_one_transaction_share_its_key()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync("/data/Customers__chn", -1);

        driver.Org.Change(transaction =>
        {
            string account = transaction.Create("Account", new { Name = "A" });
            transaction.Update("Account", account, new { Name = "B" });
            return transaction.Create("Contact", new { LastName = "C", AccountId = account });
        });
        JsonElement[] headers = [.. (await bayeux.ReceiveAsync(3)).Select(message => message.Payload().GetProperty("ChangeEventHeader"))];

        headers.Select(header => header.GetProperty("transactionKey").GetString()).Distinct().Count().ShouldBe(1);
        headers.Select(header => header.GetProperty("sequenceNumber").GetInt32()).ShouldBe([1, 2, 3]);
        Should.Throw<InvalidOperationException>(() => driver.Org.Change(transaction =>
        {
            transaction.Create("Account", new { Name = "D" });
            return transaction.Create("Account", new { Phone = "1" });
        }));
        driver.Org.Query("select Id from Account where Name = 'D'").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_push_topic_tells_of_rows_its_query_finds()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync("/topic/CustomerAccounts", -1);

        driver.Org.Create("Account", new { Name = "A", Type = "Partner" });
        string id = driver.Org.Create("Account", new { Name = "B", Type = "Customer" });
        driver.Org.Update("Account", id, new { Phone = "1" });
        driver.Org.Update("Account", id, new { Name = "C" });
        IReadOnlyList<JsonElement> events = await bayeux.ReceiveAsync(2);

        events.Select(message => message.GetProperty("data").GetProperty("event").GetProperty("type").GetString()).ShouldBe(["created", "updated"]);
        events[1].GetProperty("data").GetProperty("sobject").GetProperty("Name").GetString().ShouldBe("C");
    }

    [Fact]
    public async Task Uuids_are_told_from_version_52_on()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Publish("Order_Placed__e", new { Amount__c = 1 });
        using var old = new BayeuxDriver(driver, version: "51.0");
        await old.HandshakeAsync();
        await old.SubscribeAsync(OrderPlaced, -2);

        (await old.ReceiveAsync(1))[0].GetProperty("data").GetProperty("event").TryGetProperty("EventUuid", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Unsubscribe_ends_the_events_and_disconnect_the_session()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync(OrderPlaced, -1);

        (await bayeux.SayAsync(new { channel = "/meta/unsubscribe", clientId = bayeux.ClientId, subscription = OrderPlaced }))[0].Succeeded().ShouldBeTrue();
        driver.Org.Publish("Order_Placed__e", new { Amount__c = 1 });
        (await bayeux.SayAsync(bayeux.ConnectAtOnce)).Count.ShouldBe(1);
        (await bayeux.SayAsync(bayeux.Disconnect))[0].Succeeded().ShouldBeTrue();
        driver.Org.StreamingSessions.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_payload_can_be_sent_as_it_is()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync(OrderPlaced, -1);

        driver.Org.PublishVerbatim("Order_Placed__e", Encoding.UTF8.GetBytes("[1,\"\\u0000\"]"));

        (await bayeux.ReceiveAsync(1))[0].Payload().GetRawText().ShouldBe("[1,\"\\u0000\"]");
    }

    private static IEnumerable<object> Amounts(int first, int count) => Enumerable.Range(first, count).Select(amount => new { Amount__c = amount });

    private static IEnumerable<int> Amounts(IEnumerable<JsonElement> events) => events.Select(message => (int)message.Payload().GetProperty("Amount__c").GetDouble());
}
