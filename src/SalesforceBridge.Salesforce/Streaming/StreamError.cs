namespace SalesforceBridge.Salesforce.Streaming;

/// <summary>What is wrong with a session or a subscription.</summary>
public enum StreamError
{
    /// <summary>The org said something that no other member covers.</summary>
    Unrecognized,

    /// <summary>The org no longer accepts the token; a new one is asked for.</summary>
    AuthenticationInvalid,

    /// <summary>No token could be had.</summary>
    TokenUnavailable,

    /// <summary>The org no longer knows the session. Routine: it happens every three hours at the latest.</summary>
    SessionUnknown,

    /// <summary>The org took a message for one before the handshake.</summary>
    HandshakeMissing,

    /// <summary>The org missed its session cookie.</summary>
    CookieMissing,

    /// <summary>The token belongs to another user than the session does.</summary>
    UserChanged,

    /// <summary>The org ended the session without being asked. Routine when it scales.</summary>
    SessionEnded,

    /// <summary>A reply did not arrive whole; what it carried comes again with the next session.</summary>
    ReplyLost,

    /// <summary>The consumer was away for longer than a session lives.</summary>
    ConsumerSlow,

    /// <summary>The wanted channels changed. Routine.</summary>
    ChannelsChanged,

    /// <summary>The position to subscribe from could not be read.</summary>
    PositionUnavailable,

    /// <summary>The org is too busy.</summary>
    ServerBusy,

    /// <summary>The org answered with an HTTP error and no streaming message.</summary>
    HttpFailed,

    /// <summary>Too many streaming clients in the org.</summary>
    ClientLimitExceeded,

    /// <summary>The org takes the client's handshakes for an attack.</summary>
    TooManyRequests,

    /// <summary>The org's daily allocation of delivered events is used up; events wait in the org for up to 72 hours.</summary>
    DailyEventLimitExceeded,

    /// <summary>The position is no longer, or never was, in the org's retention window.</summary>
    ReplayIdInvalid,

    /// <summary>The subscribe did not name a position for its channel.</summary>
    ReplayIdMissing,

    /// <summary>There is no such channel, event or field.</summary>
    ChannelUnknown,

    /// <summary>The org does not let the user have the channel, or the event does not exist.</summary>
    ChannelDenied,

    /// <summary>The user lacks a permission that the channel needs.</summary>
    UserNotAllowed,

    /// <summary>Too many subscribers to the channel.</summary>
    SubscriberLimitExceeded,

    /// <summary>The request was larger than the org accepts.</summary>
    RequestTooLarge,

    /// <summary>The address, the API version or the transport is not what the org supports.</summary>
    Misconfigured,
}
