using SalesforceBridge.Bayeux;
using SalesforceBridge.Salesforce.Streaming;

namespace SalesforceBridge.Salesforce.Tests.Streaming;

/// <summary>The org's exact words, and what they mean.</summary>
public sealed class StreamErrorTableTests
{
    [Theory]
    [InlineData("401::Authentication invalid", null, StreamError.AuthenticationInvalid)]
    [InlineData("403::Handshake denied", "401::Authentication invalid", StreamError.AuthenticationInvalid)]
    [InlineData("403::Handshake denied", "401::Request requires authentication", StreamError.AuthenticationInvalid)]
    [InlineData("401::Authentication invalid", "503::Server is too busy.  Please try your request again later.", StreamError.ServerBusy)]
    [InlineData("403:denied_by_security_policy:subscribe_denied", "503::Server is too busy. Please try your request again later.", StreamError.ServerBusy)]
    [InlineData("403::Unknown client", null, StreamError.SessionUnknown)]
    [InlineData("402::Unknown client", null, StreamError.SessionUnknown)]
    [InlineData("402::session_unknown", null, StreamError.SessionUnknown)]
    [InlineData("403::Handshake denied", "403::Organization concurrent user limit exceeded", StreamError.ClientLimitExceeded)]
    [InlineData("403::Handshake denied", "403::To protect all customers from excessive use and Denial of Service attacks, we limit", StreamError.TooManyRequests)]
    [InlineData("403::Organization total events daily limit exceeded", null, StreamError.DailyEventLimitExceeded)]
    [InlineData("400::The replayId {82} you provided was invalid.  Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.", null, StreamError.ReplayIdInvalid)]
    [InlineData("400::The replayId for channel {/topic/t} wasn't found using the provided replay ID map {{}}. Ensure that the channel name you provided in the replay map is valid and matches", null, StreamError.ReplayIdMissing)]
    [InlineData("Replay Id not found for channel", null, StreamError.ReplayIdMissing)]
    [InlineData("400::The channel you requested to subscribe to doesn't exist {/event/X__e}", null, StreamError.ChannelUnknown)]
    [InlineData("400::Channel name not specified", null, StreamError.ChannelUnknown)]
    [InlineData("400::Query fields {X} do not exist", null, StreamError.ChannelUnknown)]
    [InlineData("404::Unknown channel", null, StreamError.ChannelUnknown)]
    [InlineData("400::channel names may not vary only by case", null, StreamError.ChannelUnknown)]
    [InlineData("403::Cannot create channel {/event/X__e}", null, StreamError.ChannelDenied)]
    [InlineData("403:denied_by_security_policy:create_denied", null, StreamError.ChannelDenied)]
    [InlineData("403:denied_by_security_policy:subscribe_denied", null, StreamError.ChannelDenied)]
    [InlineData("403::Restricted channel", null, StreamError.UserNotAllowed)]
    [InlineData("403::User not enabled for streaming", null, StreamError.UserNotAllowed)]
    [InlineData("403::User not allowed to subscribe CDC without View All Data permissions", null, StreamError.UserNotAllowed)]
    [InlineData("403::Subscriber does not have access to the entity in the channel", null, StreamError.UserNotAllowed)]
    [InlineData("403::No access on channel", null, StreamError.UserNotAllowed)]
    [InlineData("403::Subscription limit exceeded for this topic", null, StreamError.SubscriberLimitExceeded)]
    [InlineData("403::Client has not completed handshake", null, StreamError.HandshakeMissing)]
    [InlineData("400::Client x has established a session, but no BAYEUX_BROWSER cookie present", null, StreamError.CookieMissing)]
    [InlineData("400::Authenticated user id does not match the session's user id", null, StreamError.UserChanged)]
    [InlineData("400::API version in the URI is mandatory. URI format: '/cometd/67.0'", null, StreamError.Misconfigured)]
    [InlineData("400::Unsupported API version. Only API versions '37.0' and above are supported.", null, StreamError.Misconfigured)]
    [InlineData("400::Invalid connection type", null, StreamError.Misconfigured)]
    [InlineData("413::Maximum Request Size Exceeded", null, StreamError.RequestTooLarge)]
    [InlineData("403::Handshake denied", null, StreamError.Unrecognized)]
    [InlineData("403::Handshake denied", "something new", StreamError.Unrecognized)]
    [InlineData(null, null, StreamError.Unrecognized)]
    public void The_reason_is_read_before_the_error(string? error, string? failureReason, StreamError expected)
    {
        string? ext = failureReason is null ? null : $$$"""{"sfdc":{"failureReason":"{{{failureReason}}}"}}""";

        StreamErrorTable.Find(new BayeuxFailure.Refused("/meta/connect", error, ext, new(null, null, null), null, null)).Error.ShouldBe(expected);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"sfdc":null}""")]
    [InlineData("""{"sfdc":{"failureReason":7}}""")]
    public void An_ext_without_a_reason_says_nothing(string ext) =>
        StreamErrorTable.Find(new BayeuxFailure.Refused("/meta/connect", "403::Unknown client", ext, new(null, null, null), null, null)).Error
            .ShouldBe(StreamError.SessionUnknown);

    [Theory]
    [InlineData(401, StreamError.AuthenticationInvalid)]
    [InlineData(413, StreamError.RequestTooLarge)]
    [InlineData(403, StreamError.HttpFailed)]
    [InlineData(404, StreamError.HttpFailed)]
    [InlineData(500, StreamError.HttpFailed)]
    [InlineData(503, StreamError.HttpFailed)]
    public void An_http_status_alone_means_something_too(int status, StreamError expected) =>
        StreamErrorTable.Find(new BayeuxFailure.HttpStatus("/meta/connect", status, null)).Error.ShouldBe(expected);
}
