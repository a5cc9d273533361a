using SalesforceBridge.Testing.Bayeux;

namespace SalesforceBridge.Bayeux.Tests;

/// <summary>Whatever a server or a network does, the client is subscribed again in the end and nothing is lost.</summary>
public sealed class FaultTests
{
    public static TheoryData<string, Fault> PollFaults => new()
    {
        { "unknown client", Fault.Refuse("403::Unknown client", "handshake") },
        { "unknown client, as other servers say it", Fault.Refuse("402::session_unknown", "handshake") },
        { "refused with advice to retry", Fault.Refuse("500::oops", "retry") },
        { "refused without advice", Fault.Refuse("500::oops") },
        { "cut before the first byte", Fault.Cut(0) },
        { "cut in the middle", Fault.Cut(0.5) },
        { "cut near the end", Fault.Cut(0.95) },
        { "a page for people with status 200", Fault.Page(200) },
        { "a page for people with status 503", Fault.Page(503) },
        { "an empty body", Fault.Body([]) },
        { "no answer in the reply", Fault.Body("[]"u8.ToArray()) },
        { "an object instead of an array", Fault.Body("{}"u8.ToArray()) },
        { "half an array", Fault.Body("""[{"channel":"/meta/connect","successful":true}"""u8.ToArray()) },
        { "a status with a Bayeux answer", Fault.Refuse("403::Unknown client", "handshake", status: 403) },
        { "redirected", Fault.Page(302, "Location: http://127.0.0.1:1/\r\n") },
        { "no reply", Fault.Withhold() },
        { "a reply that stops arriving", Fault.Stall(0.5) },
        { "an unsolicited disconnect", Fault.Also("""{"channel":"/meta/disconnect","successful":true}""") },
    };

    [Theory]
    [MemberData(nameof(PollFaults))]
    public async Task A_poll_that_fails_leads_to_a_new_session_with_every_channel_and_nothing_is_lost(string name, Fault fault)
    {
        await using var server = new FaultyBayeuxServer();
        server.PublishNumbers("/event/A", 5);
        server.PublishNumbers("/event/B", 5);
        server.Fail("/meta/connect", null, fault);
        await using var reading = new Reading(server, channels: ["/event/A", "/event/B"]);
        await reading.UntilAsync(r => r.Numbers("/event/A").Count >= 5 && r.Numbers("/event/B").Count >= 5);
        server.PublishNumbers("/event/A", 5);

        await reading.NextAsync<BayeuxMessage.SessionEnded>();
        server.PublishNumbers("/event/B", 5);
        await reading.UntilAsync(r => r.Numbers("/event/A").Count >= 10 && r.Numbers("/event/B").Count >= 10);

        reading.Numbers("/event/A").ShouldBe(Enumerable.Range(1, 10), name);
        reading.Numbers("/event/B").ShouldBe(Enumerable.Range(1, 10), name);
        server.Count("/meta/handshake").ShouldBe(2);
        server.Count("/meta/subscribe").ShouldBe(4);
        server.ConcurrentConnects.ShouldBe(1);
    }

    [Theory]
    [InlineData("/meta/handshake")]
    [InlineData("/meta/connect?")]
    [InlineData("/meta/subscribe")]
    public async Task What_fails_before_the_first_poll_is_tried_again_until_it_works(string kind)
    {
        await using var server = new FaultyBayeuxServer();
        server.Fail(kind, Fault.Refuse("403::Unknown client", "handshake"), Fault.Page(200), Fault.Cut(0.5), Fault.Withhold(), Fault.Page(503));
        server.PublishNumbers("/event/A", 3);
        await using var reading = new Reading(server);

        await reading.UntilAsync(r => r.Numbers().Count >= 3);

        reading.Numbers().ShouldBe([1, 2, 3]);
        reading.Messages.OfType<BayeuxMessage.SessionEnded>().Count().ShouldBe(5);
    }

    [Fact]
    public async Task Replies_cut_at_random_lose_nothing_and_repeat_nothing()
    {
        var random = new Random(20261122);
        await using var server = new FaultyBayeuxServer { EventsAPoll = 23 };
        server.PublishNumbers("/event/A", 1000);
        server.Fail("/meta/connect", [.. Enumerable.Range(0, 60).Select(i => i % 3 == 0 ? null : Fault.Cut(random.NextDouble()))]);
        await using var reading = new Reading(server);

        await reading.UntilAsync(r => r.Numbers().Count >= 1000);

        reading.Numbers().ShouldBe(Enumerable.Range(1, 1000));
    }

