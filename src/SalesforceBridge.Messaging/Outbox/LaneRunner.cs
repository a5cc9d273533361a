using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Makes a lane's deliveries while its cursor is held, in order: first those that failed and are due, then the next ones.
/// What the destination says decides about the deliveries, the lane, or everything.
/// </summary>
internal sealed partial class LaneRunner(
    BridgeDatabase database, Cursors cursors, Bells bells, RouteDefinition route, LaneDestinations destinations, TimeProvider time, ILogger logger) : ILeasedWork
{
    // A call may hold 200; beyond that deliveries are read again, so that what was parked meanwhile is seen.
    private const int MostReadAhead = 400;

    // What a destination asks for is heeded within reason.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly LaneSql _sql = new(database, route);
    private readonly LaneJournal _journal = new(database, cursors, bells, new LaneSql(database, route), route, time, logger);
    private readonly LaneJobs _jobs = new(database, cursors, route, destinations, new LaneSql(database, route), time, logger);
    private readonly RefusalRun _run = new(route.Name);
    private readonly Pause _databasePause = new(database.Options, time);
    private readonly Pause _destinationPause = new(database.Options, time);
    private int _readAhead = MostReadAhead;
    private bool? _isFull;

    /// <inheritdoc/>
    public string Cursor => _sql.Cursor;

    /// <inheritdoc/>
    public async Task RunAsync(Lease lease, CancellationToken ct)
    {
        var held = new HeldCursor(database, cursors, lease);
        _journal.Open(lease);
        _run.End();
        _isFull = null;
        using Bell bell = bells.Listen(Cursor);
        while (!ct.IsCancellationRequested)
        {
            try
            {
                TimeSpan rest = await StepAsync(held, ct);
                _databasePause.Reset();
                if (rest > TimeSpan.Zero)
                    await bell.WaitAsync(rest, ct);
            }
            catch (Exception error) when (!ct.IsCancellationRequested)
            {
                _run.End();
                switch (StepErrors.BlameFor(error))
                {
                    case Blame.Lease:
                        throw new LeaseLostException($"{Cursor} is held by another worker now", error);
                    case Blame.Passing or Blame.Moved:
                        LogPassing(Cursor, StepErrors.CodeOf(error) ?? error.GetType().Name);
                        break;
                    default:
                        LogFault(error, Cursor);
                        break;
                }

                await _databasePause.WaitAsync(ct);
            }
        }
    }

    /// <returns>How long there is nothing to do, unless the bell rings.</returns>
    private async Task<TimeSpan> StepAsync(HeldCursor held, CancellationToken ct)
    {
        CursorState state = await LookAsync(held, ct);
        _run.Heed(state);
        if (state.InFlight is { } inFlight)
            return await SettleAsync(held, inFlight, ct);
        if (state.ProbeIn > TimeSpan.Zero)
            return state.Rest(database.Options.Idle);

        int most = state.IsStopped ? 1 : int.MaxValue;
        Said said = state.IsReady ? await RetryAsync(held, most, ct) : Said.Nothing;
        bool mayGoOn = said == Said.Nothing || (said == Said.GoOn && !state.IsStopped);
        if (mayGoOn && state.HasMore && !state.IsFull && await DeliverNextAsync(held, most, ct) is not Said.Nothing and var next)
            said = next;
        if (state.IsStopped && (said == Said.GoOn || (said == Said.Nothing && state.Open == 0)))
            await ResumeAsync(held, ct);
        return said == Said.Nothing ? state.Rest(database.Options.Idle) : TimeSpan.Zero;
    }

    // What was under way when the lane was let go: a job goes on by itself, and of anything else nobody knows.
    private async Task<TimeSpan> SettleAsync(HeldCursor held, string inFlight, CancellationToken ct)
    {
        if (LaneJob.Parse(inFlight) is not { } job)
            await _journal.SettleDoubtAsync(held.Lease, inFlight, ct);
        else if (await _jobs.GoOnAsync(held, job, _run, ct) is not JobAnswer.Unknown and var answer)
            await HeedAsync(held, answer, ct);
        else
            await _journal.SettleDoubtAsync(held.Lease, new InFlight(job.Last).ToString(), ct);
        return TimeSpan.Zero;
    }

    private async Task ResumeAsync(HeldCursor held, CancellationToken ct)
    {
        await OnAsync(connection => held.ResumeAsync(connection, ct), ct);
        _jobs.Reconsider();
    }

    private async Task<CursorState> LookAsync(HeldCursor held, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        CursorState state = await held.LookAsync(connection, null, _sql.More, ct);
        if (_isFull != state.IsFull)
            await held.TellFullAsync(connection, state.IsFull, ct);
        _isFull = state.IsFull;
        return state;
    }

    private async Task<Said> DeliverNextAsync(HeldCursor held, int most, CancellationToken ct)
    {
        List<Pending> next = await ReadAsync((connection, hold) => _sql.ReadNextAsync(connection, hold, _readAhead, ct), held, ct);
        if (next.Count == 0)
            return Said.Nothing;
        if (MostOf(most) == int.MaxValue && _jobs.MayBeWorthOne(next, _readAhead) && await _jobs.TryRunAsync(held, _run, ct) is { } answer)
            return await HeedAsync(held, answer, ct);
        LaneCall call = await WholeAsync(held, destinations.Choose(next, MostOf(most)), isRetried: false, ct);
        _readAhead = Math.Clamp(2 * (call.Destination?.CallSize ?? 1), 2, MostReadAhead);
        if (call.Deliveries.Count > 0)
            return await MakeAsync(held, call, new InFlight(call.Last), moves: true, ct);
        await _journal.PassAsync(held.Lease, call.Last, ct);
        return Said.GoOn;
    }

    private async Task<Said> RetryAsync(HeldCursor held, int most, CancellationToken ct)
    {
        List<Pending> heads = await ReadAsync((connection, hold) => _sql.ReadHeadsAsync(connection, hold, _readAhead, ct), held, ct);
        if (heads.Count == 0)
            return Said.Nothing;
        LaneCall call = await WholeAsync(held, destinations.Choose(heads, MostOf(most)), isRetried: true, ct);
        // Somebody else recorded all of the lot meanwhile.
        if (call.Deliveries.Count == 0)
            return Said.GoOn;
        return await MakeAsync(held, call, new InFlight(0, [.. call.Deliveries.Select(pending => pending.Delivery.Id)]), moves: false, ct);
    }

    private int MostOf(int most) => Math.Min(most, _run.MostInCall);

    private async Task<LaneCall> WholeAsync(HeldCursor held, LaneCall call, bool isRetried, CancellationToken ct) => call.Lot is { } lot
        ? call.Of(await ReadAsync((connection, hold) => _sql.ReadLotAsync(connection, hold, lot, isRetried, ct), held, ct))
        : call;

    private async Task<Said> MakeAsync(HeldCursor held, LaneCall call, InFlight inFlight, bool moves, CancellationToken ct)
    {
        LaneCall ready = await destinations.ActAsync(call, ct);
        if (!await _journal.BeginAsync(held.Lease, inFlight, ct))
            return Said.Wait;
        using var grace = new Deadline(Timeout.InfiniteTimeSpan, time);
        await using CancellationTokenRegistration stopping = ct.Register(() => grace.Shorten(GraceFor(held.Lease)));
        CallResult result = await CallResult.MakeAsync(ready, route, time, () => !ct.IsCancellationRequested && held.Lease.IsSure(), _run, grace.Token);
        await _journal.RecordAsync(held.Lease, call, result, moves, ct);
        return await HeedAsync(held, result, ct);
    }

    // What was sent cannot be taken back, so its answer is awaited: as long as nobody else can have the lane.
    private TimeSpan GraceFor(Lease lease) => lease.Lost.IsCancellationRequested ? database.Options.Heartbeat : LaneJournal.Grace;

    private Task<Said> HeedAsync(HeldCursor held, JobAnswer answer, CancellationToken ct) =>
        HeedAsync(held, (answer as JobAnswer.Refused)?.Why, (answer as JobAnswer.NotNow)?.Why, ct);

    private Task<Said> HeedAsync(HeldCursor held, CallResult result, CancellationToken ct) => HeedAsync(held, result.LaneRefusal, result.NotNow, ct);

    private async Task<Said> HeedAsync(HeldCursor held, DeliveryOutcome.LaneRefused? refused, CallOutcome.NotNow? later, CancellationToken ct)
    {
        if (_run.Stop is { } run)
            return await StopAsync(held, run.Code, run.Why, isRun: true, ct);
        if (refused is { } refusal)
            return await StopAsync(held, refusal.Code, $"{refusal.Code}: {refusal.Error}", isRun: false, ct);

        if (later is { } notNow)
        {
            LogNotNow(Cursor, notNow.Code, notNow.Error);
            if (notNow.Wait is { } wait)
                await Task.Delay(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait, time, ct);
            else
                await _destinationPause.WaitAsync(ct);
            return Said.Wait;
        }

        _destinationPause.Reset();
        return Said.GoOn;
    }

    private async Task<Said> StopAsync(HeldCursor held, string code, string why, bool isRun, CancellationToken ct)
    {
        LogStopped(Cursor, code);
        await OnAsync(connection => held.StopAsync(connection, why, database.Options.LaneProbe, isRun ? code : null, ct), ct);
        return Said.Stop;
    }

    private async Task<T> ReadAsync<T>(Func<NpgsqlConnection, NpgsqlBatchCommand, Task<T>> read, HeldCursor held, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await read(connection, cursors.Hold(held.Lease));
    }

    private async Task OnAsync(Func<NpgsqlConnection, Task> work, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await work(connection);
    }

    private enum Said
    {
        /// <summary>There was nothing to ask.</summary>
        Nothing,

        /// <summary>The destination works, whatever it said of single deliveries.</summary>
        GoOn,

        /// <summary>Not now.</summary>
        Wait,

        /// <summary>The lane has stopped.</summary>
        Stop,
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Lane} stopped ({Code}): see `bridge status`; it keeps its place and tries one delivery by itself")]
    private partial void LogStopped(string lane, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Lane} waits ({Code}): {Error}")]
    private partial void LogNotNow(string lane, string code, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Lane} waits for the database ({Cause})")]
    private partial void LogPassing(string lane, string cause);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Lane} met a fault of the bridge and tries again")]
    private partial void LogFault(Exception error, string lane);
}
