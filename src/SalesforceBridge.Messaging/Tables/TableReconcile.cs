using System.Data;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Tells the inbox what a table came to, whatever was captured of it: the difference to its baseline, or without one every row. One
/// snapshot serves all of it, so a change is either in the difference or still waits behind it.
/// </summary>
internal sealed class TableReconcile(BridgeDatabase database, Cursors cursors, StorageGauge storage, TableCare care)
{
    private static readonly TimeSpan LongestStatement = TimeSpan.FromMinutes(10);
    private readonly BridgeSchema _s = database.Schema;
    private readonly TableSql _sql = new(database.Schema);

    /// <summary>What is due of a table: what was captured is told first, change by change.</summary>
    public async Task SettleAsync(NpgsqlConnection connection, Lease lease, WatchedTable table, TableSight sight, CancellationToken ct)
    {
        bool missed = table.Due == "reconcile";
        if (missed)
            await TableCare.WaitForWritersAsync(connection, sight, ct);
        bool hasRoom = missed && !table.HasBaseline && await HasRoomAsync(connection, sight, ct);
        await using NpgsqlTransaction transaction = await BeginAsync(connection, lease, ct);
        await Sql.ReadLastAsync(connection, [_sql.Drain(table, care.ColumnsOf(table.Source), int.MaxValue)], row => row.GetInt64(0), LongestStatement, ct);
        if (table.HasBaseline && missed)
            await TellDifferenceAsync(connection, table, sight, ct);
        else if (missed)
            await TellEveryRowAsync(connection, table, sight, hasRoom, ct);
        if (table.HasBaseline || !missed)
            await Sql.ExecuteAsync(connection, _sql.Fill(table, sight), LongestStatement, ct);
        await Sql.ExecuteAsync(connection, [Sql.Command(
            $"update {_s}.watch set due = null, baseline = $2 where source = $1", table.Source, table.HasBaseline || !missed)], ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>A reload is over: its changes are forgotten, and what they came to is told.</summary>
    public async Task EndReloadAsync(NpgsqlConnection connection, Lease lease, WatchedTable table, TableSight sight, CancellationToken ct)
    {
        await using NpgsqlTransaction transaction = await BeginAsync(connection, lease, ct);
        await Sql.ExecuteAsync(connection, [_sql.Discard(table)], LongestStatement, ct);
        await DifferenceAsync(connection, table, sight, ct);
        await Sql.ExecuteAsync(connection, _sql.Fill(table, sight), LongestStatement, ct);
        await transaction.CommitAsync(ct);
    }

    private async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, Lease lease, CancellationToken ct)
    {
        NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        await Sql.ExecuteAsync(connection, [cursors.Hold(lease)], ct);
        return transaction;
    }

    private async Task TellDifferenceAsync(NpgsqlConnection connection, WatchedTable table, TableSight sight, CancellationToken ct)
    {
        (long inserts, long updates, long deletes) = await DifferenceAsync(connection, table, sight, ct);
        await Sql.ExecuteAsync(connection, Gaps.Heal(_s, table.Source,
            $"reconciled with its baseline: {inserts} rows were missing in it, {updates} differed and {deletes} were gone"), ct);
    }

    private async Task<(long Inserts, long Updates, long Deletes)> DifferenceAsync(
        NpgsqlConnection connection, WatchedTable table, TableSight sight, CancellationToken ct) =>
        (await Sql.ReadLastAsync(connection, [_sql.Difference(table, sight)],
            row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), LongestStatement, ct))[0];

    // Without a baseline the gap stays open: nobody can tell what was deleted.
    private async Task TellEveryRowAsync(NpgsqlConnection connection, WatchedTable table, TableSight sight, bool hasRoom, CancellationToken ct)
    {
        string outcome = "; no row was sent, since the table is too large for what BRIDGE_STORAGE leaves: raise it, or write `reconcile: yes` so that such a gap heals by itself";
        if (hasRoom)
        {
            long rows = (await Sql.ReadLastAsync(connection, [_sql.Snapshot(table, sight)], row => row.GetInt64(0), LongestStatement, ct))[0];
            outcome = $"; all {rows} rows were sent as `snapshot`, and what was deleted meanwhile is not known";
        }

        await Sql.ExecuteAsync(connection, [Sql.Command($"""
            with told as (
                update {_s}.gap set why = why || $2 where id = (select max(id) from {_s}.gap where source = $1 and healed_at is null) returning why)
            insert into {_s}.alert (name, what) select 'gap in ' || $1, why from told
            on conflict (name) do update set what = excluded.what, seen_at = clock_timestamp()
            """, table.Source, outcome)], ct);
    }

    private async Task<bool> HasRoomAsync(NpgsqlConnection connection, TableSight sight, CancellationToken ct)
    {
        await storage.MeasureAsync(connection, ct);
        long size = (await Sql.ReadLastAsync(connection, [Sql.Command("select pg_table_size($1::regclass)", sight.Name)], row => row.GetInt64(0), ct))[0];
        return size * 2 < database.Options.Storage - storage.Used;
    }
}
