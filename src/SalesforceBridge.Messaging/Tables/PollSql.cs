using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// The statements that read a table by its stamps. A place is a stamp in UTC and then the key's columns, all as text; rows are read in
/// the order of their places. Whoever runs them holds the drain's cursor and has the session in UTC.
/// </summary>
internal sealed class PollSql(BridgeSchema s)
{
    private const string StampText = "'YYYY-MM-DD HH24:MI:SS.US'";
    private const string Rises = "statement_timestamp() - w.mark_at >= $7";

    // A stamp that is a little ahead must not carry the floor over what is stamped until then.
    private const string Now = $"array[to_char(statement_timestamp() at time zone 'UTC', {StampText})]";
    private readonly BaselineSql _baseline = new(s);

    /// <summary>
    /// Of the next rows those that the baseline does not know as they are, into the inbox; columns <c>stored, ended</c>. The baseline
    /// and the place where reading goes on move with them. A row whose key the baseline knows under another <c>sfid</c>, or the other
    /// way round, is left to a reconcile, which sees all rows at once.
    /// </summary>
    public NpgsqlBatchCommand Page(WatchedTable table, TableSight sight, int limit, TimeSpan overlap) => Sql.Command($"""
        with page as materialized (
            select r.*, raw, case when record is null then hashtextextended(raw::text, 0) else {s}.row_hash(record, $3) end as hash
            from (select row_number() over (order by {Order(sight)}) as n, {Place(sight)} as place, {_baseline.Fields(sight)}, {BaselineSql.Row} as content
                  from only {sight.Name} {BaselineSql.Row} where {Behind(table, sight, "$4")} and {NotAhead(sight, "$7")}
                  order by {Order(sight)} limit $5) r
            cross join lateral (select case when record is null then row_to_json(content) end as raw) refused),
        matched as materialized (
            select p.*, known.key is not null as is_known, known.hash as was, known.sfid as was_sfid,
                   coalesce(known.sfid <> p.sfid, false)
                   or exists (select from {s}.baseline b where b.source = $1 and b.sfid = p.sfid and b.key <> p.key) as is_moved
            from page p left join lateral (select b.key, b.sfid, b.hash from {s}.baseline b where b.source = $1 and b.key = p.key limit 1) known on true),
        stored as (
            insert into {s}.inbox (source, key, payload, raw, fault)
            select $1, key, case when record is not null then {BaselineSql.Payload} end,
                   case when raw is not null then convert_to({BaselineSql.RawPayload}, 'UTF8') end, case when raw is not null then '{BaselineSql.Refused}' end
            from (select *, case when is_known then 'update' else 'insert' end as operation, null::jsonb as old from matched) told
            where not is_moved and was is distinct from hash order by n returning 1),
        kept as (
            insert into {s}.baseline (source, key, sfid, hash) select $1, key, sfid, hash from matched
            where not is_moved and (was is distinct from hash or was_sfid is distinct from sfid)
            on conflict (source, key) do update set sfid = excluded.sfid, hash = excluded.hash),
        pass as materialized (
            select count(*) < $5 as ended, coalesce(bool_or(is_moved), false) as reloaded, (select place from page order by n desc limit 1) as last from matched),
        went as (
            update {s}.watch w set seen_at = clock_timestamp(), reconciled_at = case when not reloaded then w.reconciled_at end,
                position = case when not ended then last when {Rises} then w.mark else w.floor end,
                floor = case when ended and {Rises} then w.mark else w.floor end,
                mark = case when ended and {Rises} then least(coalesce(last, w.position), {Now}) else w.mark end,
                mark_at = case when ended and {Rises} then clock_timestamp() else w.mark_at end
            from pass where w.source = $1)
        select (select count(*) from stored), (select ended from pass), (select pg_notify($6, $1) where exists (select from stored))
        """, table.Source, Sql.TextArray(table.Key), Sql.TextArray(TableSql.Unhashed(table)), Sql.TextArray(table.Position ?? []), (long)limit, s.Name, overlap);

    /// <summary>Reading begins with what is stamped at most so long before the newest row, since the baseline holds what there is.</summary>
    public NpgsqlBatchCommand Begin(WatchedTable table, TableSight sight, TimeSpan overlap) => Sql.Command($"""
        update {s}.watch set floor = place, position = place, mark = place, mark_at = clock_timestamp()
        from (select case when max({Stamp(sight)}) is null then '{EmptyPlace}' else array[to_char(max({Stamp(sight)}) - $2, {StampText})] end as place
              from only {sight.Name} {BaselineSql.Row} where {NotAhead(sight, "$2")}) newest
        where source = $1
        """, table.Source, overlap);

    /// <summary>All of the table was compared.</summary>
    public NpgsqlBatchCommand Reconciled(WatchedTable table) => Sql.Command($"""
        update {s}.watch set reconciled_at = clock_timestamp(), reload_until = null, seen_at = case mode when 'poll' then clock_timestamp() else seen_at end
        where source = $1
        """, table.Source);

    /// <summary>A number that another one follows when rows of the table were written; column <c>activity</c>.</summary>
    public static NpgsqlBatchCommand Activity(TableSight sight) => Sql.Command("""
        select pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid) + pg_stat_get_tuples_deleted(oid) + pg_relation_filenode(oid)::bigint
        from (select to_regclass($1)::oid as oid) found
        """, sight.Name);

    private const string EmptyPlace = "{}";

    private static string Column => $"{BaselineSql.Row}.systemmodstamp";

    private static string Order(TableSight sight) => string.Join(", ", (string[])[Column, .. sight.Key.Select(KeyColumn)]);

    private static string Place(TableSight sight) =>
        $"array[{string.Join(", ", (string[])[$"to_char({Stamp(sight)}, {StampText})", .. sight.Key.Select(column => $"{KeyColumn(column)}::text")])}]";

    private static string Behind(WatchedTable table, TableSight sight, string place)
    {
        string stamp = FromUtc(sight, $"({place}::text[])[1]::timestamp");
        return (table.Position ?? []).Length switch
        {
            0 => $"{place}::text[] is not null",
            1 => $"{Column} >= {stamp}",
            _ => $"({Order(sight)}) > ({string.Join(", ", (string[])[stamp, .. sight.KeyTypes.Select((type, n) => $"({place}::text[])[{n + 2}]::{type}")])})",
        };
    }

    // What is stamped in a future that no clock's fault explains would carry the floor over everything else; a reconcile finds it.
    private static string NotAhead(TableSight sight, string overlap) =>
        $"{Column} > '-infinity' and {Column} <= {FromUtc(sight, $"(statement_timestamp() at time zone 'UTC' + {overlap})")}";

    private static string Stamp(TableSight sight) => IsZoned(sight) ? $"({Column} at time zone 'UTC')" : Column;

    private static string FromUtc(TableSight sight, string stamp) => IsZoned(sight) ? $"({stamp} at time zone 'UTC')" : stamp;

    private static bool IsZoned(TableSight sight) => sight.StampType == "timestamp with time zone";

    private static string KeyColumn(string column) => $"{BaselineSql.Row}.{BridgeSchema.Quote(column)}";
}