    [Fact]
    public async Task An_answer_before_its_events_changes_no_order()
    {
        const int PollsUntilAllCame = 12;
        await using var server = new FaultyBayeuxServer { EventsAPoll = 4 };
        server.PublishNumbers("/event/A", 40);
        server.Fail("/meta/connect", [.. Enumerable.Repeat(Fault.AnswerFirst(), 20)]);
        await using var reading = new Reading(server, consume: BusyUntilAllCameAsync);

        await reading.UntilAsync(r => r.Numbers().Count >= 40);

        reading.Numbers().ShouldBe(Enumerable.Range(1, 40));
        server.Count("/meta/handshake").ShouldBe(1);

        // The client polls on meanwhile, so that replies wait behind each other.
        Task BusyUntilAllCameAsync(BayeuxMessage message) =>
            server.UntilAsync(server => server.Count("/meta/connect") >= PollsUntilAllCame, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Events_ride_in_any_reply()
    {
        await using var server = new FaultyBayeuxServer();
        server.Fail("/meta/subscribe", Fault.Also("""{"channel":"/event/A","data":{"payload":{"Number__c":1},"event":{"replayId":1}}}"""));
        await using var reading = new Reading(server);

        await reading.UntilAsync(r => r.Numbers().Count >= 1);

        reading.Numbers().ShouldBe([1]);
    }

    [Fact]
    public async Task Retry_After_is_honoured()
    {
        await using var server = new FaultyBayeuxServer();
        server.Fail("/meta/connect", Fault.Page(503, "Retry-After: 1\r\n"));
        await using var reading = new Reading(server);

        BayeuxMessage.SessionEnded ended = await reading.NextAsync<BayeuxMessage.SessionEnded>();

        ended.Failure.ShouldBe(new BayeuxFailure.HttpStatus("/meta/connect", 503, TimeSpan.FromSeconds(1)));
        ended.NextAttempt.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        await reading.NextAsync<BayeuxMessage.Subscribed>();
    }

    [Fact]
    public async Task A_server_that_asks_to_wait_for_years_is_asked_again_soon()
    {
        await using var server = new FaultyBayeuxServer();
        server.Fail("/meta/connect", Fault.Page(503, "Retry-After: 2000000000\r\n"));
        await using var reading = new Reading(server);

        BayeuxMessage.SessionEnded ended = await reading.NextAsync<BayeuxMessage.SessionEnded>();

        ended.NextAttempt.ShouldBeInRange(TimeSpan.FromHours(1), TimeSpan.FromHours(2));
    }

    [Fact]
    public async Task A_server_that_forgets_every_session_at_once_is_not_hammered()
    {
        await using var server = new FaultyBayeuxServer();
        server.Fail("/meta/connect?", [.. Enumerable.Repeat(Fault.Refuse("403::Unknown client", "handshake"), 6)]);
        BayeuxOptions pacing = Reading.Quick with { FirstBackoff = TimeSpan.FromMilliseconds(10), LongestBackoff = TimeSpan.FromMilliseconds(80) };
        await using var reading = new Reading(server, pacing);

        await reading.NextAsync<BayeuxMessage.Quiet>();

        TimeSpan[] waits = [.. reading.Messages.OfType<BayeuxMessage.SessionEnded>().Select(ended => ended.NextAttempt)];
        waits.Length.ShouldBe(6);
        waits[3].ShouldBeGreaterThan(waits[0]);
        waits.ShouldAllBe(wait => wait <= TimeSpan.FromMilliseconds(80));
    }

    [Fact]
    public async Task Handshakes_keep_their_distance_even_when_sessions_work()
    {
        await using var server = new FaultyBayeuxServer { Hold = TimeSpan.FromMilliseconds(1) };
        server.Fail("/meta/connect", [.. Enumerable.Range(0, 8).Select(i => i % 2 == 0 ? null : Fault.Refuse("403::Unknown client", "handshake"))]);
        await using var reading = new Reading(server, Reading.Quick with { HandshakeSpacing = TimeSpan.FromMilliseconds(60) });
        long began = TimeProvider.System.GetTimestamp();

        await server.UntilAsync(s => s.Count("/meta/handshake") == 5, TestContext.Current.CancellationToken);

        TimeProvider.System.GetElapsedTime(began).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task A_server_that_advises_to_stop_is_left_alone()
    {
        await using var server = new FaultyBayeuxServer();
        server.Fail("/meta/connect", Fault.Refuse("401::Authentication invalid", "none"));
        await using var reading = new Reading(server);

        await reading.EndAsync();

        reading.Messages[^1].ShouldBeOfType<BayeuxMessage.Stopped>().Failure.Text.ShouldContain("401::Authentication invalid");
        server.Count("/meta/handshake").ShouldBe(1);
    }

    [Fact]
    public async Task A_refused_channel_does_not_hold_up_the_others_and_is_tried_again()
    {
        await using var server = new FaultyBayeuxServer();
        server.PublishNumbers("/event/B", 2);
        server.Fail("/meta/subscribe", Fault.Refuse("403::no"));
        await using var reading = new Reading(server, dialect: new LeavingDialect(server.Address), channels: ["/event/B"]);

        (await reading.NextAsync<BayeuxMessage.SubscriptionRefused>()).Failure.Error.ShouldBe("403::no");

        await reading.NextAsync<BayeuxMessage.Subscribed>();
        server.Count("/meta/handshake").ShouldBe(1);
    }

    [Fact]
    public async Task A_dialect_that_fails_is_a_failure_like_any_other()
    {
        await using var server = new FaultyBayeuxServer();
        await using var reading = new Reading(server, dialect: new FailingOnceDialect(server.Address));

        (await reading.NextAsync<BayeuxMessage.SessionEnded>()).Failure.ShouldBeOfType<BayeuxFailure.DialectFailed>();
        (await reading.NextAsync<BayeuxMessage.SessionEnded>()).Failure.ShouldBeOfType<BayeuxFailure.DialectFailed>();

        await reading.NextAsync<BayeuxMessage.Subscribed>();
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_tried_again()
    {
        int port;
        await using (var gone = new WireServer((_, _) => Task.FromResult(new WireReply(200, default))))
            port = gone.Port;
        await using var elsewhere = new FaultyBayeuxServer();
        await using var reading = new Reading(elsewhere, dialect: new NumberedDialect(new Uri($"http://127.0.0.1:{port}/cometd/62.0"), _ => -1));

        (await reading.NextAsync<BayeuxMessage.SessionEnded>()).Failure.ShouldBeOfType<BayeuxFailure.ReplyLost>();
        (await reading.NextAsync<BayeuxMessage.SessionEnded>()).Failure.ShouldBeOfType<BayeuxFailure.ReplyLost>();
    }

    private sealed class LeavingDialect(Uri address) : IBayeuxDialect
    {
        private readonly PlainDialect _plain = new(address);

        public ValueTask<BayeuxEndpoint> OpenAsync(CancellationToken ct) => _plain.OpenAsync(ct);

        public ValueTask<BayeuxSubscription> SubscribeAsync(string channel, CancellationToken ct) => _plain.SubscribeAsync(channel, ct);

        public BayeuxReaction React(BayeuxFailure failure) => new BayeuxReaction.LeaveChannel(TimeSpan.FromMilliseconds(60));
    }

    private sealed class FailingOnceDialect(Uri address) : IBayeuxDialect
    {
        private readonly PlainDialect _plain = new(address);
        private bool _opened;
        private bool _subscribed;

        public async ValueTask<BayeuxEndpoint> OpenAsync(CancellationToken ct)
        {
            if (_opened)
                return await _plain.OpenAsync(ct);
            _opened = true;
            throw new InvalidOperationException("no address");
        }

        public async ValueTask<BayeuxSubscription> SubscribeAsync(string channel, CancellationToken ct)
        {
            if (_subscribed)
                return await _plain.SubscribeAsync(channel, ct);
            _subscribed = true;
            throw new InvalidOperationException("no position");
        }

        public BayeuxReaction React(BayeuxFailure failure) => _plain.React(failure);
    }
}
