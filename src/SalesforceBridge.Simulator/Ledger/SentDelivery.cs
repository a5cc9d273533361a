namespace SalesforceBridge.Simulator.Ledger;

/// <summary>How the org calls others.</summary>
public enum DeliveryKind
{
    /// <summary>SOAP notifications.</summary>
    OutboundMessage,

    /// <summary>JSON from a trigger.</summary>
    ApexCallout,
}

/// <summary>How far a delivery got.</summary>
public enum DeliveryStatus
{
    /// <summary>Not tried yet, or to be tried again.</summary>
    Pending,

    /// <summary>The receiver took it: Ack true, or a 2xx for a callout.</summary>
    Delivered,

    /// <summary>Given up: the receiver refused a callout for good, or no attempt is left.</summary>
    Failed,
}

/// <summary>One try of a delivery.</summary>
/// <param name="At">When it began.</param>
/// <param name="Status">The HTTP status; nothing when no answer came.</param>
/// <param name="Error">What was wrong; nothing when it was delivered.</param>
public sealed record DeliveryAttempt(DateTimeOffset At, int? Status, string? Error);

/// <summary>What the org sends because records changed, as far as it got.</summary>
public sealed record SentDelivery
{
    /// <summary>1 for the first delivery of this org; ascending as they were made up.</summary>
    public required long Number { get; init; }

    /// <summary>How it is sent.</summary>
    public required DeliveryKind Kind { get; init; }

    /// <summary>The outbound message or trigger that made it.</summary>
    public required string Rule { get; init; }

    /// <summary>The API name of the records' object.</summary>
    public required string Object { get; init; }

    /// <summary>The records it tells of, 18 characters each.</summary>
    public required IReadOnlyList<string> RecordIds { get; init; }

    /// <summary>By what a receiver knows it again: the id of each notification, or the one Idempotency-Key; nothing from generated webhook code.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>How far it got.</summary>
    public DeliveryStatus Status { get; init; }

    /// <summary>Every try, oldest first.</summary>
    public IReadOnlyList<DeliveryAttempt> Attempts { get; init; } = [];

    /// <summary>When it is tried again, if it waits for that.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>What was wrong with the latest try; nothing when it was delivered or not tried yet.</summary>
    public string? LastError => Attempts.Count == 0 ? null : Attempts[^1].Error;
}
