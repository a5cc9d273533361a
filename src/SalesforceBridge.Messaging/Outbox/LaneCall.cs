namespace SalesforceBridge.Messaging;

/// <summary>
/// The deliveries of one call: in order, to one destination, as one caller, each record and each key once, since a collection refuses
/// a record that is in it twice and applies its rows in no promised order. Rows of a message that are made together (a lot) are a call of
/// their own: they share their key, which is the message's, and the org says whether it takes them.
/// </summary>
internal sealed record LaneCall(IDestination? Destination, IReadOnlyList<Pending> Deliveries, long Last)
{
    public IReadOnlyList<Delivery> ToSend => [.. Deliveries.Select(pending => pending.Delivery)];

    /// <summary>Whose token it is made with; null: the bridge's own.</summary>
    public Guid? Caller => Deliveries.Count > 0 ? Deliveries[0].Delivery.Caller : null;

    /// <summary>The caller, where none of the deliveries that were read behind this call needs it.</summary>
    public Guid? CallerToForget { get; init; }

    /// <summary>The lot that the call is for; what was read of it may not be all of it.</summary>
    public Lot? Lot => Deliveries.Count > 0 ? Deliveries[0].Lot : null;

    /// <summary>The same call with all of its lot.</summary>
    public LaneCall Of(IReadOnlyList<Pending> lot) => this with { Deliveries = lot, Last = Math.Max(Last, lot.Count > 0 ? lot[^1].Delivery.Id : 0) };

    /// <summary>As many of the next deliveries, from the first on, as one call may hold; those that are settled are passed.</summary>
    public static LaneCall Choose(IReadOnlyList<Pending> next, IDestinations destinations, int most)
    {
        List<Pending> chosen = [];
        HashSet<string> taken = [];
        IDestination? destination = null;
        long last = 0;
        foreach (Pending pending in next)
        {
            if (!pending.IsSettled)
            {
                if (chosen.Count == 0)
                    destination = destinations.Find(pending.Delivery.Destination);
                else if (!IsLike(pending, chosen[0]))
                    break;
                if (pending.Lot is null && (chosen.Count == Math.Min(destination?.CallSize ?? 1, most) || !Take(taken, destination, pending.Delivery)))
                    break;
                chosen.Add(pending);
            }

            last = pending.Delivery.Id;
        }

        var call = new LaneCall(destination, chosen, last);
        bool isNeeded = next.Any(pending => pending.Delivery.Id > last && pending.Delivery.Caller == call.Caller);
        return call with { CallerToForget = isNeeded ? null : call.Caller };
    }

    private static bool IsLike(Pending pending, Pending first) =>
        pending.Lot == first.Lot && pending.Delivery.Destination == first.Delivery.Destination && pending.Delivery.Caller == first.Delivery.Caller;

    private static bool Take(HashSet<string> taken, IDestination? destination, Delivery delivery)
    {
        string? key = delivery.Key is { } k ? $"key {k}" : null;
        string? record = destination?.RecordOf(delivery) is { } r ? $"record {r}" : null;
        if (key is not null && taken.Contains(key) || record is not null && taken.Contains(record))
            return false;
        if (key is not null)
            taken.Add(key);
        if (record is not null)
            taken.Add(record);
        return true;
    }
}
