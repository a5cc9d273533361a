namespace SalesforceBridge.Messaging;

/// <summary>A delivery to make.</summary>
/// <param name="Lane">The route that wrote it.</param>
/// <param name="Id">Its place in the outbox.</param>
/// <param name="Key">Deliveries with the same key are made in order, one a call.</param>
/// <param name="Destination">Where it goes, as in a route's <c>do:</c> header.</param>
/// <param name="Body">A JSON object in UTF-8.</param>
/// <param name="Metadata">The columns that begin with <c>_</c>, as a JSON object in UTF-8; null where there are none.</param>
/// <param name="Hops">How many routes its cause went through, its own included.</param>
public sealed record Delivery(
    string Lane, long Id, string? Key, string Destination, ReadOnlyMemory<byte> Body, ReadOnlyMemory<byte>? Metadata, int Hops)
{
    /// <summary>Whose token it is made with; null: the bridge's own.</summary>
    public Guid? Caller { get; init; }

    /// <summary>It is one of several rows of a message that are made together or not at all; all of them are in its call, and nothing else.</summary>
    public bool IsTogether { get; init; }

    /// <summary>The W3C trace context of the message that caused it, where a destination passes it on; null where there is none.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>What became of one delivery of a call.</summary>
public abstract record DeliveryOutcome
{
    private DeliveryOutcome()
    {
    }

    /// <summary>What the destination said of it, as a JSON object in UTF-8 that jsonb takes; for <c>on: result of</c>. Null where there is nothing to tell.</summary>
    public ReadOnlyMemory<byte>? Response { get; init; }

    /// <summary>It was made.</summary>
    /// <param name="OrgId">The record's id, or the published event's uuid.</param>
    /// <param name="Created">Whether an upsert made a new record; null where that is not said.</param>
    public sealed record Delivered(string? OrgId, bool? Created = null) : DeliveryOutcome;

    /// <summary>The destination refused this one. It is tried again, unless it would be refused for ever.</summary>
    /// <param name="Code">The destination's own code for it.</param>
    /// <param name="Error">What happened and what to do; no payload.</param>
    /// <param name="Permanent">Trying again is of no use.</param>
    /// <param name="Wait">How long the destination asked to wait, at least.</param>
    public sealed record Refused(string Code, string Error, bool Permanent, TimeSpan? Wait = null) : DeliveryOutcome;

    /// <summary>Not this delivery is at fault but every one like it: a field or a permission is missing. The lane stops.</summary>
    /// <param name="Code">The destination's own code for it.</param>
    /// <param name="Error">What happened and what to do.</param>
    public sealed record LaneRefused(string Code, string Error) : DeliveryOutcome;

    /// <summary>Nobody knows whether it was made: the call broke off after it was sent.</summary>
    /// <param name="Error">What happened.</param>
    public sealed record InDoubt(string Error) : DeliveryOutcome;

    /// <summary>It was not made and is not to blame: its lane waits and makes it then, and that is no failed try.</summary>
    /// <param name="Code">The destination's own code for it.</param>
    /// <param name="Error">What happened and what to do.</param>
    /// <param name="Wait">How long to wait; null: longer each time.</param>
    public sealed record NotNow(string Code, string Error, TimeSpan? Wait = null) : DeliveryOutcome;
}

/// <summary>What became of a call.</summary>
public abstract record CallOutcome
{
    private CallOutcome()
    {
    }

    /// <summary>The destination answered.</summary>
    /// <param name="Outcomes">One for each delivery, in the order they were given.</param>
    public sealed record Answered(IReadOnlyList<DeliveryOutcome> Outcomes) : CallOutcome;

    /// <summary>The call as a whole was refused because of something in it; in halves the guilty delivery is found.</summary>
    /// <param name="Code">The destination's own code for it.</param>
    /// <param name="Error">What happened and what to do.</param>
    /// <param name="Permanent">Whether it would be refused every time.</param>
    public sealed record CallRefused(string Code, string Error, bool Permanent = true) : CallOutcome;

    /// <summary>Nothing was done and nobody in the call is to blame: everything waits.</summary>
    /// <param name="Code">The destination's own code for it.</param>
    /// <param name="Error">What happened and what to do.</param>
    /// <param name="Wait">How long to wait; null: longer each time.</param>
    public sealed record NotNow(string Code, string Error, TimeSpan? Wait = null) : CallOutcome;
}

/// <summary>Where deliveries go: a stated seam. It knows deliveries and its own API, and nothing before them.</summary>
public interface IDestination
{
    /// <summary>The most deliveries that one call takes; at least 1.</summary>
    int CallSize { get; }

    /// <summary>Whether making a delivery twice is as good as once, as for an update, an upsert or a delete.</summary>
    bool IsRepeatable { get; }

    /// <summary>Which record a delivery is about, so that one call holds it once; null where that is not known.</summary>
    string? RecordOf(Delivery delivery);

    /// <summary>The same destination under a caller's token instead of the bridge's own. Whatever that token lacks blames the deliveries, never the lane.</summary>
    IDestination As(CallerToken caller);

    /// <summary>How it takes many deliveries of a lane at once; null where it takes calls alone.</summary>
    IJobs? JobsOf(string lane) => null;

    /// <summary>
    /// Makes deliveries in one call. What the destination says is the outcome; only bugs and cancellation are thrown. One that makes them
    /// one by one says after a cancellation what it knows of each, within a second: else all of them are in doubt.
    /// </summary>
    Task<CallOutcome> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct);
}

/// <summary>Finds the destination that a delivery names: a stated seam, since the host knows them.</summary>
public interface IDestinations
{
    /// <summary>The destination of this name, or null where there is none.</summary>
    /// <param name="name">As in a route's <c>do:</c> header.</param>
    IDestination? Find(string name);
}
