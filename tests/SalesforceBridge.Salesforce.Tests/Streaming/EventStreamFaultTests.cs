using SalesforceBridge.Salesforce.Streaming;
using SalesforceBridge.Testing.Bayeux;

namespace SalesforceBridge.Salesforce.Tests.Streaming;

/// <summary>Each error of the org, where it comes, leads to its own outcome, and in the end the stream is subscribed and has every
/// event.</summary>
public sealed class EventStreamFaultTests
{
    private static readonly StreamDelays Delays = StreamConsumer.Quick.Delays;

    public static TheoryData<string, string?, string?, string?, StreamError, TimeSpan> EndsSession => new()
    {
        { "/meta/connect", "401::Authentication invalid", null, "none", StreamError.AuthenticationInvalid, TimeSpan.Zero },
        { "/meta/handshake", "403::Handshake denied", "401::Authentication invalid", "none", StreamError.AuthenticationInvalid, TimeSpan.Zero },
        { "/meta/handshake", "403::Handshake denied", "401::Request requires authentication", "none", StreamError.AuthenticationInvalid, TimeSpan.Zero },
        { "/meta/connect", "403::Unknown client", null, "handshake", StreamError.SessionUnknown, TimeSpan.Zero },
        { "/meta/connect?", "403::Unknown client", null, "handshake", StreamError.SessionUnknown, TimeSpan.Zero },
        { "/meta/subscribe", "403::Unknown client", null, "handshake", StreamError.SessionUnknown, TimeSpan.Zero },
        { "/meta/connect", "402::Unknown client", null, "handshake", StreamError.SessionUnknown, TimeSpan.Zero },
        { "/meta/handshake", "403::Handshake denied", "403::Organization concurrent user limit exceeded", "none", StreamError.ClientLimitExceeded, Delays.TooManyClients },
        { "/meta/handshake", "403::Handshake denied", "403::To protect all customers from excessive use and Denial of Service attacks", "none", StreamError.TooManyRequests, Delays.TooManyClients },
        { "/meta/connect", "403::Organization total events daily limit exceeded", null, null, StreamError.DailyEventLimitExceeded, Delays.DailyLimit },
        { "/meta/connect", "401::Authentication invalid", "503::Server is too busy.  Please try your request again later.", "none", StreamError.ServerBusy, Delays.ServerBusy },
        { "/meta/handshake", "403::Handshake denied", "503::Server is too busy.  Please try your request again later.", "none", StreamError.ServerBusy, Delays.ServerBusy },
        { "/meta/subscribe", "403::Client has not completed handshake", null, null, StreamError.HandshakeMissing, TimeSpan.Zero },
        { "/meta/connect", "400::Client x has established a session, but no BAYEUX_BROWSER cookie present", null, null, StreamError.CookieMissing, TimeSpan.Zero },
        { "/meta/subscribe", "400::Client x has established a session, but no BAYEUX_BROWSER cookie present", null, null, StreamError.CookieMissing, TimeSpan.Zero },
        { "/meta/connect", "400::Authenticated user id does not match the session's user id", null, null, StreamError.UserChanged, TimeSpan.Zero },
        { "/meta/connect", "413::Maximum Request Size Exceeded", null, null, StreamError.RequestTooLarge, TimeSpan.Zero },
    };

    public static TheoryData<string, string?, StreamError, TimeSpan> RefusesChannel => new()
    {
        { "400::The replayId for channel {/event/A} wasn't found using the provided replay ID map {{}}", null, StreamError.ReplayIdMissing, Delays.RefusedChannel },
        { "400::The replayId {-2} you provided was invalid.", null, StreamError.ReplayIdInvalid, Delays.RefusedChannel },
        { "400::The channel you requested to subscribe to doesn't exist {/event/A}", null, StreamError.ChannelUnknown, Delays.RefusedChannel },
        { "403::Cannot create channel {/event/A}", null, StreamError.ChannelDenied, Delays.RefusedChannel },
        { "403:denied_by_security_policy:create_denied", null, StreamError.ChannelDenied, Delays.RefusedChannel },
        { "403:denied_by_security_policy:subscribe_denied", null, StreamError.ChannelDenied, Delays.RefusedChannel },
        { "403:denied_by_security_policy:subscribe_denied", "503::Server is too busy.", StreamError.ServerBusy, Delays.ServerBusy },
        { "403::User not allowed to subscribe CDC without View All Data permissions", null, StreamError.UserNotAllowed, Delays.RefusedChannel },
        { "403::Subscription limit exceeded for this topic", null, StreamError.SubscriberLimitExceeded, Delays.RefusedChannel },
        { "403::Organization total events daily limit exceeded", null, StreamError.DailyEventLimitExceeded, Delays.DailyLimit },
        { "404::Unknown channel", null, StreamError.ChannelUnknown, Delays.RefusedChannel },
        { "499::something new", null, StreamError.Unrecognized, Delays.RefusedChannel },
    };

