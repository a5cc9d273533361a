using System.Text.Json.Nodes;
using SalesforceBridge.Testing.Bayeux;

namespace SalesforceBridge.Bayeux.Tests;

/// <summary>The protocol as it goes when nothing fails.</summary>
public sealed class BayeuxClientTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_shakes_hands_connects_subscribes_and_polls()
    {
        await using var server = new FaultyBayeuxServer();
        await using var reading = new Reading(server);

        await reading.NextAsync<BayeuxMessage.SessionStarted>();
        (await reading.NextAsync<BayeuxMessage.Subscribed>()).Channel.ShouldBe("/event/A");
        await reading.NextAsync<BayeuxMessage.Quiet>();

        server.Requests.Take(4).Select(request => (string?)request["channel"])
            .ShouldBe(["/meta/handshake", "/meta/connect", "/meta/subscribe", "/meta/connect"]);
        ((int?)server.Requests[1]["advice"]!["timeout"]).ShouldBe(0);
        server.Requests[3]["advice"].ShouldBeNull();
    }

    [Fact]
    public async Task Events_come_in_order_over_many_polls()
    {
        await using var server = new FaultyBayeuxServer { EventsAPoll = 7 };
        server.PublishNumbers("/event/A", 100);
        await using var reading = new Reading(server);
        await reading.UntilAsync(r => r.Numbers().Count >= 100);
        server.PublishNumbers("/event/A", 100);

        await reading.UntilAsync(r => r.Numbers().Count >= 200);

        reading.Numbers().ShouldBe(Enumerable.Range(1, 200));
        server.Count("/meta/handshake").ShouldBe(1);
        server.ConcurrentConnects.ShouldBe(1);
    }

    [Fact]
    public async Task Connections_are_reused()
    {
        await using var server = new FaultyBayeuxServer { Hold = TimeSpan.FromMilliseconds(1) };
        await using var reading = new Reading(server);

        await reading.UntilAsync(r => r.Messages.OfType<BayeuxMessage.Quiet>().Count() >= 50);

        server.ConnectionsAccepted.ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task Every_request_carries_the_cookies_of_its_own_session()
    {
        await using var server = new FaultyBayeuxServer();
        await using var reading = new Reading(server);
        await reading.NextAsync<BayeuxMessage.Quiet>();
        server.Forget();
        await reading.NextAsync<BayeuxMessage.SessionEnded>();
        await reading.NextAsync<BayeuxMessage.Quiet>();

        int second = server.Requests.ToList().FindLastIndex(request => (string?)request["channel"] == "/meta/handshake");

        server.WireRequests[second].Headers.ContainsKey("Cookie").ShouldBeFalse();
        server.WireRequests[second + 1].Headers["Cookie"].ShouldContain("BAYEUX_BROWSER=cookie2");
        server.WireRequests[second + 1].Headers["Cookie"].ShouldContain("sfdc-stream=x");
        server.WireRequests[1].Headers["Cookie"].ShouldContain("BAYEUX_BROWSER=cookie1");
    }

    [Fact]
    public async Task Every_message_is_posted_alone_as_json_to_the_bare_address()
    {
        await using var server = new FaultyBayeuxServer();
        await using var reading = new Reading(server);
        await reading.NextAsync<BayeuxMessage.Quiet>();

        server.WireRequests.ShouldAllBe(request => request.Path == "/cometd/62.0" && request.Headers["Content-Type"] == "application/json");
    }

    [Fact]
    public async Task A_channel_name_outside_of_ascii_works()
    {
        await using var server = new FaultyBayeuxServer();
        await using var reading = new Reading(server, channels: ["/u/Grüße-日本"]);
        await reading.NextAsync<BayeuxMessage.Subscribed>();

        server.PublishNumbers("/u/Grüße-日本", 1);

        await reading.UntilAsync(r => r.Numbers("/u/Grüße-日本").Count == 1);
    }

    [Fact]
    public async Task A_channel_added_during_a_poll_is_subscribed_without_waiting_for_it()
    {
        await using var server = new FaultyBayeuxServer { Hold = TimeSpan.FromSeconds(30) };
        await using var reading = new Reading(server, Reading.Quick with { PollTimeout = TimeSpan.FromSeconds(30) });
        await reading.NextAsync<BayeuxMessage.Subscribed>();
        await server.UntilAsync(s => s.Count("/meta/connect") == 2, Ct);

        reading.Client.Want(new HashSet<string> { "/event/A", "/event/B" });

        (await reading.NextAsync<BayeuxMessage.SessionEnded>()).Failure.ShouldBeOfType<BayeuxFailure.Renewed>();
        await reading.NextAsync<BayeuxMessage.Subscribed>();
        await reading.NextAsync<BayeuxMessage.Subscribed>();
        server.Count("/meta/disconnect").ShouldBe(1);
    }

    [Fact]
    public async Task A_channel_taken_away_is_unsubscribed_and_the_session_goes_on()
    {
        await using var server = new FaultyBayeuxServer();
        await using var reading = new Reading(server, channels: ["/event/A", "/event/B"]);
        await reading.NextAsync<BayeuxMessage.Quiet>();

        reading.Client.Want(new HashSet<string> { "/event/A" });

        await server.UntilAsync(s => s.Count("/meta/unsubscribe") == 1, Ct);
        await reading.NextAsync<BayeuxMessage.Quiet>();
        server.Count("/meta/handshake").ShouldBe(1);
        ((string?)server.Requests.Single(request => (string?)request["channel"] == "/meta/unsubscribe")["subscription"]).ShouldBe("/event/B");
    }

    [Fact]
    public async Task Without_wanted_channels_there_is_no_session()
    {
        await using var server = new FaultyBayeuxServer();
        await using var reading = new Reading(server);
        await reading.NextAsync<BayeuxMessage.Quiet>();

        reading.Client.Want(new HashSet<string>());

        await reading.NextAsync<BayeuxMessage.SessionEnded>();
        await server.UntilAsync(s => s.Count("/meta/disconnect") == 1, Ct);
        server.Count("/meta/handshake").ShouldBe(1);
        reading.Client.Want(new HashSet<string> { "/event/A" });
        await reading.NextAsync<BayeuxMessage.Subscribed>();
    }

    [Fact]
    public async Task A_channel_can_be_subscribed_anew_in_the_same_session()
    {
        await using var server = new FaultyBayeuxServer();
        await using var reading = new Reading(server);
        await reading.NextAsync<BayeuxMessage.Subscribed>();

        reading.Client.SubscribeAgain("/event/A");

        await reading.NextAsync<BayeuxMessage.Subscribed>();
        server.Count("/meta/unsubscribe").ShouldBe(1);
        server.Count("/meta/handshake").ShouldBe(1);
    }

    [Fact]
    public async Task Ending_the_reading_says_goodbye()
    {
        await using var server = new FaultyBayeuxServer { Hold = TimeSpan.FromSeconds(30) };
        await using var reading = new Reading(server, Reading.Quick with { PollTimeout = TimeSpan.FromSeconds(30) });
        await server.UntilAsync(s => s.Count("/meta/connect") == 2, Ct);

        await reading.StopAsync();

        server.Count("/meta/disconnect").ShouldBe(1);
    }

    [Fact]
    public async Task The_interval_that_the_server_advises_is_kept_until_it_advises_another()
    {
        await using var server = new FaultyBayeuxServer
        {
            Hold = TimeSpan.FromMilliseconds(1),
            Advice = new JsonObject { ["interval"] = 60, ["timeout"] = 1000, ["reconnect"] = "retry" },
        };
        await using var reading = new Reading(server);
        await reading.NextAsync<BayeuxMessage.Quiet>();
        long began = TimeProvider.System.GetTimestamp();

        await reading.NextAsync<BayeuxMessage.Quiet>();
        await reading.NextAsync<BayeuxMessage.Quiet>();

        TimeProvider.System.GetElapsedTime(began).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task A_poll_may_take_as_long_as_the_server_advises()
    {
        await using var server = new FaultyBayeuxServer
        {
            Hold = TimeSpan.FromMilliseconds(700),
            Advice = new JsonObject { ["interval"] = 0, ["timeout"] = 700, ["reconnect"] = "retry" },
        };
        BayeuxOptions impatient = Reading.Quick with { PollTimeout = TimeSpan.FromMilliseconds(1), PollAllowance = TimeSpan.FromMilliseconds(500) };
        await using var reading = new Reading(server, impatient);

        await reading.NextAsync<BayeuxMessage.Quiet>();

        server.Count("/meta/handshake").ShouldBe(1);
    }

    [Fact]
    public async Task Data_is_handed_over_as_it_came_whatever_it_is()
    {
        byte[] reply =
        [
            .. """[{"channel":"/event/A"},{"data":null,"channel":"/event/A"},{"channel":"/event/A","data":"text"},7,{"x":1},"""u8,
            .. """{"channel":"/event/A","data":{"a":" """u8, 0xFF, .. "\"}},{\"channel\":\"/meta/connect\",\"successful\":true}]"u8,
        ];
        await using var server = new FaultyBayeuxServer();
        server.Fail("/meta/connect", Fault.Body(reply));
        using SocketsHttpHandler handler = BayeuxClient.CreateHandler();
        var client = new BayeuxClient(new PlainDialect(server.Address), handler, Reading.Quick, TimeProvider.System);
        client.Want(new HashSet<string> { "/event/A" });

        BayeuxMessage message = await client.ReadAsync(Ct).FirstAsync(message => message is BayeuxMessage.Data, Ct);

        IReadOnlyList<BayeuxData> items = message.ShouldBeOfType<BayeuxMessage.Data>().Items;
        items.Count.ShouldBe(4);
        items[0].Data.IsEmpty.ShouldBeTrue();
        items[1].Data.ToArray().ShouldBe("null"u8.ToArray());
        items[2].Data.ToArray().ShouldBe("\"text\""u8.ToArray());
        items[3].Data.ToArray().ShouldBe([.. "{\"a\":\" "u8, 0xFF, .. "\"}"u8]);
    }
}
