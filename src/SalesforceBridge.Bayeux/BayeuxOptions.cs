namespace SalesforceBridge.Bayeux;

/// <summary>Limits of a client. The defaults suit a server that holds polls for two minutes and forgets a client after 40 s.</summary>
public sealed record BayeuxOptions
{
    /// <summary>How long a server may take to answer anything but a poll, and to send the next bytes of any answer. Default 30 s.</summary>
    public TimeSpan RequestLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the server is taken to hold a poll until it says so. Default 110 s.</summary>
    public TimeSpan PollTimeout { get; init; } = TimeSpan.FromSeconds(110);

    /// <summary>How much longer than the server holds it a poll may take before its reply counts as lost. Default 20 s.</summary>
    public TimeSpan PollAllowance { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long polling may wait for the consumer before the session is ended cleanly, to be begun again when the consumer is
    /// back.
    /// Must be less than the time after which the server forgets a client. Default 30 s.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The least time between two handshakes. Default 2 s.</summary>
    public TimeSpan HandshakeSpacing { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The wait after a first failure; it doubles with each further one, and up to half of it is taken off at random. Default
    /// 1 s.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where the doubling ends. Attempts never end. Default 1 minute.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the goodbye to the server may take. Default 2 s.</summary>
    public TimeSpan DisconnectLimit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The most messages handed over at once. Default 1,000.</summary>
    public int BatchMessages { get; init; } = 1_000;

    /// <summary>The most bytes of data handed over at once, unless one message alone is larger. Default 1 MB.</summary>
    public int BatchBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of data that may wait for the consumer before polling pauses, or reading a reply does. Default 8 MB.</summary>
    public int WaitingBytes { get; init; } = 8 << 20;
}
