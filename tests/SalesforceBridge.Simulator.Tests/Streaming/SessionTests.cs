using System.Text.Json;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Streaming;

public sealed class SessionTests
{
    private const string OrderPlaced = "/event/Order_Placed__e";

    [Fact]
    public async Task A_session_that_is_not_polled_or_too_old_is_forgotten()
    {
        var clock = new SettableClock();
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { TimeProvider = clock, PollTimeout = TimeSpan.FromMilliseconds(10) });
        using var idle = new BayeuxDriver(driver);
        await idle.HandshakeAsync();
        clock.Advance(TimeSpan.FromSeconds(41));
        JsonElement forgotten = (await idle.ConnectAsync())[0];

        using var old = new BayeuxDriver(driver);
        await old.HandshakeAsync();
        foreach (int _ in Enumerable.Range(0, 9))
        {
            clock.Advance(TimeSpan.FromSeconds(39));
            (await old.ConnectAsync())[0].Succeeded().ShouldBeTrue();
        }
        clock.Advance(TimeSpan.FromHours(3));

        forgotten.Error().ShouldBe("403::Unknown client");
        forgotten.Reconnect().ShouldBe("handshake");
        (await old.ConnectAsync())[0].Error().ShouldBe("403::Unknown client");
    }

    [Fact]
    public async Task The_browser_cookie_is_required()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver, withCookies: false);
        await bayeux.HandshakeAsync();

        (await bayeux.ConnectAsync())[0].Error().ShouldBe($"400::Client {bayeux.ClientId} has established a session, but no BAYEUX_BROWSER cookie present");
    }

    [Fact]
    public async Task A_browser_has_one_session()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        object firstConnect = bayeux.Connect;
        await bayeux.HandshakeAsync();

        (await bayeux.SayAsync(firstConnect))[0].Error().ShouldBe("403::Unknown client");
        driver.Org.StreamingSessions.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_wrong_handshake_is_denied_with_its_reason()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { MaxStreamingClients = 1 });
        using var stranger = new BayeuxDriver(driver, token: "wrong");
        using var old = new BayeuxDriver(driver, version: "36.0");
        using var websocket = new BayeuxDriver(driver);
        using var first = new BayeuxDriver(driver);
        using var second = new BayeuxDriver(driver);

        JsonElement denied = await stranger.HandshakeAsync();
        denied.Error().ShouldBe("403::Handshake denied");
        denied.FailureReason().ShouldBe("401::Authentication invalid");
        denied.Reconnect().ShouldBe("none");
        (await old.HandshakeAsync()).Error().ShouldStartWith("400::Unsupported API version");
        (await websocket.SayAsync(new { channel = "/meta/handshake", supportedConnectionTypes = new[] { "websocket" } }))[0].Error().ShouldBe("400::Invalid connection type");
        (await first.HandshakeAsync()).Succeeded().ShouldBeTrue();
        (await second.HandshakeAsync()).FailureReason().ShouldBe("403::Organization concurrent user limit exceeded");
    }

    [Fact]
    public async Task A_revoked_token_ends_the_session_with_401()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await driver.PostFormAsync("/services/oauth2/revoke", ("token", driver.Token));

        JsonElement reply = (await bayeux.ConnectAsync())[0];

        (reply.Error(), reply.Reconnect()).ShouldBe(("401::Authentication invalid", "none"));
    }

    [Fact]
    public async Task A_second_poll_takes_the_place_of_the_first()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync(OrderPlaced, -1);

        Task<Answer> first = bayeux.PostAsync(JsonSerializer.Serialize(new[] { bayeux.Connect }));
        await driver.Org.WhenAsync(org => org.StreamingSessions[0].IsPolling, OrgDriver.Ct);
        Task<IReadOnlyList<JsonElement>> second = bayeux.ConnectAsync();

        (await first).Status.ShouldBe(408);
        driver.Org.Publish("Order_Placed__e", new { Amount__c = 1 });
        (await second).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Requests_that_are_too_long_unreadable_or_upgrades_are_refused()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);

        (await bayeux.PostAsync($"[{{\"channel\":\"/meta/handshake\",\"padding\":\"{new string('x', 32_768)}\"}}]")).Status.ShouldBe(413);
        (await bayeux.PostAsync("[{")).Status.ShouldBe(400);
        using var upgrade = new HttpRequestMessage(HttpMethod.Get, "/cometd/62.0");
        upgrade.Headers.Connection.Add("Upgrade");
        upgrade.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        using HttpResponseMessage response = await driver.Client.SendAsync(upgrade, OrgDriver.Ct);
        ((int)response.StatusCode).ShouldBe(400);
    }

    [Fact]
    public async Task The_message_type_may_stand_in_the_url()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);

        (await bayeux.PostAsync(JsonSerializer.Serialize(BayeuxDriver.Handshake), "/handshake")).Json[0].Succeeded().ShouldBeTrue();
    }

    [Fact]
    public async Task A_batch_is_answered_at_once_in_order()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();

        IReadOnlyList<JsonElement> replies = await bayeux.SayAsync(bayeux.Connect, bayeux.ToSubscribe(OrderPlaced, -2), bayeux.ToSubscribe("/event/Nope__e", -2));

        replies.Select(reply => reply.GetProperty("channel").GetString()).ShouldBe(["/meta/connect", "/meta/subscribe", "/meta/subscribe"]);
        replies.Select(reply => reply.Succeeded()).ShouldBe([true, true, false]);
    }

    [Fact]
    public async Task A_poll_without_events_ends_after_its_time()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { PollTimeout = TimeSpan.FromMilliseconds(50) });
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();

        (await bayeux.ConnectAsync())[0].GetProperty("advice").GetProperty("timeout").GetInt32().ShouldBe(50);
        (await bayeux.ConnectAsync())[0].Succeeded().ShouldBeTrue();
    }
}
