namespace SalesforceBridge.Messaging;

/// <summary>What one caller sent: its messages are committed together or not at all.</summary>
/// <param name="Messages">At least one, in the caller's order. Their sources need not exist yet.</param>
public sealed record IntakeRequest(IReadOnlyList<NewMessage> Messages)
{
    /// <summary>
    /// The caller and the key it gave, as <c>caller/key</c>. Message n is then kept as <c>caller/key#n</c>, whatever dedupe key it brings: the
    /// same request again is answered with the ids of the first, and another one under the same key is refused. Null: each message's own
    /// dedupe key decides alone whether it is there already.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Whose token deliveries of these messages may be made with; kept beside them, if they are new. Null where there is none.</summary>
    public SealedCaller? Caller { get; init; }

    /// <summary>
    /// The org's user who did what the messages tell, 15 or 18 characters; null where nobody says. If it is the one that the bridge acts as,
    /// their origin is <see cref="OwnUser.Origin"/>.
    /// </summary>
    public string? UserId { get; init; }
}

/// <summary>What became of a request. All but the first two stored nothing, as far as is known.</summary>
public abstract record IntakeAnswer
{
    private IntakeAnswer()
    {
    }

    /// <summary>Committed. Of messages with dedupe keys of their own some may have been there before.</summary>
    /// <param name="Ids">The messages' ids, in the order of the request.</param>
    public sealed record Stored(IReadOnlyList<long> Ids) : IntakeAnswer;

    /// <summary>Every message was in the inbox already.</summary>
    /// <param name="Ids">The ids of those, in the order of the request.</param>
    public sealed record AlreadyStored(IReadOnlyList<long> Ids) : IntakeAnswer;

    /// <summary>The idempotency key was used for a request with other messages.</summary>
    public sealed record OtherBody : IntakeAnswer;

    /// <summary>More waits to be stored than may wait, or the process stops. Soon again.</summary>
    public sealed record Busy : IntakeAnswer;

    /// <summary>The bridge's tables hold as much as they may (<see cref="MessagingOptions.Storage"/>).</summary>
    public sealed record StorageFull : IntakeAnswer;

    /// <summary>The database does not answer or cannot store now. If it fell silent just now, the request may be stored all the same.</summary>
    public sealed record DatabaseAway : IntakeAnswer;

    /// <summary>The database refuses this request in every form.</summary>
    /// <param name="Why">Its code and text, without the request's content.</param>
    public sealed record Unstorable(string Why) : IntakeAnswer;
}

/// <summary>How much may wait to be stored, and how much goes into one commit.</summary>
public sealed record IntakeLimits
{
    /// <summary>How many requests may wait. Default 4,096.</summary>
    public int WaitingRequests { get; init; } = 4096;

    /// <summary>How many bytes of messages may wait. Default 96 MB; a single larger request is taken when nothing else waits.</summary>
    public long WaitingBytes { get; init; } = 96L << 20;

    /// <summary>How many messages go into one commit, if they are of several requests. Default 256.</summary>
    public int CommitMessages { get; init; } = 256;

    /// <summary>How many bytes go into one commit, if they are of several requests. Default 4 MB.</summary>
    public long CommitBytes { get; init; } = 4L << 20;

    /// <summary>From which round trip on a database is far away, so that two commits go out at once. Default 1 ms.</summary>
    public TimeSpan FarFrom { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>How long a request waits for its commit before it counts as not stored. Default 8 s, below the 10 s that Apex waits.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>The longest pause between tries to reach a database that is away. Default 1 s.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(1);
}
