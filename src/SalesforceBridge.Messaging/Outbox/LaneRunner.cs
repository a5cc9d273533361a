using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Makes a lane's deliveries while its cursor is held, in order. What is about to be sent is committed before it is sent,
/// and what became of it in one statement with the position; between the two a crash leaves the call in doubt, and the
/// next holder repeats or parks it as the route says.
/// </summary>
internal sealed partial class LaneRunner(
    BridgeDatabase database, Cursors cursors, Bells bells, RouteDefinition route, IDestinations destinations, TimeProvider time, ILogger logger) : ILeasedWork
{
    // A call may hold 200; beyond that deliveries are read again, so that what was parked meanwhile is seen.
    private const int ReadAhead = 400;

    // Whatever is under way when the process is told to stop may take this long to end in order.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    private readonly LaneSql _sql = new(database, route.Name);
    private readonly Pause _pause = new(database.Options, time);

    /// <inheritdoc/>
    public string Cursor => _sql.Cursor;

    /// <inheritdoc/>
    public async Task RunAsync(Lease lease, CancellationToken ct)
    {
        var held = new HeldCursor(database, cursors, lease);
        using Bell bell = bells.Listen(Cursor);
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (await StepAsync(held, ct) is { } rest)
                    await bell.WaitAsync(rest, ct);
            }
            catch (Exception error) when (!ct.IsCancellationRequested)
            {
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

                await _pause.WaitAsync(ct);
            }
        }
    }

    /// <returns>Null when there may be more to do, else how long to rest unless the bell rings.</returns>
    private async Task<TimeSpan?> StepAsync(HeldCursor held, CancellationToken ct)
    {
        CursorState state = await held.ReadAsync(ct);
        if (state.ProbeIn > TimeSpan.Zero)
            return Least(state.ProbeIn, database.Options.Idle);
        if (state.InFlight is { } inFlight)
            await SettleDoubtAsync(held, InFlight.Parse(inFlight), ct);

        int most = state.Stopped is null ? int.MaxValue : 1;
        Outlook outlook = await OutlookAsync(ct);
        bool retried = outlook.Open > 0 && await RetryAsync(held, most, ct);
        bool delivered = !outlook.IsFull && await DeliverNextAsync(held, most, ct);
        if (state.Stopped is not null && (retried || delivered) && (await held.ReadAsync(ct)).ProbeIn == TimeSpan.Zero)
            await held.ResumeAsync(ct);
        return retried || delivered ? null : Least(outlook.Due ?? database.Options.Idle, database.Options.Idle);
    }

    private async Task<Outlook> OutlookAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await FailureSql.ReadOutlookAsync(connection, database.Schema, Cursor, database.Options.WaitingLimit, ct);
    }

    private async Task<bool> DeliverNextAsync(HeldCursor held, int most, CancellationToken ct)
    {
        List<Pending> next = await ReadAsync((connection, hold) => _sql.ReadNextAsync(connection, hold, ReadAhead, ct), held, ct);
        if (next.Count == 0)
            return false;
        LaneCall call = LaneCall.Choose(next, destinations, most);
        await MakeAsync(held, call, new InFlight(call.Last), moves: true, ct);
        return true;
    }

    private async Task<bool> RetryAsync(HeldCursor held, int most, CancellationToken ct)
    {
        List<Pending> heads = await ReadAsync((connection, hold) => _sql.ReadHeadsAsync(connection, hold, ReadAhead, ct), held, ct);
        if (heads.Count == 0)
            return false;
        LaneCall call = LaneCall.Choose(heads, destinations, most);
        await MakeAsync(held, call, new InFlight(0, [.. call.Deliveries.Select(pending => pending.Delivery.Id)]), moves: false, ct);
        return true;
    }

    private async Task MakeAsync(HeldCursor held, LaneCall call, InFlight inFlight, bool moves, CancellationToken ct)
    {
        if (call.Deliveries.Count == 0)
        {
            await WriteAsync(held, [_sql.End(call.Last)], ct);
            return;
        }

        await WriteAsync(held, [_sql.Begin(inFlight)], ct);
        using CancellationTokenSource grace = GraceAfter(ct, held.Lease.Lost);
        CallResult result = await CallResult.MakeAsync(call, grace.Token);
        await RecordAsync(held, call, result, moves);
        await HeedAsync(held, result, ct);
    }

    // What the destination said is recorded even when the process is to stop or the lease is gone: it is evidence.
    private async Task RecordAsync(HeldCursor held, LaneCall call, CallResult result, bool moves)
    {
        using var limit = new CancellationTokenSource(Grace, time);
        Failed[] failed = [.. result.Failed(route)];
        List<NpgsqlBatchCommand> commands = [];
        if (result.Made.Count > 0)
            commands.AddRange([_sql.Record(result.Made), _sql.Succeed(result.Made.Select(made => made.Pending.Delivery.Id))]);
        if (failed.Length > 0)
            commands.Add(_sql.Fail(failed));
        long? position = !moves ? null : result.FirstUnsettled is { } first ? first.Delivery.Id - 1 : call.Last;
        commands.Add(_sql.End(position));
        try
        {
            await WriteAsync(held, commands, limit.Token);
        }
        catch (PostgresException error) when (error.SqlState == StepErrors.LeaseLost)
        {
            if (result.Made.Count > 0)
            {
                await using NpgsqlConnection connection = await database.OpenAsync(limit.Token);
                await Sql.ExecuteAsync(connection, [_sql.Record(result.Made)], limit.Token);
            }

            throw;
        }
    }

    private async Task HeedAsync(HeldCursor held, CallResult result, CancellationToken ct)
    {
        if (result.LaneRefusal is { } refusal)
        {
            LogStopped(Cursor, refusal.Code);
            await held.StopAsync($"{refusal.Code}: {refusal.Error}", database.Options.LaneProbe, ct);
        }
        else if (result.NotNow is { } notNow)
        {
            LogNotNow(Cursor, notNow.Code, notNow.Error);
            if (notNow.Wait is { } wait)
                await Task.Delay(wait, time, ct);
            else
                await _pause.WaitAsync(ct);
        }
        else
        {
            _pause.Reset();
        }
    }

    private async Task SettleDoubtAsync(HeldCursor held, InFlight inFlight, CancellationToken ct)
    {
        List<Pending> unsettled = await ReadAsync((connection, hold) => _sql.ReadUnsettledAsync(connection, hold, inFlight, ct), held, ct);
        Failed[] parked =
        [
            .. unsettled.Where(pending => DoubtPolicy.For(route, pending.Delivery.Destination) == WhenInDoubt.Park).Select(pending =>
                Failed.Dead(pending.Attempts + 1, pending.Delivery.Id, pending.Delivery.Key, route, DoubtPolicy.Code, DoubtPolicy.Explanation)),
        ];
        await WriteAsync(held, [.. parked.Length > 0 ? [_sql.Fail(parked)] : Array.Empty<NpgsqlBatchCommand>(), _sql.End(null)], ct);
        LogDoubt(Cursor, unsettled.Count, parked.Length);
    }

    private async Task<T> ReadAsync<T>(Func<NpgsqlConnection, NpgsqlBatchCommand, Task<T>> read, HeldCursor held, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await read(connection, cursors.Hold(held.Lease));
    }

    private async Task WriteAsync(HeldCursor held, IReadOnlyList<NpgsqlBatchCommand> commands, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection, [cursors.Hold(held.Lease), .. commands], ct);
    }

    private static CancellationTokenSource GraceAfter(CancellationToken stop, CancellationToken lost)
    {
        var grace = CancellationTokenSource.CreateLinkedTokenSource(lost);
        stop.Register(() =>
        {
            try
            {
                grace.CancelAfter(Grace);
            }
            catch (ObjectDisposedException)
            {
                // The call ended before the process was told to stop.
            }
        });
        return grace;
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    [LoggerMessage(Level = LogLevel.Error, Message = "{Lane} stopped ({Code}): see `bridge status`; it keeps its place and tries one delivery by itself")]
    private partial void LogStopped(string lane, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Lane} waits ({Code}): {Error}")]
    private partial void LogNotNow(string lane, string code, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Lane}: {Count} deliveries of a call that broke off are in doubt, {Parked} of them wait for a person")]
    private partial void LogDoubt(string lane, int count, int parked);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Lane} waits for the database ({Cause})")]
    private partial void LogPassing(string lane, string cause);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Lane} met a fault of the bridge and tries again")]
    private partial void LogFault(Exception error, string lane);
}
