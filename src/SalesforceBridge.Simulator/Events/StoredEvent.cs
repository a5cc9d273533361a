namespace SalesforceBridge.Simulator.Events;

/// <summary>A streamed event, kept as the bytes that go on the wire.</summary>
/// <param name="Uuid">Only platform events have one.</param>
/// <param name="Head">What stands in <c>data</c> before the payload: <c>"schema":"…","payload":</c> or <c>"sobject":</c>.</param>
/// <param name="Payload">A JSON value.</param>
/// <param name="EventMembers">Further members of <c>data.event</c>, each with its comma: <c>"type":"created",</c>.</param>
internal sealed record EventDraft(string? Uuid, ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Payload, ReadOnlyMemory<byte> EventMembers)
{
    /// <summary>The ids of the users that it is for; nothing: every subscriber.</summary>
    public IReadOnlyList<string>? Recipients { get; init; }
}

/// <summary>An event in its log.</summary>
/// <param name="ReplayId">Ascending over the whole org, with gaps.</param>
/// <param name="Draft">What it says.</param>
/// <param name="At">When it was published.</param>
internal sealed record StoredEvent(long ReplayId, EventDraft Draft, DateTimeOffset At);
