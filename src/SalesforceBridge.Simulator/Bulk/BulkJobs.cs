using System.Collections.Concurrent;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Bulk;

/// <summary>The org's Bulk jobs, and their work in the background.</summary>
internal sealed class BulkJobs(Org org) : IAsyncDisposable
{
    /// <summary>The rows of a batch, in which the daily allocation is counted.</summary>
    private const int BatchRows = 10_000;

    private readonly ConcurrentDictionary<string, BulkJob> _jobs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> _work = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopped = new();
    private long _last;
    private long _batches;
    private long _queries;

    /// <summary>Batches counted so far.</summary>
    public long Batches => Interlocked.Read(ref _batches);

    /// <summary>Query jobs counted so far.</summary>
    public long Queries => Interlocked.Read(ref _queries);

    public IReadOnlyList<BulkJob> All(bool queries) =>
        [.. _jobs.Values.Where(job => job.IsQuery == queries).OrderBy(job => job.Id, StringComparer.Ordinal)];

    public BulkJob? Find(string id, bool isQuery) =>
        SalesforceId.Normalise(id) is { } known && _jobs.GetValueOrDefault(known) is { } job && job.IsQuery == isQuery ? job : null;

    public BulkJob Open(JobOrder order)
    {
        string id = SalesforceId.Number("750", Interlocked.Increment(ref _last));
        return _jobs[id] = new BulkJob(id, order, org.Now, JobState.Open);
    }

    /// <summary>Lets a job that has all it needs begin.</summary>
    public void Start(BulkJob job)
    {
        if (job.IsQuery)
            Interlocked.Increment(ref _queries);
        _work[job.Id] = Task.Run(() => WorkAsync(job));
    }

    public void Remove(BulkJob job)
    {
        _jobs.TryRemove(job.Id, out _);
        job.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await Task.WhenAll(_work.Values);
        foreach (BulkJob job in _jobs.Values)
            job.Dispose();
        _stopped.Dispose();
    }

    private async Task WorkAsync(BulkJob job)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(job.Aborted, _stopped.Token);
        try
        {
            await Task.Delay(org.Options.BulkPace, org.Options.TimeProvider, ends.Token);
            if (!job.TryMove(JobState.InProgress, org.Now, JobState.UploadComplete))
                return;
            org.Changed.Ring();
            JobState end = job.IsQuery ? new QueryRun(org, job).Run() : new IngestRun(org, job).Run(ends.Token);
            Interlocked.Add(ref _batches, job.IsQuery ? 0 : (job.Processed + BatchRows - 1) / BatchRows);
            await Task.Delay(org.Options.BulkPace, org.Options.TimeProvider, ends.Token);
            job.TryMove(end, org.Now, JobState.InProgress);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // Aborted, or the org is gone.
        }
        catch (ApiException refused)
        {
            job.ErrorMessage = $"InvalidBatch : {refused.Error.Message}";
            job.TryMove(JobState.Failed, org.Now, JobState.InProgress);
        }
        finally
        {
            _work.TryRemove(job.Id, out _);
        }
        org.Changed.Ring();
    }
}
