using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>What a step of a table's backfill came to.</summary>
public abstract record TableBackfillStep
{
    private TableBackfillStep()
    {
    }

    /// <summary>It went on.</summary>
    public sealed record Stored(Backfill Backfill) : TableBackfillStep;

    /// <summary>It cannot go on; nothing was changed.</summary>
    /// <param name="Why">Why, and what to do.</param>
    public sealed record Refused(string Why) : TableBackfillStep;
}

/// <summary>
/// Tells one route every row of its table, in the order of the primary key and inside the database. Whoever moves changes of tables into
/// the inbox waits meanwhile, so a row as it is read is as new as all that the inbox was told, and what is told later is newer. That is
/// why it gives up soon where somebody holds the table: other tables would wait too.
/// </summary>
public sealed class TableBackfill(BridgeDatabase database, BackfillLog backfills)
{
    /// <summary>How many rows one step stores.</summary>
    public const int PageSize = 2000;

    private readonly BridgeSchema _s = database.Schema;
    private readonly BackfillSql _sql = new(database.Schema);
    private readonly BaselineSql _baseline = new(database.Schema);

    /// <summary>What is wrong with a condition in SQL on the rows of a route's table, or with the table; null where nothing is.</summary>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public async Task<string?> FaultOfAsync(RouteDefinition route, string? condition, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        (TableSight sight, string? fault) = await LookAsync(connection, route, ct);
        if (fault is not null || condition is null)
            return fault;
        SqlText text = SqlText.Read(condition);
        if (text.Faults.Count > 0 || text.HasParameters)
            return $"--where: {(text.HasParameters ? "a condition has no parameters" : text.Faults[0].What)}";
        // What parses without brackets and with them is one condition, and cannot reach out of them.
        foreach (string whole in new[] { $"where\n{condition}\n", $"where (\n{condition}\n)" })
        {
            try
            {
                await Sql.ExecuteAsync(connection, [Sql.Command($"select from only {sight.Name} {BaselineSql.Row} {whole} limit $1", 0)], ct);
            }
            catch (PostgresException error) when (!error.IsTransient)
            {
                return $"--where: {StepErrors.Describe(error)}";
            }
        }

        return null;
    }

    /// <summary>About how many rows the table has; null where the server has not counted yet, or some rows are asked for.</summary>
    public async Task<long?> EstimateAsync(RouteDefinition route, string? condition, CancellationToken ct)
    {
        if (condition is not null)
            return null;
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        (TableSight sight, _) = await LookAsync(connection, route, ct);
        return (await Sql.ReadLastAsync(connection, [Sql.Command("select reltuples::bigint from pg_class where oid = to_regclass($1)", sight.Name)],
            row => row.GetInt64(0) is var rows and >= 0 ? rows : (long?)null, ct)).FirstOrDefault();
    }

    /// <summary>Stores the next rows and moves the backfill, in one transaction.</summary>
    /// <exception cref="BackfillTakenException">Another session moved it.</exception>
    /// <exception cref="NpgsqlException">The database could not be reached or refused; whether the step is done may be unknown.</exception>
    public async Task<TableBackfillStep> StepAsync(RouteDefinition route, Backfill at, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        (TableSight sight, string? fault) = await LookAsync(connection, route, ct);
        if (fault is not null)
            return new TableBackfillStep.Refused(fault);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        bool isReloading = (await Sql.ReadLastAsync(connection, [_sql.Lock(TableDrain.CursorOfTables), IsReloading(at.Source)], row => row.GetBoolean(0), ct)).Contains(true);
        if (isReloading)
            return new TableBackfillStep.Refused($"The table of `{at.Source}` is being reloaded, so not all of its rows are there: type the same command again when that is over.");
        (long count, string[]? last) = (await Sql.ReadLastAsync(connection, [TableCare.LockBriefly(), TableCare.InUtc(), Page(sight, at)],
            row => (row.GetInt64(0), row.IsDBNull(1) ? null : row.GetFieldValue<string[]>(1)), ct))[0];
        bool isLast = count < PageSize;
        Backfill to = at with { Position = isLast ? null : TablePlace.Text(last!), Stored = at.Stored + count };
        Backfill moved = await backfills.MoveAsync(connection, at, to, [_sql.Wake(at.Source)], isLast, ct);
        await transaction.CommitAsync(ct);
        return new TableBackfillStep.Stored(moved);
    }

    private async Task<(TableSight Sight, string? Fault)> LookAsync(NpgsqlConnection connection, RouteDefinition route, CancellationToken ct)
    {
        TableWatch watch = TableWatch.Of([route with { Enabled = true }])[0];
        TableSight sight = await TableSight.LookAsync(connection, _s, watch, ct);
        string[] faults = [.. sight.Faults(watch)];
        return (sight, faults.Length == 0 ? null : string.Join("; ", faults));
    }

    private NpgsqlBatchCommand IsReloading(string source) => Sql.Command($"""
        select coalesce(w.reload_until > clock_timestamp(), false)
            or w.baseline and exists (select from {_s}.change c where c.source = $1 and c.operation = 'truncate')
        from {_s}.watch w where w.source = $1
        """, source);

    // $1 source, $2 the key's columns, $3 route, $4 place, $5 how many.
    private NpgsqlBatchCommand Page(TableSight sight, Backfill at)
    {
        string[] place = TablePlace.Read(at.Position);
        string order = string.Join(", ", sight.Key.Select(KeyColumn));
        string behind = place.Length == 0
            ? "$4::text[] is not null"
            : $"({order}) > ({string.Join(", ", sight.KeyTypes.Select((type, n) => $"($4::text[])[{n + 1}]::{type}"))})";
        return Sql.Command($"""
            with page as materialized (
                select row_number() over (order by {order}) as n, array[{string.Join(", ", sight.Key.Select(column => $"{KeyColumn(column)}::text"))}] as place,
                       {_baseline.Fields(sight)}, {BaselineSql.Row} as content, 'snapshot' as operation, null::jsonb as old
                from only {sight.Name} {BaselineSql.Row} where {behind}{(at.Condition is { } condition ? $" and (\n{condition}\n)" : "")}
                order by {order} limit $5),
            stored as (
                insert into {_s}.inbox (source, key, payload, raw, fault, for_route)
                select $1, key, case when record is not null then {BaselineSql.Payload} end,
                       case when raw is not null then convert_to({BaselineSql.RawPayload}, 'UTF8') end, case when raw is not null then '{BaselineSql.Refused}' end, $3
                from page cross join lateral (select case when record is null then row_to_json(content) end as raw) refused order by n)
            select count(*), (select place from page order by n desc limit 1) from page
            """, at.Source, Sql.TextArray(sight.Key), at.Route, Sql.TextArray(place), (long)PageSize);
    }

    private static string KeyColumn(string column) => $"{BaselineSql.Row}.{BridgeSchema.Quote(column)}";
}

/// <summary>A place in the order of a primary key, as a backfill stores it: a JSON array of the key's columns as text.</summary>
internal static class TablePlace
{
    public static string Text(string[] key) => JsonSerializer.Serialize(key, TablePlaceJson.Default.StringArray);

    public static string[] Read(string? position) => position is null ? [] : JsonSerializer.Deserialize(position, TablePlaceJson.Default.StringArray)!;
}

[JsonSerializable(typeof(string[]))]
internal sealed partial class TablePlaceJson : JsonSerializerContext;
