namespace SalesforceBridge.Messaging;

/// <summary>A message on its way into the inbox.</summary>
/// <param name="Source">Which source it came from, for example <c>event Order_Placed__e</c>.</param>
/// <param name="Payload">The JSON text that routes see, in UTF-8. Whatever it holds, it is kept: what jsonb refuses is stored as it came.</param>
public sealed record NewMessage(string Source, ReadOnlyMemory<byte> Payload)
{
    /// <summary>What the message is about, for example a record's id; routes may choose another key.</summary>
    public string? Key { get; init; }

    /// <summary>A second message of the source with the same one is not stored. Null: always stored.</summary>
    public string? DedupeKey { get; init; }

    /// <summary>Why a route cannot read it, where its source knows better than jsonb: it is then kept raw and dead-lettered by routes.</summary>
    public string? Fault { get; init; }

    /// <summary>What caused it: <c>bridge:&lt;route&gt;</c> for what a route caused; such a message does not wake that route.</summary>
    public string? Origin { get; init; }

    /// <summary>How many routes its cause went through. 0 to 32,767.</summary>
    public int Hops { get; init; }

    /// <summary>When it happened, where the source says.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    /// <summary>The W3C trace context it belongs to.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>A source, and how far its log is complete once the messages beside it are stored.</summary>
/// <param name="Source">The source's name, which is its cursor's.</param>
/// <param name="Epoch">The epoch it is held under; 0 for a source that any process may write to.</param>
/// <param name="Position">The new position in the source's own words; null leaves it as it is.</param>
public sealed record SourcePosition(string Source, long Epoch, string? Position);

/// <summary>What became of messages that were offered.</summary>
/// <param name="Stored">How many are new in the inbox.</param>
/// <param name="Repeated">How many were there already.</param>
public readonly record struct Accepted(int Stored, int Repeated);
