using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// A lane's jobs: where many deliveries wait and the destination takes jobs, they go as one. The job is made, its id and range are committed,
/// and only then it gets its deliveries, so nothing of it is ever in doubt: whoever holds the lane asks the destination how far it is.
/// </summary>
internal sealed partial class LaneJobs(
    BridgeDatabase database, Cursors cursors, RouteDefinition route, LaneDestinations destinations, LaneSql sql, TimeProvider time, ILogger logger)
{
    private const int PageSize = 1_000;

    // Up to here deliveries were found not to be worth a job, or their job could not do them.
    private long _callsUpTo;

    // In a job there is no order, so each key is in it once; a route with keys says whether that is worth it.
    private bool AreAllowed => !route.AsCaller && !route.Together && (route.Bulk ?? route.KeyExpression is null);

    /// <summary>Whether more may lie behind these deliveries than were read, so that it is worth a look, which reads many of them.</summary>
    public bool MayBeWorthOne(IReadOnlyList<Pending> next, int limit) =>
        AreAllowed && next.Count >= Math.Min(limit, database.Options.JobFrom) && next[0].Delivery.Id > _callsUpTo && destinations.JobsOf(next[0].Delivery) is not null;

    /// <summary>The lane was stopped, and is not any more: what a job could not do then it may do now.</summary>
    public void Reconsider() => _callsUpTo = 0;

    /// <summary>Begins a job with the next deliveries and sees it through, if there are enough of them.</summary>
    /// <returns>What became of it; null where there was none.</returns>
    public async Task<JobAnswer?> TryRunAsync(HeldCursor held, RefusalRun run, CancellationToken ct)
    {
        JobPlan plan = await PlanAsync(ct);
        if (plan.Count < database.Options.JobFrom || plan.Jobs is not { } jobs)
        {
            _callsUpTo = plan.Last;
            return null;
        }

        JobAnswer answer = await jobs.OpenAsync(plan.Hops, ct);
        if (answer is JobAnswer.Over refused)
        {
            LogNone(sql.Cursor, refused.Failure);
            _callsUpTo = plan.Last;
            return null;
        }

        if (answer is not JobAnswer.Opened(var id))
            return answer;
        var job = new LaneJob(id, plan.Last);
        await WriteAsync(held.Lease, [sql.Begin(job.ToString())], ct);
        LogBegun(sql.Cursor, id, plan.Count);
        answer = await jobs.SendAsync(id, ReadToSendAsync(held.Lease, jobs, job, ct), ct);
        if (answer is JobAnswer.Over { Failure: var why })
        {
            // Another job would be refused the same, and the next one at once.
            LogNone(sql.Cursor, why);
            _callsUpTo = plan.Last;
        }

        return answer is JobAnswer.Running ? await FollowAsync(held, jobs, job, run, ct) : answer;
    }

    /// <summary>Goes on with a job that is under way, whoever began it.</summary>
    public async Task<JobAnswer> GoOnAsync(HeldCursor held, LaneJob job, RefusalRun run, CancellationToken ct)
    {
        Pending? first = (await PageAsync(null, job.Last, 1, ct)).FirstOrDefault();
        if (first is not null && destinations.JobsOf(first.Delivery) is { } jobs)
            return await FollowAsync(held, jobs, job, run, ct);
        await EndAsync(held, job, ct);
        return new JobAnswer.Over();
    }

    private async Task<JobAnswer> FollowAsync(HeldCursor held, IJobs jobs, LaneJob job, RefusalRun run, CancellationToken ct)
    {
        var pause = new Pause(database.Options, time);
        while (true)
        {
            JobAnswer answer = await jobs.LookAsync(job.Id, ct);
            // Whoever made it was gone before it began.
            if (answer is JobAnswer.Opened)
                answer = await jobs.EndAsync(job.Id, ct);
            if (answer is JobAnswer.Over)
                return await RecordAsync(held, jobs, job, run, ct);
            if (answer is not JobAnswer.Running)
                return answer;
            await pause.WaitAsync(ct);
        }
    }

    private async Task<JobAnswer> RecordAsync(HeldCursor held, IJobs jobs, LaneJob job, RefusalRun run, CancellationToken ct)
    {
        var verdict = new JobVerdict(route);
        JobAnswer answer = await jobs.ReadAsync(job.Id, ReadAsync(jobs, job, ct), some => RecordAsync(held.Lease, verdict.Take(some), ct), ct);
        if (answer is not JobAnswer.Over over)
            return answer;
        foreach (JobResult[] some in verdict.GivenUp(run).Chunk(PageSize))
            await RecordAsync(held.Lease, some, ct);
        if (over.Failure is { } failure)
        {
            LogFailed(sql.Cursor, job.Id, failure);
            _callsUpTo = job.Last;
        }

        await EndAsync(held, job, ct);
        LogOver(sql.Cursor, job.Id, verdict.Count);
        return verdict switch
        {
            { LaneRefusal: { } refusal } => new JobAnswer.Refused(refusal),
            { NotNow: { } later } => new JobAnswer.NotNow(new CallOutcome.NotNow(later.Code, later.Error, later.Wait)),
            _ => answer,
        };
    }

    private async Task RecordAsync(Lease lease, JobResult[] results, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        Dictionary<long, Pending> known = (await sql.ReadBrieflyAsync(connection, results.Select(result => result.Id), ct)).ToDictionary(pending => pending.Delivery.Id);
        List<(Pending, DeliveryOutcome.Delivered)> made = [];
        List<Failed> failed = [];
        foreach (JobResult result in results.Where(result => known.ContainsKey(result.Id)))
        {
            if (result.Outcome is DeliveryOutcome.Delivered delivered)
                made.Add((known[result.Id], delivered));
            else
                failed.Add(CallResult.FailureOf(route, known[result.Id], result.Outcome));
        }

        await Sql.ExecuteAsync(connection, [cursors.Hold(lease), sql.Record(made), sql.Fail(failed), ResultSql.Tell(database.Schema, route.Name, [.. known.Keys.Select(id => (id, default(ReadOnlyMemory<byte>?)))])], ct);
    }

    private Task EndAsync(HeldCursor held, LaneJob job, CancellationToken ct) => WriteAsync(held.Lease, [sql.EndJob(job)], ct);

    private async Task<JobPlan> PlanAsync(CancellationToken ct)
    {
        JobPlan plan = destinations.PlanJob();
        long? after = null;
        while (plan.Count < database.Options.JobLimit)
        {
            List<Pending> page = await PageAsync(after, long.MaxValue, PageSize, ct);
            if (page.Count == 0 || !page.TrueForAll(plan.TryAdd))
                break;
            after = page[^1].Delivery.Id;
        }

        return plan;
    }

    // A job begins with its last delivery: not any more if somebody else may have the lane, who then does something else with it.
    private async IAsyncEnumerable<Delivery> ReadToSendAsync(Lease lease, IJobs jobs, LaneJob job, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (Delivery delivery in ReadAsync(jobs, job, ct))
            yield return delivery;
        if (!lease.IsSure())
            throw new LeaseLostException($"{lease.Cursor} may be held by another worker now");
    }

    private async IAsyncEnumerable<Delivery> ReadAsync(IJobs jobs, LaneJob job, [EnumeratorCancellation] CancellationToken ct)
    {
        long? after = null;
        while (await PageAsync(after, job.Last, PageSize, ct) is { Count: > 0 } page)
        {
            foreach (Pending pending in page.Where(pending => jobs.Takes(pending.Delivery)))
                yield return pending.Delivery;
            after = page[^1].Delivery.Id;
        }
    }

    private async Task<List<Pending>> PageAsync(long? after, long last, int limit, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await sql.ReadForJobAsync(connection, after, last, limit, ct);
    }

    private async Task WriteAsync(Lease lease, IReadOnlyList<NpgsqlBatchCommand> commands, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection, [cursors.Hold(lease), .. commands], ct);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Lane} sends {Count} deliveries as job {Job}")]
    private partial void LogBegun(string lane, string job, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Lane} gets no job ({Why}); what waits goes by calls")]
    private partial void LogNone(string lane, string? why);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Lane}: job {Job} is over and told of {Count} deliveries")]
    private partial void LogOver(string lane, string job, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Lane}: job {Job} ended early ({Failure}); what it did not do goes by calls")]
    private partial void LogFailed(string lane, string job, string failure);
}
