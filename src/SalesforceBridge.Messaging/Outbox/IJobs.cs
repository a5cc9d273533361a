namespace SalesforceBridge.Messaging;

/// <summary>
/// A destination that takes many deliveries of one lane at once, as a job that goes on by itself: a stated seam. A job is told apart by its id alone, so
/// whoever holds the lane next goes on with it.
/// </summary>
public interface IJobs
{
    /// <summary>How many bytes of bodies one job takes; at least the largest body.</summary>
    long MostBytes { get; }

    /// <summary>Whether a job can say what this delivery says. If not it is made by a call, after the job around it.</summary>
    bool Takes(Delivery delivery);

    /// <summary>Makes a job that does nothing yet. One that is over at once is none: the deliveries go by calls.</summary>
    /// <param name="hops">The most of those that it will get.</param>
    /// <param name="ct">Ends the wait; a job that came about all the same does nothing.</param>
    Task<JobAnswer> OpenAsync(int hops, CancellationToken ct);

    /// <summary>Gives a job its deliveries and lets it begin. One that is over did not take them: they go by calls.</summary>
    /// <param name="job">Its id.</param>
    /// <param name="deliveries">What it takes; may be read more than once.</param>
    /// <param name="ct">Breaks it off.</param>
    Task<JobAnswer> SendAsync(string job, IAsyncEnumerable<Delivery> deliveries, CancellationToken ct);

    /// <summary>How far a job is.</summary>
    Task<JobAnswer> LookAsync(string job, CancellationToken ct);

    /// <summary>What became of the deliveries of a job that is over. It says nothing of those that were not reached.</summary>
    /// <param name="job">Its id.</param>
    /// <param name="deliveries">What it was given, in the same order.</param>
    /// <param name="take">Gets some results at a time, each delivery's once.</param>
    /// <param name="ct">Breaks it off.</param>
    Task<JobAnswer> ReadAsync(
        string job, IAsyncEnumerable<Delivery> deliveries, Func<IReadOnlyList<JobResult>, Task> take, CancellationToken ct);

    /// <summary>
    /// Ends a job that was not begun. Somebody may begin it in this very moment, so its results are asked for all the same.
    /// </summary>
    Task<JobAnswer> EndAsync(string job, CancellationToken ct);
}

/// <summary>What became of one delivery of a job.</summary>
/// <param name="Id">The delivery's.</param>
/// <param name="Outcome">What became of it.</param>
public sealed record JobResult(long Id, DeliveryOutcome Outcome);

/// <summary>What a destination says of a job.</summary>
public abstract record JobAnswer
{
    private JobAnswer()
    {
    }

    /// <summary>It is there and does nothing yet.</summary>
    /// <param name="Job">Its id.</param>
    public sealed record Opened(string Job) : JobAnswer;

    /// <summary>It goes on by itself.</summary>
    public sealed record Running : JobAnswer;

    /// <summary>It is over, or its results are read: what they do not tell of was not done.</summary>
    /// <param name="Failure">Why it ended early, for the log; null where it did not.</param>
    public sealed record Over(string? Failure = null) : JobAnswer;

    /// <summary>The destination does not know it any more.</summary>
    public sealed record Unknown : JobAnswer;

    /// <summary>Every job like this is refused. The lane stops.</summary>
    /// <param name="Why">What the destination said.</param>
    public sealed record Refused(DeliveryOutcome.LaneRefused Why) : JobAnswer;

    /// <summary>Not now: everything waits, and the job is as it was.</summary>
    /// <param name="Why">What the destination said.</param>
    public sealed record NotNow(CallOutcome.NotNow Why) : JobAnswer;
}
