using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// What a lane commits around a call. What is about to be sent is committed before it is sent, and what became of it in one
/// statement with the position. Between the two a crash leaves the call in doubt; while this process lives it knows better.
/// </summary>
internal sealed partial class LaneJournal(
    BridgeDatabase database, Cursors cursors, Bells bells, LaneSql sql, RouteDefinition route, TimeProvider time, ILogger logger)
{
    // Whatever is under way when the process is told to stop may take this long to end in order.
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    // An answer is worth recording long after the lease is gone, since nobody may have taken it.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private string? _begunOnly;
    private long _epoch;

    /// <summary>A new lease. Unless nobody held the lane in between, what was begun there is not ours to judge.</summary>
    public void Open(Lease lease)
    {
        if (lease.Epoch != _epoch + 1)
            _begunOnly = null;
        _epoch = lease.Epoch;
    }

    /// <summary>Says what is about to be handed to the API, so that whoever takes over knows what is in doubt.</summary>
    /// <returns>False when the call must not be made any more.</returns>
    public async Task<bool> BeginAsync(Lease lease, InFlight inFlight, CancellationToken ct)
    {
        // To be told to stop half way through would leave a call in doubt that was never made.
        _begunOnly = inFlight.ToString();
        using var limit = new Deadline(Grace, time);
        await WriteWithinAsync(limit, lease, [sql.Begin(inFlight)]);
        if (ct.IsCancellationRequested || lease.Lost.IsCancellationRequested || !lease.IsSure())
        {
            await WriteWithinAsync(limit, lease, [sql.End(null)]);
            return false;
        }

        _begunOnly = null;
        return true;
    }

    /// <summary>
    /// Records what the destination said. It is evidence, so the database is waited for, and what was made is recorded even
    /// when another worker holds the lane by now.
    /// </summary>
    /// <exception cref="LeaseLostException">Another worker holds the lane; it goes on from what is recorded.</exception>
    public async Task RecordAsync(Lease lease, LaneCall call, CallResult result, bool moves, CancellationToken stop)
    {
        var pause = new Pause(database.Options, time);
        using var limit = new Deadline(Patience, time);
        await using CancellationTokenRegistration stopping = stop.Register(() => limit.Shorten(lease.Lost.IsCancellationRequested ? Patience : Grace));
        while (true)
        {
            try
            {
                await WriteWithinAsync(limit, lease, Record(call, result, moves));
                bells.RingEach(result.PublishedEvents());
                return;
            }
            catch (PostgresException error) when (error.SqlState == StepErrors.LeaseLost)
            {
                await RecordAsEvidenceAsync(result, limit.Token);
                throw new LeaseLostException(error.MessageText, error);
            }
            catch (Exception error) when (!limit.HasPassed && StepErrors.BlameFor(error) == Blame.Passing)
            {
                LogRecordLater(sql.Cursor, StepErrors.CodeOf(error) ?? error.GetType().Name);
                await pause.WaitAsync(limit.Token);
            }
        }
    }

    /// <summary>Nothing had to be sent; the position moves past what is settled.</summary>
    public Task PassAsync(Lease lease, long position, CancellationToken ct) => WriteAsync(lease, [sql.End(position)], ct);

    /// <summary>Decides about a call of which only the beginning is recorded: repeat it or leave it to a person, as the route says.</summary>
    public async Task SettleDoubtAsync(Lease lease, string inFlight, CancellationToken ct)
    {
        if (inFlight == _begunOnly)
        {
            await WriteAsync(lease, [sql.End(null)], ct);
            return;
        }

        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        List<Pending> unsettled = await sql.ReadUnsettledAsync(connection, cursors.Hold(lease), InFlight.Parse(inFlight), ct);
        Failed[] parked =
        [
            .. unsettled.Where(pending => DoubtPolicy.For(route, pending.Delivery.Destination) == WhenInDoubt.Park).Select(pending =>
                Failed.Dead(pending.Attempts + 1, pending.Delivery.Id, pending.Delivery.Key, route, DoubtPolicy.Code, DoubtPolicy.Explanation)),
        ];
        await Sql.ExecuteAsync(connection, [cursors.Hold(lease), .. Fail(parked), .. Tell([.. parked.Select(one => (one.Id, (ReadOnlyMemory<byte>?)null))]), sql.End(null)], ct);
        LogDoubt(sql.Cursor, unsettled.Count, parked.Length);
    }

    private List<NpgsqlBatchCommand> Record(LaneCall call, CallResult result, bool moves)
    {
        long? position = !moves ? null : result.FirstUnsettled is { } first ? first.Delivery.Id - 1 : call.Last;
        return [.. Made(result), .. Fail([.. result.Failed(route)]), .. TakeBack(result), .. Tell(result.Settled), sql.End(position), .. Forget(call, result)];
    }

    private NpgsqlBatchCommand[] Forget(LaneCall call, CallResult result) =>
        call.CallerToForget is { } caller && result.Made.Count > 0 ? [CallerSql.Forget(database.Schema, caller)] : [];

    private List<NpgsqlBatchCommand> Made(CallResult result)
    {
        if (result.Made.Count == 0)
            return [];
        string[] events = [.. result.PublishedEvents()];
        return
        [
            sql.Record(result.Made),
            sql.Succeed(result.Made.Select(made => made.Pending.Delivery.Id)),
            .. events.Length > 0 ? [sql.Wake(events)] : Array.Empty<NpgsqlBatchCommand>(),
        ];
    }

    private NpgsqlBatchCommand[] Tell(IReadOnlyCollection<(long, ReadOnlyMemory<byte>?)> settled) =>
        settled.Count == 0 ? [] : [ResultSql.Tell(database.Schema, route.Name, settled)];

    private NpgsqlBatchCommand[] TakeBack(CallResult result) => result.TakenBack.Count == 0 ? [] : [sql.TakeBack(result.TakenBack)];

    private NpgsqlBatchCommand[] Fail(Failed[] failed) => failed.Length == 0 ? [] : [sql.Fail(failed)];

    private async Task RecordAsEvidenceAsync(CallResult result, CancellationToken ct)
    {
        if (result.Made.Count == 0)
            return;
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection, [sql.WaitForHolder(), .. Made(result), .. Tell([.. result.Made.Select(made => (made.Pending.Delivery.Id, made.Outcome.Response))])], ct);
        LogEvidence(sql.Cursor, result.Made.Count);
    }

    // A database that takes too long is one to wait for, like one that is away.
    private async Task WriteWithinAsync(Deadline limit, Lease lease, IReadOnlyList<NpgsqlBatchCommand> commands)
    {
        try
        {
            await WriteAsync(lease, commands, limit.Token);
        }
        catch (OperationCanceledException late) when (limit.HasPassed)
        {
            throw new TimeoutException("The database did not answer in time.", late);
        }
    }

    private async Task WriteAsync(Lease lease, IReadOnlyList<NpgsqlBatchCommand> commands, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection, [cursors.Hold(lease), .. commands], ct);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Lane}: {Count} deliveries of a call that broke off are in doubt, {Parked} of them wait for a person")]
    private partial void LogDoubt(string lane, int count, int parked);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Lane} has an answer to record and waits for the database ({Cause})")]
    private partial void LogRecordLater(string lane, string cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Lane} is held by another worker now; {Count} deliveries that this one made are recorded for it")]
    private partial void LogEvidence(string lane, int count);
}
