namespace SalesforceBridge.Simulator.Deliveries;

/// <summary>How long to wait after each failed attempt; when the list is at its end, the delivery is given up.</summary>
internal static class RetrySchedule
{
    /// <summary>Doubling from 30 seconds to 2 hours, for 24 hours.</summary>
    public static readonly IReadOnlyList<TimeSpan> OutboundMessage = [.. Doubling(TimeSpan.FromSeconds(30), TimeSpan.FromHours(2), TimeSpan.FromHours(24))];

    /// <summary>A Queueable that failed queues itself again with a delay, which an org allows up to ten minutes.</summary>
    public static readonly IReadOnlyList<TimeSpan> Queueable = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10)];

    public static readonly IReadOnlyList<TimeSpan> None = [];

    private static IEnumerable<TimeSpan> Doubling(TimeSpan first, TimeSpan longest, TimeSpan within)
    {
        TimeSpan next = first;
        for (TimeSpan age = first; age <= within; age += next)
        {
            yield return next;
            next = next * 2 < longest ? next * 2 : longest;
        }
    }
}
