using System.Text.Json.Nodes;
using SalesforceBridge.Salesforce.Streaming;
using SalesforceBridge.Testing.Bayeux;

namespace SalesforceBridge.Salesforce.Tests.Streaming;

/// <summary>Positions, tokens and silence.</summary>
public sealed class EventStreamTests
{
    private const string ExpiredId = "400::The replayId {5} you provided was invalid.  Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_subscribe_asks_for_the_position_again_and_names_only_its_own_channel()
    {
        await using var server = new FaultyBayeuxServer();
        server.PublishNumbers("/event/A", 3);
        await using var consumer = new StreamConsumer(server, channels: ["/event/A", "/event/B"]);
        await consumer.UntilAsync(c => c.Ids().Count == 3);
        await consumer.NextAsync<StreamMessage.Quiet>();

        server.Forget();
        await consumer.NextAsync<StreamMessage.SessionLost>();
        await consumer.NextAsync<StreamMessage.Quiet>();

        Subscribes(server, "/event/A").ShouldBe(["""{"/event/A":-2}""", """{"/event/A":3}"""]);
        Subscribes(server, "/event/B").ShouldBe(["""{"/event/B":-2}""", """{"/event/B":-2}"""]);
    }

    [Fact]
    public async Task The_handshake_asks_for_replay_and_every_request_carries_the_token()
    {
        await using var server = new FaultyBayeuxServer();
        await using var consumer = new StreamConsumer(server);
        await consumer.NextAsync<StreamMessage.Quiet>();

        server.Requests[0]["ext"]!.ToJsonString().ShouldBe("""{"replay":true}""");
        server.WireRequests.ShouldAllBe(request => request.Headers["Authorization"] == "Bearer token1" && request.Path == "/cometd/62.0");
    }

    [Fact]
    public async Task A_filter_of_a_topic_is_not_part_of_the_name_of_its_position()
    {
        await using var server = new FaultyBayeuxServer();
        await using var consumer = new StreamConsumer(server, channels: ["/topic/T?Type=\"A\""]);
        await consumer.NextAsync<StreamMessage.Subscribed>();

        Subscribes(server, "/topic/T?Type=\"A\"").ShouldBe(["""{"/topic/T":-2}"""]);
    }

    [Fact]
    public async Task A_text_as_position_is_sent_back_as_it_came()
    {
        await using var server = new FaultyBayeuxServer();
        server.Fail("/meta/subscribe", Fault.Refuse("403::Restricted channel"));
        await using var consumer = new StreamConsumer(server, from: new ReplayFrom.After(new("\"AA==\"")));
        await consumer.NextAsync<StreamMessage.Refused>();

        Subscribes(server, "/event/A")[0].ShouldBe("""{"/event/A":"AA=="}""");
    }

    [Theory]
    [InlineData(ReplayExpiredPolicy.Earliest, "-2")]
    [InlineData(ReplayExpiredPolicy.Tip, "-1")]
    public async Task An_expired_position_is_told_and_never_asked_for_again(ReplayExpiredPolicy policy, string goesOn)
    {
        await using var server = new FaultyBayeuxServer();
        server.Fail("/meta/subscribe", Fault.Refuse(ExpiredId));
        await using var consumer = new StreamConsumer(server, StreamConsumer.Quick with { WhenReplayExpired = policy }, from: new ReplayFrom.After(new("5")));

        StreamMessage.ReplayExpired expired = await consumer.NextAsync<StreamMessage.ReplayExpired>();
        await consumer.NextAsync<StreamMessage.Subscribed>();
        server.Forget();
        await consumer.NextAsync<StreamMessage.Subscribed>();

        (expired.Channel, expired.Rejected.Value, expired.GoesOnFrom!.Token).ShouldBe(("/event/A", "5", goesOn));
        Subscribes(server, "/event/A").ShouldBe(["""{"/event/A":5}""", $$$"""{"/event/A":{{{goesOn}}}}""", $$$"""{"/event/A":{{{goesOn}}}}"""]);
        server.Count("/meta/handshake").ShouldBe(2);
    }

