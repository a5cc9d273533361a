using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>How full the schema is.</summary>
public enum StorageLevel
{
    /// <summary>Below 80 % of the bound.</summary>
    Normal,

    /// <summary>From 80 % on: what no cursor needs is deleted whatever its age, and a person is told.</summary>
    High,

    /// <summary>From 100 % on: nothing new is taken in, deliveries go on.</summary>
    Full,
}

/// <summary>
/// Measures what the schema occupies. Deleting rows does not make PostgreSQL's files smaller, it makes room in them, so a
/// large table counts by the share of its pages that rows fill, seen on a sample of pages: the server's statistics are
/// lost with a crash, and an estimate that then says "empty" would fill the disk.
/// </summary>
public sealed class StorageGauge(BridgeDatabase database)
{
    private const string AlertName = "storage";
    private const double HighShare = 0.8;

    private static readonly TimeSpan BetweenMeasurements = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenMeasurementsWhenFull = TimeSpan.FromSeconds(10);

    // Below this a table counts as a whole; above it so many pages are looked at.
    private const int SampledPages = 1000;

    // A full page holds a little less than its size, since no row is split.
    private const double FullPage = 8168 * 0.95;

    // Per row its place in the page and its header.
    private const int RowOverhead = 28;

    // A wider row has its large column elsewhere, behind a pointer of this size.
    private const int WidestRow = 2000;
    private const int Pointer = 18;

    // The columns that stay in the row, and the large ones.
    private static readonly Dictionary<string, (string Small, string Large)> Rows = new()
    {
        ["inbox"] = ("row(source, id, key, dedupe_key, fault, origin, hops, occurred_at, received_at, traceparent, caller, for_route)", "coalesce(pg_column_size(payload), pg_column_size(raw), 0)"),
        ["outbox"] = ("row(lane, id, key, destination, inbox_id, hops, created_at, caller)", "pg_column_size(body) + coalesce(pg_column_size(meta), 0)"),
        ["outcome"] = ("row(lane, id, org_id, created, error, attempts, hops, at)", "0"),
        ["change"] = ("row(source, seq, operation, origin, hops, at)", "coalesce(pg_column_size(record), 0) + coalesce(pg_column_size(old), 0)"),
        ["baseline"] = ("row(source, key, sfid, hash)", "0"),
        ["connect_error"] = ("row(schema_name, id, captured_at, told, gone_at)", "0"),
        ["failure"] = ("row(cursor, id, source, key, state, holds, attempts, next_attempt, code, error, failed_at)", "0"),
        ["caller"] = ("row(id, user_id, token, expires_at)", "0"),
    };

    private readonly string _tables = """
        select c.relname, pg_total_relation_size(c.oid), pg_relation_size(c.oid) / current_setting('block_size')::bigint, coalesce(s.n_dead_tup, 0)
        from pg_class c left join pg_stat_user_tables s on s.relid = c.oid
        where c.relnamespace = to_regnamespace($1) and c.relkind = 'r'
        """;

    private long? _askedAt;

    /// <summary>The level at the last measurement. <see cref="StorageLevel.Normal"/> before the first.</summary>
    public StorageLevel Level { get; private set; }

    /// <summary>The bytes at the last measurement.</summary>
    public long Used { get; private set; }

    /// <summary>Returns when there is room for what comes in, by a measurement of the last half minute.</summary>
    public async Task WaitForRoomAsync(TimeProvider time, CancellationToken ct)
    {
        if (_askedAt is not { } asked || time.GetElapsedTime(asked) > BetweenMeasurements)
            await MeasureAsync(ct);
        while (Level == StorageLevel.Full)
        {
            await Task.Delay(BetweenMeasurementsWhenFull, time, ct);
            await MeasureAsync(ct);
        }

        _askedAt = time.GetTimestamp();
    }

    /// <summary>Measures now, raises or ends the alert, and says the level.</summary>
    public async Task<StorageLevel> MeasureAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await MeasureAsync(connection, ct);
    }

    /// <summary>The same on a connection that is open.</summary>
    internal async Task<StorageLevel> MeasureAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        List<Table> tables = await Sql.ReadLastAsync(connection, [Sql.Command(_tables, database.Schema.ToString())],
            row => new Table(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)), ct);
        long used = 0;
        foreach (Table table in tables)
            used += await UsedByAsync(connection, table, ct);
        double share = used / (double)database.Options.Storage;
        StorageLevel level = share >= 1 ? StorageLevel.Full : share >= HighShare ? StorageLevel.High : StorageLevel.Normal;
        if (level != StorageLevel.Normal)
            await Sql.ExecuteAsync(connection, [Alerts.Raise(database.Schema, AlertName, Explain(level, used))], ct);
        else if (Level != StorageLevel.Normal)
            await Sql.ExecuteAsync(connection, [Alerts.Clear(database.Schema, AlertName)], ct);
        (Level, Used) = (level, used);
        return level;
    }

    private async Task<long> UsedByAsync(NpgsqlConnection connection, Table table, CancellationToken ct)
    {
        if (table.Pages <= SampledPages || !Rows.TryGetValue(table.Name, out (string Small, string Large) row))
            return table.Bytes;
        double percent = 100.0 * SampledPages / table.Pages;
        List<(long Rows, double Width)> sample = await Sql.ReadLastAsync(connection, [Sql.Command($"""
            select count(*), coalesce(avg({RowOverhead} + case when small + large > {WidestRow} then small + {Pointer} else small + large end), 0)::float8
            from (select pg_column_size({row.Small}) - 24 as small, {row.Large} as large
                  from {database.Schema}.{table.Name} tablesample system ($1::float8)) sampled
            """, percent)], read => (read.GetInt64(0), read.GetDouble(1)), ct);
        double rows = sample[0].Rows * 100 / percent;
        double filled = (rows + table.DeadRows) * sample[0].Width / (table.Pages * FullPage);
        return (long)(table.Bytes * Math.Min(filled, 1));
    }

    private string Explain(StorageLevel level, long used) =>
        $"The bridge's tables hold {used / 1_000_000} MB of the {database.Options.Storage / 1_000_000} MB that BRIDGE_STORAGE allows. " +
        (level == StorageLevel.Full
            ? "Nothing new is taken in until there is room: see which route or lane stands still (`bridge status`), or raise BRIDGE_STORAGE."
            : "What no route needs is deleted early: see which route or lane is behind (`bridge status`), or raise BRIDGE_STORAGE.");

    private readonly record struct Table(string Name, long Bytes, long Pages, long DeadRows);
}
