using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Changes of tables, into the inbox. One worker at a time does it for all tables, on one connection. Captured changes are taken as
/// they are seen: whoever commits late is seen late, and nothing is passed over, since there is no position to pass it. Polled tables
/// are read when it is time.
/// </summary>
public sealed partial class TableDrain(
    BridgeDatabase database, Cursors cursors, Bells bells, StorageGauge storage, IReadOnlyList<TableWatch> watches, TimeProvider time,
    ILogger<TableDrain> logger) : ILeasedWork
{
    /// <summary>The cursor whose holder drains; also what triggers ring while it sleeps.</summary>
    public const string CursorOfTables = "tables";

    private const int Batch = 1000;

    // What was seen at work in the moment the drain lay down does not ring, so its first rests are short.
    private static readonly TimeSpan FirstRest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BetweenMeasures = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(5);

    private readonly BridgeSchema _s = database.Schema;
    private readonly TableSql _sql = new(database.Schema);
    private readonly Pause _pause = new(database.Options, time);
    private readonly Dictionary<string, TableReload> _reloads = [];
    private readonly Dictionary<string, TablePoll> _polls = [];
    private readonly Dictionary<string, string> _told = [];
    private TableCare _care = new(database, cursors, watches);
    private Dictionary<string, long> _tended = [];
    private long? _measured;
    private bool _isFull;
    private bool _grows;

    /// <inheritdoc/>
    public string Cursor => CursorOfTables;

    /// <inheritdoc/>
    public async Task RunAsync(Lease lease, CancellationToken ct)
    {
        (_care, _tended, _measured) = (new(database, cursors, watches), [], null);
        _reloads.Clear();
        _polls.Clear();
        using Bell bell = bells.Listen(CursorOfTables);
        TimeSpan rest = TimeSpan.Zero;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                bool moved = await PassAsync(lease, ring: rest > TimeSpan.Zero, ct);
                _pause.Reset();
                if (rest > TimeSpan.Zero && !moved)
                    await bell.WaitAsync(rest, ct);
                rest = moved ? TimeSpan.Zero : Longer(rest);
            }
            catch (Exception error) when (!ct.IsCancellationRequested && StepErrors.BlameFor(error) != Blame.Lease)
            {
                LogWaits(StepErrors.CodeOf(error) ?? error.GetType().Name);
                await _pause.WaitAsync(ct);
            }
            catch (PostgresException error) when (error.SqlState == StepErrors.LeaseLost)
            {
                throw new LeaseLostException($"{Cursor} is held by another worker now", error);
            }
        }
    }

    /// <returns>Whether anything was moved, so that more may wait.</returns>
    private async Task<bool> PassAsync(Lease lease, bool ring, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        if (await IsFullAsync(connection, lease, ct))
            return false;
        await Sql.ExecuteAsync(connection, [cursors.Hold(lease), Sql.Command($"select {_s}.capture_for($1, $2)", database.Options.CaptureAhead, ring)], ct);
        await TendAsync(connection, lease, ct);
        List<WatchedTable> tables = await Sql.ReadLastAsync(connection, [WatchedTable.All(_s)], WatchedTable.Read, ct);
        bool moved = false;
        foreach (WatchedTable table in tables.Where(table => table is not { Due: null, First: null, IsPolled: false, IsReloading: not false }))
            moved |= await TryAsync(connection, table.Source, () => MoveAsync(connection, lease, table, ct), ct);
        _grows |= moved;
        return moved;
    }

    // While there is no room triggers capture nothing: better a gap than the user's database full.
    private async Task<bool> IsFullAsync(NpgsqlConnection connection, Lease lease, CancellationToken ct)
    {
        TimeSpan pause = _grows && BetweenMeasures < database.Options.TableCare ? BetweenMeasures : database.Options.TableCare;
        if (_measured is { } last && !_isFull && time.GetElapsedTime(last) < pause)
            return false;
        if (_measured is null)
            await _care.WakeAsync(connection, lease, ct);
        bool wasFull = _isFull;
        _isFull = await storage.MeasureAsync(connection, ct) == StorageLevel.Full;
        if (_isFull && !wasFull)
            await _care.StopCaptureAsync(connection, lease, ct);
        (_measured, _grows) = (time.GetTimestamp(), false);
        return _isFull;
    }

    private async Task TendAsync(NpgsqlConnection connection, Lease lease, CancellationToken ct)
    {
        foreach (TableWatch watch in watches)
        {
            TimeSpan pause = _care.Sights.ContainsKey(watch.Source) || BetweenTries > database.Options.TableCare ? database.Options.TableCare : BetweenTries;
            if (_tended.TryGetValue(watch.Source, out long tended) && time.GetElapsedTime(tended) < pause)
                continue;
            _tended[watch.Source] = time.GetTimestamp();
            await TryAsync(connection, watch.Source, async () =>
            {
                if (await _care.TendAsync(connection, lease, watch, ct) is { } why && _told.GetValueOrDefault(watch.Source) != why)
                    LogUnfit(watch.Source, _told[watch.Source] = why);
                return false;
            }, ct);
        }
    }

    private async Task<bool> MoveAsync(NpgsqlConnection connection, Lease lease, WatchedTable table, CancellationToken ct)
    {
        var reconcile = new TableReconcile(database, cursors, storage, _care);
        TableSight? sight = _care.Sights.GetValueOrDefault(table.Source);
        if (table is { Due: not null, IsReloading: null } or { Due: not null, HasBaseline: false } && sight is not null)
        {
            await reconcile.SettleAsync(connection, lease, table, sight, ct);
            bells.Ring(table.Source);
            if (table.IsPolled)
                _tended.Remove(table.Source);
            return true;
        }

        if (table.IsPolled)
            return sight is not null && await PollAsync(connection, lease, table, sight, reconcile, ct);
        TableReload reload = Of(_reloads, table, () => new(database, time));
        switch (sight is null ? TableReload.Phase.None : await reload.LookAsync(connection, table, ct))
        {
            case TableReload.Phase.GoesOn:
                return false;
            case TableReload.Phase.IsOver:
                await reconcile.CompareAsync(connection, lease, table, sight!, isWhole: true, ct);
                reload.End();
                bells.Ring(table.Source);
                return true;
            default:
                return await DrainAsync(connection, lease, table, ct);
        }
    }

    private async Task<bool> PollAsync(
        NpgsqlConnection connection, Lease lease, WatchedTable table, TableSight sight, TableReconcile reconcile, CancellationToken ct)
    {
        TablePoll poll = Of(_polls, table, () => new(database, cursors, time));
        (long stored, bool goesOn) = await poll.LookAsync(connection, lease, table, sight, reconcile, ct);
        if (stored > 0)
            bells.Ring(table.Source);
        return goesOn;
    }

    private async Task<bool> DrainAsync(NpgsqlConnection connection, Lease lease, WatchedTable table, CancellationToken ct)
    {
        (long taken, long stored) = (await Sql.ReadLastAsync(connection,
            [cursors.Hold(lease), _sql.Drain(table, _care.ColumnsOf(table.Source), Batch)], row => (row.GetInt64(0), row.GetInt64(1)), ct))[0];
        if (stored > 0)
            bells.Ring(table.Source);
        return taken > 0;
    }

    private static T Of<T>(Dictionary<string, T> all, WatchedTable table, Func<T> make) =>
        all.TryGetValue(table.Source, out T? known) ? known : all[table.Source] = make();

    // What is wrong with one table is told, and the others go on.
    private async Task<bool> TryAsync(NpgsqlConnection connection, string source, Func<Task<bool>> action, CancellationToken ct)
    {
        try
        {
            return await action();
        }
        catch (PostgresException error) when (StepErrors.BlameFor(error) is not (Blame.Lease or Blame.Moved) && !StepErrors.EndedConnection(error))
        {
            LogTable(source, error.SqlState);
            _care.Doubt(source);
            await _care.TellAsync(connection, source, Explain(error), ct);
            return false;
        }
    }

    private static string Explain(PostgresException error) => error.SqlState switch
    {
        "55P03" => "another session holds a lock on the table, so it could not be read, or its triggers be made, within 2 s; it is tried again every few seconds",
        _ => $"{StepErrors.Describe(error)}; it is tried again",
    };

    private TimeSpan Longer(TimeSpan rest)
    {
        TimeSpan longer = rest == TimeSpan.Zero ? FirstRest : rest * 2;
        return longer < database.Options.Idle ? longer : database.Options.Idle;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changes of tables wait for the database ({Cause}); triggers go on capturing")]
    private partial void LogWaits(string cause);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source} is not captured: {Why}")]
    private partial void LogUnfit(string source, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source} could not be captured or drained ({SqlState}); see `bridge status`")]
    private partial void LogTable(string source, string sqlState);
}
