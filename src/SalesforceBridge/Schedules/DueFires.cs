using SalesforceBridge.Messaging;

namespace SalesforceBridge.Schedules;

/// <summary>One message that a schedule is to make.</summary>
/// <param name="ScheduledAt">The time it is made for.</param>
/// <param name="Missed">How many earlier fires it stands for besides its own.</param>
internal readonly record struct Fire(DateTimeOffset ScheduledAt, long Missed);

/// <summary>What a schedule owes, and up to where that is all.</summary>
/// <param name="Fires">The messages to make, oldest first.</param>
/// <param name="Position">The newest scheduled time that was looked at.</param>
/// <param name="TooMany">How many missed fires are more than anybody wants to have made up for; 0 for most.</param>
internal sealed record DueFires(IReadOnlyList<Fire> Fires, DateTimeOffset Position, long TooMany)
{
    /// <summary>What <c>misfire: all</c> makes up for at most.</summary>
    public const int MostMadeUpFor = 1000;

    /// <summary>A fire that is made no later than this was not missed: somebody was busy, or starting.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>What is due between a position and now, the latter included.</summary>
    public static DueFires Since(DateTimeOffset position, DateTimeOffset now, Schedule schedule, Misfire misfire)
    {
        List<Fire> inTime = [];
        Queue<DateTimeOffset> missed = [];
        long countMissed = 0;
        for (DateTimeOffset? next = schedule.NextAfter(position); next is { } time && time <= now; next = schedule.NextAfter(time))
        {
            position = time;
            if (time >= now - Tolerance)
            {
                inTime.Add(new Fire(time, 0));
                continue;
            }

            countMissed++;
            missed.Enqueue(time);
            if (missed.Count > MostMadeUpFor)
                missed.Dequeue();
        }

        return misfire switch
        {
            Misfire.All => new DueFires([.. missed.Select(time => new Fire(time, 0)), .. inTime], position, countMissed - missed.Count),
            Misfire.Once when countMissed > 0 => new DueFires(Together(missed.Last(), countMissed, inTime), position, 0),
            _ => new DueFires(inTime, position, 0),
        };
    }

    // The first that is in time stands for those before it.
    private static List<Fire> Together(DateTimeOffset lastMissed, long countMissed, List<Fire> inTime) => inTime is [var first, .. var others]
        ? [first with { Missed = countMissed }, .. others]
        : [new Fire(lastMissed, countMissed - 1)];
}
