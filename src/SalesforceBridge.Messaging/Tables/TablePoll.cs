using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Reads a table from time to time: what is newly stamped page by page, and now and then all of it, compared with its baseline. What
/// comes and goes between two looks is not seen; what is there is told in the end.
/// </summary>
internal sealed class TablePoll(BridgeDatabase database, Cursors cursors, TimeProvider time)
{
    private const int PageSize = 1000;

    // What takes long is done seldom: so many times as long as it took lies between one and the next.
    private const int RestOfPass = 10;
    private const int RestOfReconcile = 50;

    private readonly PollSql _sql = new(database.Schema);
    private long? _passEnded;
    private TimeSpan _passTook;
    private bool _isMidway;
    private TimeSpan _reconcileTook;
    private (long Since, long Activity)? _suspicion;

    /// <summary>Looks once, if it is time.</summary>
    /// <returns>How many messages that made, and whether there is more to read at once.</returns>
    public async Task<(long Stored, bool GoesOn)> LookAsync(
        NpgsqlConnection connection, Lease lease, WatchedTable table, TableSight sight, TableReconcile reconcile, CancellationToken ct)
    {
        if (table.IsReloading == true)
            return (0, false);
        long told = IsReconcileDue(table, sight) ? await ReconcileAsync(connection, lease, table, sight, reconcile, ct) : 0;
        if (sight.StampType is null || table.Position is null || !IsPassDue())
            return (told, false);
        long begun = time.GetTimestamp();
        (long stored, bool ended) = (await Sql.ReadLastAsync(connection,
            [cursors.Hold(lease), TableCare.LockBriefly(), TableCare.InUtc(), _sql.Page(table, sight, PageSize, database.Options.PollOverlap)],
            row => (row.GetInt64(0), row.GetBoolean(1)), ct))[0];
        _passTook = (_isMidway ? _passTook : TimeSpan.Zero) + time.GetElapsedTime(begun);
        (_isMidway, _passEnded) = (!ended, time.GetTimestamp());
        return (told + stored, !ended);
    }

    private bool IsPassDue() =>
        _isMidway || _passEnded is not { } ended || time.GetElapsedTime(ended) >= Longer(database.Options.TablePoll, _passTook * RestOfPass);

    private bool IsReconcileDue(WatchedTable table, TableSight sight)
    {
        TimeSpan pause = sight.StampType is null ? database.Options.TablePoll : database.Options.PollReconcile;
        return table.IsReloading == false || table.Position is null && sight.StampType is not null
            || table.ReconciledAgo is not { } ago || ago >= Longer(pause, _reconcileTook * RestOfReconcile);
    }

    // A table that lost most of its rows is looked at again when nobody has written to it for a while.
    private async Task<long> ReconcileAsync(
        NpgsqlConnection connection, Lease lease, WatchedTable table, TableSight sight, TableReconcile reconcile, CancellationToken ct)
    {
        long activity = (await Sql.ReadLastAsync(connection, [PollSql.Activity(sight)], row => row.GetInt64(0), ct))[0];
        if (_suspicion is { } known && known.Activity != activity)
            _suspicion = (time.GetTimestamp(), activity);
        if (table.IsReloading is null && _suspicion is { } still && time.GetElapsedTime(still.Since) < database.Options.ReloadQuiet)
            return 0;
        long begun = time.GetTimestamp();
        long? told = await reconcile.CompareAsync(connection, lease, table, sight, isWhole: _suspicion is not null || table.IsReloading == false, ct);
        _reconcileTook = time.GetElapsedTime(begun);
        _suspicion = told is null ? (time.GetTimestamp(), activity) : null;
        return told ?? 0;
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
