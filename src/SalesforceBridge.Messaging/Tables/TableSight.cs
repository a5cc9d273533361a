using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>What the catalog says of a table that a route names.</summary>
internal sealed record TableSight
{
    /// <summary>The table in SQL, quoted; null where there is none of that name.</summary>
    public string? Name { get; init; }

    /// <summary>What it is, as <c>pg_class.relkind</c> says; <c>t</c> for a temporary table.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Its schema is closed to us.</summary>
    public bool IsHidden { get; init; }

    /// <summary>It is one of the bridge's own, or of the server's.</summary>
    public bool IsReserved { get; init; }

    /// <summary>The columns of its primary key.</summary>
    public string[] Key { get; init; } = [];

    /// <summary>The types of these, as SQL writes them.</summary>
    public string[] KeyTypes { get; init; } = [];

    /// <summary>All its columns.</summary>
    public string[] Columns { get; init; } = [];

    /// <summary>No two rows have one <c>sfid</c>.</summary>
    public bool HasUniqueSfid { get; init; }

    /// <summary>We may make triggers on it.</summary>
    public bool MayTrigger { get; init; }

    /// <summary>We may read it.</summary>
    public bool MayRead { get; init; }

    /// <summary>Both our triggers stand and are enabled.</summary>
    public bool IsCaptured { get; init; }

    /// <summary>One of our triggers stands, whole or not.</summary>
    public bool HasTriggers { get; init; }

    /// <summary>The type of <c>systemmodstamp</c>, a timestamp with or without a zone; null where there is none with an index.</summary>
    public string? StampType { get; init; }

    /// <summary>Looks at a table.</summary>
    public static async Task<TableSight> LookAsync(NpgsqlConnection connection, BridgeSchema schema, TableWatch watch, CancellationToken ct)
    {
        try
        {
            return await ReadAsync(connection, schema, watch, ct);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return new TableSight { IsHidden = true };
        }
    }

    private static async Task<TableSight> ReadAsync(NpgsqlConnection connection, BridgeSchema schema, TableWatch watch, CancellationToken ct) =>
        (await Sql.ReadLastAsync(connection, [Sql.Command($"""
            select case when c.oid is not null then format('%I.%I', n.nspname, c.relname) end, case c.relpersistence when 't' then 't' else c.relkind::text end,
                   n.nspname in ($2, 'pg_catalog', 'information_schema'),
                   array(select a.attname::text from pg_index x cross join unnest(x.indkey::int2[]) with ordinality k(number, n)
                         join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
                         where x.indrelid = c.oid and x.indisprimary and k.n <= x.indnkeyatts order by k.n),
                   array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum),
                   exists (select from pg_index x join pg_attribute a on a.attrelid = c.oid and a.attnum = x.indkey[0]
                           where x.indrelid = c.oid and x.indisunique and x.indisvalid and x.indnkeyatts = 1 and x.indpred is null and a.attname = 'sfid'),
                   has_table_privilege(c.oid, 'trigger'), has_table_privilege(c.oid, 'select'),
                   (select count(*) = 2 from pg_trigger t
                    where t.tgrelid = c.oid and t.tgfoid = to_regprocedure($3) and t.tgenabled in ('O', 'A') and t.tgtype in (29, 32)
                      and t.tgqual is null and t.tgargs = convert_to($4, 'UTF8') || '\x00' || convert_to($2, 'UTF8') || '\x00'),
                   exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgfoid = to_regprocedure($3)),
                   array(select format_type(a.atttypid, a.atttypmod) from pg_index x cross join unnest(x.indkey::int2[]) with ordinality k(number, n)
                         join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
                         where x.indrelid = c.oid and x.indisprimary and k.n <= x.indnkeyatts order by k.n),
                   (select a.atttypid::regtype::text from pg_attribute a
                    where a.attrelid = c.oid and a.attname = 'systemmodstamp' and a.atttypid in ('timestamp'::regtype, 'timestamptz'::regtype)
                      and exists (select from pg_index x join pg_class i on i.oid = x.indexrelid join pg_am m on m.oid = i.relam
                                  where x.indrelid = c.oid and x.indkey[0] = a.attnum and x.indpred is null and x.indisvalid and m.amname = 'btree'))
            from (select to_regclass($1) as oid) found left join pg_class c on c.oid = found.oid left join pg_namespace n on n.oid = c.relnamespace
            """, watch.Table, schema.Name, $"{schema}.capture()", watch.Source)], row => row.IsDBNull(6) ? new TableSight() : Read(row), ct))[0];