    [Fact]
    public async Task An_expired_position_can_stop_its_channel_and_no_other()
    {
        await using var server = new FaultyBayeuxServer();
        server.Fail("/meta/subscribe", Fault.Refuse(ExpiredId));
        EventStreamOptions stopping = StreamConsumer.Quick with { WhenReplayExpired = ReplayExpiredPolicy.Stop };
        await using var consumer = new StreamConsumer(server, stopping, from: new ReplayFrom.After(new("5")));
        (await consumer.NextAsync<StreamMessage.ReplayExpired>()).GoesOnFrom.ShouldBeNull();

        consumer.Positions["/event/B"] = new ReplayFrom.Tip();
        consumer.Stream.Want(new HashSet<string> { "/event/A", "/event/B" });

        (await consumer.NextAsync<StreamMessage.Subscribed>()).Channel.ShouldBe("/event/B");
        await consumer.NextAsync<StreamMessage.Quiet>();
        Subscribes(server, "/event/A").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_channel_at_the_tip_without_events_tells_since_when_it_was_unwatched()
    {
        await using var server = new FaultyBayeuxServer();
        await using var consumer = new StreamConsumer(server, from: new ReplayFrom.Tip());
        DateTimeOffset began = TimeProvider.System.GetUtcNow();
        (await consumer.NextAsync<StreamMessage.Subscribed>()).UnwatchedSince.ShouldBeNull();
        await consumer.NextAsync<StreamMessage.Quiet>();
        server.Forget();

        StreamMessage.Subscribed again = await consumer.NextAsync<StreamMessage.Subscribed>();

        again.UnwatchedSince!.Value.ShouldBeInRange(began, TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task Silence_behind_a_stored_position_is_told_once_and_outlasts_sessions()
    {
        await using var server = new FaultyBayeuxServer { Hold = TimeSpan.FromMilliseconds(20) };
        server.PublishNumbers("/event/A", 5);
        await using var consumer = new StreamConsumer(server, StreamConsumer.Quick with { LongestSilence = TimeSpan.FromMilliseconds(300) }, from: new ReplayFrom.After(new("5")));
        await consumer.NextAsync<StreamMessage.Subscribed>();
        server.Forget();
        await consumer.NextAsync<StreamMessage.Subscribed>();

        StreamMessage.Silent silent = await consumer.NextAsync<StreamMessage.Silent>();
        await consumer.NextAsync<StreamMessage.Quiet>();
        await consumer.NextAsync<StreamMessage.Quiet>();

        (silent.Channel, silent.Position.Value, silent.GoesOnFrom).ShouldBe(("/event/A", "5", null));
        consumer.Messages.OfType<StreamMessage.Silent>().Count().ShouldBe(1);
    }

    [Theory]
    [InlineData(SilencePolicy.Earliest, "-2")]
    [InlineData(SilencePolicy.Tip, "-1")]
    public async Task Silence_can_make_the_channel_go_on_elsewhere(SilencePolicy policy, string goesOn)
    {
        await using var server = new FaultyBayeuxServer { Hold = TimeSpan.FromMilliseconds(20) };
        server.PublishNumbers("/event/A", 5);
        EventStreamOptions options = StreamConsumer.Quick with { LongestSilence = TimeSpan.FromMilliseconds(60), WhenSilent = policy };
        await using var consumer = new StreamConsumer(server, options, from: new ReplayFrom.After(new("5")));
        await consumer.NextAsync<StreamMessage.Silent>();

        await consumer.NextAsync<StreamMessage.Subscribed>();

        Subscribes(server, "/event/A").ShouldBe(["""{"/event/A":5}""", $$$"""{"/event/A":{{{goesOn}}}}"""]);
        server.Count("/meta/handshake").ShouldBe(1);
    }

    [Fact]
    public async Task A_channel_that_brings_events_is_not_silent()
    {
        await using var server = new FaultyBayeuxServer { Hold = TimeSpan.FromMilliseconds(20) };
        server.PublishNumbers("/event/A", 6);
        await using var consumer = new StreamConsumer(server, StreamConsumer.Quick with { LongestSilence = TimeSpan.FromMilliseconds(60) }, from: new ReplayFrom.After(new("5")));
        await consumer.UntilAsync(c => c.Ids().Count == 1);

        await consumer.UntilAsync(c => c.Messages.OfType<StreamMessage.Quiet>().Count() > 8);

        consumer.Messages.OfType<StreamMessage.Silent>().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_rejected_token_is_renewed_once_and_the_session_goes_on()
    {
        await using var server = new FaultyBayeuxServer();
        server.Fail("/meta/connect", null, Fault.Refuse("401::Authentication invalid", "none"));
        var tokens = new CountingTokens(server.Host);
        await using var consumer = new StreamConsumer(server, tokens: tokens);

        StreamMessage.SessionLost lost = await consumer.NextAsync<StreamMessage.SessionLost>();
        await consumer.NextAsync<StreamMessage.Quiet>();

        lost.Error.ShouldBe(StreamError.AuthenticationInvalid);
        tokens.Renewals.ShouldBe(1);
        server.WireRequests[^1].Headers["Authorization"].ShouldBe("Bearer token2");
    }

    [Fact]
    public async Task A_forgotten_session_keeps_its_token()
    {
        await using var server = new FaultyBayeuxServer();
        var tokens = new CountingTokens(server.Host);
        await using var consumer = new StreamConsumer(server, tokens: tokens);
        await consumer.NextAsync<StreamMessage.Quiet>();
        server.Forget();

        StreamMessage.SessionLost lost = await consumer.NextAsync<StreamMessage.SessionLost>();
        await consumer.NextAsync<StreamMessage.Quiet>();

        lost.IsRoutine.ShouldBeTrue();
        tokens.Renewals.ShouldBe(0);
    }

    [Fact]
    public async Task An_org_that_rejects_new_tokens_too_is_a_failure_of_authentication()
    {
        await using var server = new FaultyBayeuxServer();
        server.Fail("/meta/handshake", [.. Enumerable.Repeat(Fault.Refuse("403::Handshake denied", "none", "401::Authentication invalid"), 3)]);
        await using var consumer = new StreamConsumer(server);

        await consumer.NextAsync<StreamMessage.SessionLost>();
        (await consumer.NextAsync<StreamMessage.AuthFailed>()).IsFatal.ShouldBeFalse();

        await consumer.NextAsync<StreamMessage.Subscribed>();
    }

    [Fact]
    public async Task Without_a_token_asking_goes_on_and_a_refusal_is_fatal()
    {
        await using var server = new FaultyBayeuxServer();
        var tokens = new CountingTokens(server.Host);
        tokens.Failures.Enqueue(new("the org cannot be reached", isFatal: false, TimeSpan.FromMilliseconds(90)));
        tokens.Failures.Enqueue(new("invalid_grant: the user has not approved this app", isFatal: true));
        await using var consumer = new StreamConsumer(server, tokens: tokens);

        StreamMessage.AuthFailed passing = await consumer.NextAsync<StreamMessage.AuthFailed>();
        StreamMessage.AuthFailed fatal = await consumer.NextAsync<StreamMessage.AuthFailed>();

        (passing.IsFatal, fatal.IsFatal).ShouldBe((false, true));
        passing.NextAttempt.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(90));
        fatal.NextAttempt.ShouldBeGreaterThanOrEqualTo(StreamConsumer.Quick.Delays.TokenRefused);
        fatal.Text.ShouldContain("invalid_grant");
        await consumer.NextAsync<StreamMessage.Subscribed>();
    }

    [Fact]
    public async Task Events_that_are_no_objects_are_handed_over_too()
    {
        await using var server = new FaultyBayeuxServer();
        server.Publish("/event/A", "\"text\"");
        server.PublishNumbers("/event/A", 1);
        await using var consumer = new StreamConsumer(server);

        await consumer.UntilAsync(c => c.Ids().Count == 2);

        consumer.Ids().ShouldBe(["", "2"]);
    }

    private static IReadOnlyList<string> Subscribes(FaultyBayeuxServer server, string channel) =>
        [.. server.Requests.Where(request => (string?)request["subscription"] == channel && (string?)request["channel"] == "/meta/subscribe")
            .Select(request => Plain(request["ext"]!["replay"]!))];

    private static string Plain(JsonNode json) => json.ToJsonString();
}
