namespace SalesforceBridge.Http;

/// <summary>What requests may take of the process until they are read.</summary>
internal sealed record RequestLimits
{
    /// <summary>How many bytes of bodies may be on their way at once. Default 96 MB.</summary>
    public long Room { get; init; } = 96L << 20;

    /// <summary>How long a body may take to come. Default 20 s: the router gives up on an answer after 30.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a request's headers may take to come. Default 15 s.</summary>
    public TimeSpan HeaderPatience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How many connections may be open at once; one more is closed. Default 500.</summary>
    public int Connections { get; init; } = 500;
}