    /// <summary>What keeps it from being captured, each with what to do.</summary>
    public IEnumerable<string> Faults(TableWatch watch)
    {
        if (IsHidden)
        {
            yield return $"the bridge's database user may not use the schema of {watch.Table}; let its owner run: grant usage on schema ... to ...";
            yield break;
        }

        if (Name is null)
        {
            yield return $"there is no table {watch.Table}; correct the name, or create it";
            yield break;
        }

        if (Misfit(watch) is { } misfit)
        {
            yield return misfit;
            yield break;
        }

        if (Key.Length == 0)
            yield return $"{watch.Table} has no primary key, so its rows cannot be told apart; add one";
        if (!MayTrigger && watch.Mode == TableMode.Capture)
            yield return $"the bridge's database user may not create triggers on {watch.Table}; let its owner run: grant trigger on {Name} to ...";
        if (!MayRead)
            yield return $"the bridge's database user may not read {watch.Table}; let its owner run: grant select on {Name} to ...";
        foreach (string column in watch.Columns.Except(Columns))
            yield return $"`columns:` names {column}, which {watch.Table} has not; correct the name";
    }

    private string? Misfit(TableWatch watch) => (IsReserved, Kind) switch
    {
        (true, _) => $"{watch.Table} belongs to the bridge or to the server and is not captured; choose another table",
        (_, "r") => null,
        (_, "p") => $"{watch.Table} is partitioned, and emptying or detaching a partition would go unseen; name its partitions, one route each",
        (_, "v" or "m") => $"{watch.Table} is a view, which has no changes of its own; name the tables behind it",
        (_, "f") => $"{watch.Table} is a foreign table, whose changes are made elsewhere; choose a table of this database",
        (_, "t") => $"{watch.Table} is a temporary table; choose one that stays",
        _ => $"{watch.Table} is no table; correct the name",
    };

    private static TableSight Read(NpgsqlDataReader row) => new()
    {
        Name = row.GetString(0),
        Kind = row.GetString(1),
        IsReserved = row.GetBoolean(2),
        Key = row.GetFieldValue<string[]>(3),
        Columns = row.GetFieldValue<string[]>(4),
        HasUniqueSfid = row.GetBoolean(5),
        MayTrigger = row.GetBoolean(6),
        MayRead = row.GetBoolean(7),
        IsCaptured = row.GetBoolean(8),
        HasTriggers = row.GetBoolean(9),
        KeyTypes = row.GetFieldValue<string[]>(10),
        StampType = row.IsDBNull(11) ? null : row.GetString(11),
    };
}

/// <summary>Tells beforehand what keeps a route's table from being captured. Nothing is changed.</summary>
public sealed class TableCheck(BridgeDatabase database)
{
    /// <summary>What is wrong with the table of a route, each with what to do; empty for a route on something else.</summary>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public async Task<IReadOnlyList<string>> FaultsOfAsync(RouteDefinition route, CancellationToken ct)
    {
        if (route.Source.Kind != SourceKind.Table)
            return [];
        TableWatch watch = TableWatch.Of([route with { Enabled = true }])[0];
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return [.. (await TableSight.LookAsync(connection, database.Schema, watch, ct)).Faults(watch)];
    }
}
