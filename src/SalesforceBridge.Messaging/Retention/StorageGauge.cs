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
/// table counts by its living rows, and never for more than its files.
/// </summary>
public sealed class StorageGauge(BridgeDatabase database)
{
    private const string AlertName = "storage";
    private const double HighShare = 0.8;

    private readonly string _measure = $"""
        select coalesce(sum(least(total, total * live / greatest(live + dead + holes, 1))), 0)::bigint from (
            select pg_total_relation_size(c.oid) as total,
                   greatest(s.n_live_tup, 0)::float8 as live,
                   greatest(s.n_dead_tup, 0)::float8 as dead,
                   greatest(c.relpages - ceil(c.reltuples * rows.width / 8000), 0) * 8000 / rows.width as holes
            from pg_class c join pg_stat_user_tables s on s.relid = c.oid
            cross join lateral (select greatest(coalesce(sum(avg_width), 100), 24) + 28 as width from pg_stats
                                where schemaname = $1 and tablename = c.relname) rows
            where c.relnamespace = to_regnamespace($2) and c.relkind = 'r') tables
        """;

    /// <summary>The level at the last measurement. <see cref="StorageLevel.Normal"/> before the first.</summary>
    public StorageLevel Level { get; private set; }

    /// <summary>The bytes at the last measurement.</summary>
    public long Used { get; private set; }

    /// <summary>Measures now, raises or ends the alert, and says the level.</summary>
    public async Task<StorageLevel> MeasureAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        List<long> used = await Sql.ReadLastAsync(connection, [Sql.Command(_measure, database.Schema.Name, database.Schema.ToString())], row => row.GetInt64(0), ct);
        double share = used[0] / (double)database.Options.Storage;
        StorageLevel level = share >= 1 ? StorageLevel.Full : share >= HighShare ? StorageLevel.High : StorageLevel.Normal;
        if (level != StorageLevel.Normal)
            await Sql.ExecuteAsync(connection, [Alerts.Raise(database.Schema, AlertName, Explain(level, used[0]))], ct);
        else if (Level != StorageLevel.Normal)
            await Sql.ExecuteAsync(connection, [Alerts.Clear(database.Schema, AlertName)], ct);
        (Level, Used) = (level, used[0]);
        return level;
    }

    private string Explain(StorageLevel level, long used) =>
        $"The bridge's tables hold {used / 1_000_000} MB of the {database.Options.Storage / 1_000_000} MB that BRIDGE_STORAGE allows. " +
        (level == StorageLevel.Full
            ? "Nothing new is taken in until there is room: see which route or lane stands still (`bridge status`), or raise BRIDGE_STORAGE."
            : "What no route needs is deleted early: see which route or lane is behind (`bridge status`), or raise BRIDGE_STORAGE.");
}
