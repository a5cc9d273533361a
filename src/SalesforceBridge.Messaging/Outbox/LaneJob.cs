namespace SalesforceBridge.Messaging;

/// <summary>A job under way, as the lane's cursor says it: the deliveries behind the position, up to an id.</summary>
/// <param name="Id">The destination's id of it.</param>
/// <param name="Last">The last delivery that was looked at for it.</param>
internal sealed record LaneJob(string Id, long Last)
{
    private const string Prefix = "job ";

    /// <summary>Reads what a cursor says; null where that is not a job.</summary>
    public static LaneJob? Parse(string inFlight)
    {
        if (!inFlight.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        int space = inFlight.LastIndexOf(' ');
        return new LaneJob(inFlight[Prefix.Length..space], long.Parse(inFlight.AsSpan(space + 1)));
    }

    public override string ToString() => $"{Prefix}{Id} {Last}";
}

/// <summary>The next deliveries of a lane, as many as one job may hold: each record and each key once.</summary>
internal sealed class JobPlan(IDestinations destinations)
{
    private readonly HashSet<string> _taken = [];
    private string? _destination;
    private long _bytes;

    /// <summary>Where they go; null where that takes no jobs.</summary>
    public IJobs? Jobs { get; private set; }

    /// <summary>How many of them a job takes.</summary>
    public int Count { get; private set; }

    /// <summary>The last one that was looked at: the first, if even that is for no job.</summary>
    public long Last { get; private set; }

    /// <summary>The most hops of any.</summary>
    public int Hops { get; private set; }

    /// <summary>Takes one more; false where the job ends before it.</summary>
    public bool TryAdd(Pending pending)
    {
        Delivery delivery = pending.Delivery;
        Last = Last == 0 ? delivery.Id : Last;
        // What is settled already must not be in it: of rows with the same content nobody could say which one was meant.
        if (pending.IsSettled || delivery.Caller is not null || _destination is not null && delivery.Destination != _destination)
            return false;
        IDestination? destination = destinations.Find(delivery.Destination);
        if (_destination is null)
            (_destination, Jobs) = (delivery.Destination, destination?.JobsOf(delivery.Lane));
        if (Jobs is null || destination is null || _bytes + delivery.Body.Length > Jobs.MostBytes || !LaneCall.Take(_taken, destination, delivery))
            return false;
        Last = delivery.Id;
        if (!Jobs.Takes(delivery))
            return true;
        Count++;
        _bytes += delivery.Body.Length;
        Hops = Math.Max(Hops, delivery.Hops);
        return true;
    }
}
