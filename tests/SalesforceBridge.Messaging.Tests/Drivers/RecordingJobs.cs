using System.Collections.Concurrent;

namespace SalesforceBridge.Messaging.Tests.Drivers;

/// <summary>Jobs that outlive the workers that send them, as those of an org do.</summary>
internal sealed class RecordingJobs : IJobs
{
    private readonly ConcurrentDictionary<string, Job> _jobs = new();
    private int _last;

    public long MostBytes { get; set; } = 100_000_000;

    /// <summary>What a job refuses to take. Default: nothing.</summary>
    public Func<Delivery, bool> Refuses { get; set; } = _ => false;

    /// <summary>What becomes of a delivery; null: the job does not reach it.</summary>
    public Func<Delivery, DeliveryOutcome?> Answer { get; set; } = delivery => new DeliveryOutcome.Delivered($"org-{delivery.Id}");

    /// <summary>Why every job ends early. Default: none does.</summary>
    public string? Failure { get; set; }

    /// <summary>Asked before each step; what is not null is the step's answer. A step may be held up here.</summary>
    public Func<string, CancellationToken, Task<JobAnswer?>> Before { get; set; } = (_, _) => Task.FromResult<JobAnswer?>(null);

    /// <summary>The ids of the deliveries of each job that began, in the order of the jobs.</summary>
    public IReadOnlyList<IReadOnlyList<long>> Begun => [.. _jobs.Values.Where(job => job.IsBegun).OrderBy(job => job.Number).Select(job => job.Ids)];

    /// <summary>How many jobs were ended without having begun.</summary>
    public int Ended => _jobs.Values.Count(job => job.IsEnded && !job.IsBegun);

    public bool Takes(Delivery delivery) => !Refuses(delivery);

    public async Task<JobAnswer> OpenAsync(int hops, CancellationToken ct)
    {
        if (await Before("open", ct) is { } answer)
            return answer;
        int number = Interlocked.Increment(ref _last);
        _jobs[$"J{number}"] = new Job(number);
        return new JobAnswer.Opened($"J{number}");
    }

    public async Task<JobAnswer> SendAsync(string job, IAsyncEnumerable<Delivery> deliveries, CancellationToken ct)
    {
        if (await Before("send", ct) is { } answer)
            return answer;
        List<Delivery> taken = [];
        await foreach (Delivery delivery in deliveries.WithCancellation(ct))
            taken.Add(delivery);
        // The org does it, whoever waits for that.
        _jobs[job].Begin(taken, Answer);
        return await Before("sent", ct) ?? new JobAnswer.Running();
    }

    public async Task<JobAnswer> LookAsync(string job, CancellationToken ct)
    {
        if (await Before("look", ct) is { } answer)
            return answer;
        return !_jobs.TryGetValue(job, out Job? known) ? new JobAnswer.Unknown()
            : known.IsBegun || known.IsEnded ? new JobAnswer.Over(Failure)
            : new JobAnswer.Opened(job);
    }

    public async Task<JobAnswer> ReadAsync(
        string job, IAsyncEnumerable<Delivery> deliveries, Func<IReadOnlyList<JobResult>, Task> take, CancellationToken ct)
    {
        List<long> given = [];
        await foreach (Delivery delivery in deliveries.WithCancellation(ct))
            given.Add(delivery.Id);
        if (_jobs[job].IsBegun)
            given.ShouldBe(_jobs[job].Ids);
        foreach (JobResult[] some in _jobs[job].Results.Reverse().Chunk(100))
        {
            await take(some);
            if (await Before("read", ct) is { } answer)
                return answer;
        }

        return new JobAnswer.Over(Failure);
    }

    public async Task<JobAnswer> EndAsync(string job, CancellationToken ct)
    {
        JobAnswer? answer = await Before("end", ct);
        _jobs[job].IsEnded = true;
        return answer ?? new JobAnswer.Over();
    }

    /// <summary>The org keeps no job for ever.</summary>
    public void Lose() => _jobs.Clear();

    private sealed class Job(int number)
    {
        public int Number => number;

        public bool IsBegun { get; private set; }

        public bool IsEnded { get; set; }

        public IReadOnlyList<long> Ids { get; private set; } = [];

        public IReadOnlyList<JobResult> Results { get; private set; } = [];

        public void Begin(IReadOnlyList<Delivery> deliveries, Func<Delivery, DeliveryOutcome?> answer)
        {
            Ids = [.. deliveries.Select(delivery => delivery.Id)];
            Results = [.. deliveries.Select(delivery => answer(delivery) is { } outcome ? new JobResult(delivery.Id, outcome) : null).OfType<JobResult>()];
            IsBegun = true;
        }
    }
}
