using SalesforceBridge.Bayeux;

namespace SalesforceBridge.Salesforce.Streaming;

/// <summary>Where a subscription goes on when the org no longer knows its stored position.</summary>
public enum ReplayExpiredPolicy
{
    /// <summary>With everything the org still keeps: what was already stored comes again.</summary>
    Earliest,

    /// <summary>With events published from now on.</summary>
    Tip,

    /// <summary>Not at all, until the channel is wanted anew.</summary>
    Stop,
}

/// <summary>What to do about a channel that stays silent after it was subscribed from a stored position.</summary>
public enum SilencePolicy
{
    /// <summary>Tell, and go on waiting.</summary>
    Report,

    /// <summary>Tell, and subscribe to everything the org still keeps.</summary>
    Earliest,

    /// <summary>Tell, and subscribe to events published from now on.</summary>
    Tip,
}

/// <summary>How an event stream behaves.</summary>
public sealed record EventStreamOptions
{
    /// <summary>The API version, such as <c>62.0</c>; at least 37.0, and 52.0 for <see cref="StreamedEvent.EventUuid"/>. Default
    /// 62.0.</summary>
    public string ApiVersion { get; init; } = "62.0";

    /// <summary>Where to go on when a stored position expired. Default <see cref="ReplayExpiredPolicy.Earliest"/>.</summary>
    public ReplayExpiredPolicy WhenReplayExpired { get; init; } = ReplayExpiredPolicy.Earliest;

    /// <summary>How long a channel may be silent after it was subscribed from a stored position. Default 4 h: the org can search for a
    /// position
    /// for hours, and begins again with each session.</summary>
    public TimeSpan LongestSilence { get; init; } = TimeSpan.FromHours(4);

    /// <summary>What to do then. Default <see cref="SilencePolicy.Report"/>.</summary>
    public SilencePolicy WhenSilent { get; init; } = SilencePolicy.Report;

    /// <summary>How long to wait after errors that do not pass at once.</summary>
    public StreamDelays Delays { get; init; } = new();

    /// <summary>The limits of the protocol below.</summary>
    public BayeuxOptions Bayeux { get; init; } = new();
}

/// <summary>The least to wait after errors that do not pass at once.</summary>
public sealed record StreamDelays
{
    /// <summary>After "server is too busy". Default 2 minutes.</summary>
    public TimeSpan ServerBusy { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>After too many clients or handshakes. Default 3 minutes.</summary>
    public TimeSpan TooManyClients { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>When the day's events are used up. Default 15 minutes.</summary>
    public TimeSpan DailyLimit { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Before a refused channel is tried again: a deployment in the org may have helped. Default 10 minutes.</summary>
    public TimeSpan RefusedChannel { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>When the org refused to give a token, so that a person must act. Default 5 minutes.</summary>
    public TimeSpan TokenRefused { get; init; } = TimeSpan.FromMinutes(5);
}
