using System.Data;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Tells the inbox what a table came to, whatever was captured of it: the difference to its baseline, or without one every row. One
/// snapshot serves all of it, so a change is either in the difference or still waits behind it.
/// </summary>
internal sealed class TableReconcile(BridgeDatabase database, Cursors cursors, StorageGauge storage, TableCare care)
{
    // So many rows, and such a part of the table, are not deleted by anybody: the table is being loaded anew.
    private const long FewestDeletes = 1000;
    private const double DeletedShare = 0.2;

    private const string Cure = "; `bridge backfill ROUTE` tells a route every row, and `bridge gaps close ID --reason TEXT` ends this when you have seen to it";

    private static readonly TimeSpan LongestStatement = TimeSpan.FromMinutes(10);
    private readonly BridgeSchema _s = database.Schema;
    private readonly TableSql _sql = new(database.Schema);
    private readonly BaselineSql _baseline = new(database.Schema);
    private readonly PollSql _poll = new(database.Schema);

    /// <summary>Whether so many rows are gone that a reload is a better reason than so many deletes.</summary>
    public static bool AreMany(long deletes, long known) => deletes > FewestDeletes && deletes > known * DeletedShare;

    /// <summary>What is due of a table: what was captured is told first, change by change.</summary>
    public async Task SettleAsync(NpgsqlConnection connection, Lease lease, WatchedTable table, TableSight sight, CancellationToken ct)
    {
        if (table is { HasMissed: true, IsPolled: false })
            await TableCare.WaitForWritersAsync(connection, sight, ct);
        bool hasRoom = table is { HasMissed: true, HasBaseline: false } && await HasRoomAsync(connection, sight, ct);
        await using NpgsqlTransaction transaction = await BeginAsync(connection, lease, ct);
        await Sql.ReadLastAsync(connection, [_sql.Drain(table, care.ColumnsOf(table.Source), int.MaxValue)], row => row.GetInt64(0), LongestStatement, ct);
        if (table is { HasMissed: true, HasBaseline: true })
            await TellDifferenceAsync(connection, table, sight, ct);
        else if (table.HasMissed)
            await TellEveryRowAsync(connection, table, sight, hasRoom, ct);
        if (table.Due is "fill" or "renew")
            await Sql.ExecuteAsync(connection, _baseline.Fill(table, sight), LongestStatement, ct);
        if (table.IsPolled)
            await Sql.ExecuteAsync(connection, Reconciled(table, sight, begins: true), ct);
        await Sql.ExecuteAsync(connection, [Sql.Command(
            $"update {_s}.watch set due = null, baseline = $2 where source = $1", table.Source, table.WillHaveBaseline)], ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Tells the difference alone: whatever was captured of it counts for nothing, as after a reload or where the table is polled.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="lease">The drain's.</param>
    /// <param name="table">The table, with a baseline.</param>
    /// <param name="sight">What the catalog says of it.</param>
    /// <param name="isWhole">Nobody is loading it anew; otherwise that is assumed, and nothing told, where very many rows are gone.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>How many messages that made; null where the table seems to be in the middle of a reload.</returns>
    public async Task<long?> CompareAsync(NpgsqlConnection connection, Lease lease, WatchedTable table, TableSight sight, bool isWhole, CancellationToken ct)
    {
        await using NpgsqlTransaction transaction = await BeginAsync(connection, lease, ct);
        await Sql.ExecuteAsync(connection, [_sql.Discard(table.Source)], LongestStatement, ct);
        (long inserts, long updates, long deletes, long known) = await DifferenceAsync(connection, table, sight, ct);
        if (!isWhole && (AreMany(deletes, known) || deletes > 1 && deletes == known))
            return null;
        await Sql.ExecuteAsync(connection, Reconciled(table, sight, begins: table.IsPolled && table.Position is null), ct);
        await transaction.CommitAsync(ct);
        return inserts + updates + deletes;
    }

    // Rows are joined by the thousand: no plan may look for each of them in all of the others.
    private async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, Lease lease, CancellationToken ct)
    {
        NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        await Sql.ExecuteAsync(connection,
            [cursors.Hold(lease), TableCare.LockBriefly(), TableCare.InUtc(), Sql.Command("select from set_config('enable_nestloop', $1, true)", "off")], ct);
        return transaction;
    }

    private NpgsqlBatchCommand[] Reconciled(WatchedTable table, TableSight sight, bool begins) =>
        [_poll.Reconciled(table), .. begins && sight.StampType is not null ? [_poll.Begin(table, sight, database.Options.PollOverlap)] : Array.Empty<NpgsqlBatchCommand>()];

    private async Task TellDifferenceAsync(NpgsqlConnection connection, WatchedTable table, TableSight sight, CancellationToken ct)
    {
        (long inserts, long updates, long deletes, _) = await DifferenceAsync(connection, table, sight, ct);
        await Sql.ExecuteAsync(connection, Gaps.Heal(_s, table.Source,
            $"reconciled with its baseline: {inserts} rows were missing in it, {updates} differed and {deletes} were gone"), ct);
    }

    private async Task<(long Inserts, long Updates, long Deletes, long Known)> DifferenceAsync(
        NpgsqlConnection connection, WatchedTable table, TableSight sight, CancellationToken ct) =>
        (await Sql.ReadLastAsync(connection, [_baseline.Difference(table, sight)],
            row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)), LongestStatement, ct))[0];

    // Without a baseline the gap stays open: nobody can tell what was deleted.
    private async Task TellEveryRowAsync(NpgsqlConnection connection, WatchedTable table, TableSight sight, bool hasRoom, CancellationToken ct)
    {
        string outcome = "; no row was sent, since the table is too large for what BRIDGE_STORAGE leaves: raise it, or write `reconcile: yes` so that such a gap heals by itself";
        if (hasRoom)
        {
            long rows = (await Sql.ReadLastAsync(connection, [_baseline.Snapshot(table, sight)], row => row.GetInt64(0), LongestStatement, ct))[0];
            outcome = $"; all {rows} rows were sent as `snapshot`, and what was deleted meanwhile is not known";
        }

        await Sql.ExecuteAsync(connection, [Sql.Command($"""
            with told as (
                update {_s}.gap set why = why || $2 where id = (select max(id) from {_s}.gap where source = $1 and healed_at is null) returning why)
            insert into {_s}.alert (name, what) select 'gap in ' || $1, why || $3 from told
            on conflict (name) do update set what = excluded.what, seen_at = clock_timestamp()
            """, table.Source, outcome, Cure)], ct);
    }

    private async Task<bool> HasRoomAsync(NpgsqlConnection connection, TableSight sight, CancellationToken ct)
    {
        await storage.MeasureAsync(connection, ct);
        long size = (await Sql.ReadLastAsync(connection, [Sql.Command("select pg_table_size($1::regclass)", sight.Name)], row => row.GetInt64(0), ct))[0];
        return size * 2 < database.Options.Storage - storage.Used;
    }
}