    [Theory]
    [MemberData(nameof(EndsSession))]
    public async Task What_ends_a_session_is_told_and_the_next_one_has_every_event(
        string where, string? error, string? failureReason, string? reconnect, StreamError expected, TimeSpan atLeast)
    {
        await using var server = new FaultyBayeuxServer();
        server.PublishNumbers("/event/A", 3);
        server.Fail(where, Fault.Refuse(error!, reconnect, failureReason));
        await using var consumer = new StreamConsumer(server);

        StreamMessage.SessionLost lost = await consumer.NextAsync<StreamMessage.SessionLost>();

        lost.Error.ShouldBe(expected);
        lost.Text.ShouldContain(failureReason ?? error!);
        lost.NextAttempt.ShouldBeGreaterThanOrEqualTo(atLeast);
        await consumer.UntilAsync(c => c.Ids().Count >= 3);
        consumer.Ids().ShouldBe(["1", "2", "3"]);
    }

    [Theory]
    [MemberData(nameof(RefusesChannel))]
    public async Task What_refuses_a_channel_is_told_the_session_goes_on_and_the_channel_is_tried_again(
        string error, string? failureReason, StreamError expected, TimeSpan retryAfter)
    {
        await using var server = new FaultyBayeuxServer();
        server.PublishNumbers("/event/A", 3);
        server.PublishNumbers("/event/B", 3);
        server.Fail("/meta/subscribe", Fault.Refuse(error, "none", failureReason));
        await using var consumer = new StreamConsumer(server, channels: ["/event/A", "/event/B"]);

        StreamMessage.Refused refused = await consumer.NextAsync<StreamMessage.Refused>();

        (refused.Error, refused.RetryAfter).ShouldBe((expected, retryAfter));
        await consumer.UntilAsync(c => c.Ids("/event/A").Count >= 3 && c.Ids("/event/B").Count >= 3);
        server.Count("/meta/handshake").ShouldBe(1);
    }

    [Theory]
    [InlineData("400::API version in the URI is mandatory. URI format: '/cometd/67.0'")]
    [InlineData("400::Unsupported API version. Only API versions '37.0' and above are supported.")]
    [InlineData("400::Invalid connection type")]
    public async Task What_only_a_changed_configuration_can_help_stops_the_stream(string error)
    {
        await using var server = new FaultyBayeuxServer();
        server.Fail("/meta/handshake", Fault.Refuse(error, status: 400));
        await using var consumer = new StreamConsumer(server);

        await consumer.EndAsync();

        StreamMessage.Stopped stopped = consumer.Messages[^1].ShouldBeOfType<StreamMessage.Stopped>();
        stopped.Error.ShouldBe(StreamError.Misconfigured);
        stopped.Text.ShouldContain(error);
    }

    [Fact]
    public async Task An_http_401_renews_the_token()
    {
        await using var server = new FaultyBayeuxServer();
        server.Fail("/meta/handshake", Fault.Page(401));
        var tokens = new CountingTokens(server.Host);
        await using var consumer = new StreamConsumer(server, tokens: tokens);

        (await consumer.NextAsync<StreamMessage.SessionLost>()).Error.ShouldBe(StreamError.AuthenticationInvalid);

        await consumer.NextAsync<StreamMessage.Subscribed>();
        tokens.Renewals.ShouldBe(1);
    }

    [Fact]
    public async Task A_position_that_cannot_be_read_is_asked_for_again()
    {
        await using var server = new FaultyBayeuxServer();
        await using var consumer = new StreamConsumer(server, channels: ["/event/A"]);
        await consumer.NextAsync<StreamMessage.Subscribed>();
        consumer.Positions.TryRemove("/event/A", out ReplayFrom? position);
        server.Forget();
        await consumer.UntilAsync(c => c.Messages.Any(message => message is StreamMessage.SessionLost { Error: StreamError.PositionUnavailable }));

        consumer.Positions["/event/A"] = position!;

        await consumer.NextAsync<StreamMessage.Subscribed>();
    }
}
