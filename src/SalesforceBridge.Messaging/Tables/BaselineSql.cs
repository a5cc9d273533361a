using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>The statements that compare a table with its baseline. Whoever runs them holds the drain's cursor and has the session in UTC.</summary>
internal sealed class BaselineSql(BridgeSchema s)
{
    /// <summary>The table's name in these statements: no column has it.</summary>
    public const string Row = "\"row of the table\"";

    /// <summary>Why a message that was found by comparing has no payload.</summary>
    public const string Refused = "jsonb refuses a value of the row";

    /// <summary>The payload of a message that was found by comparing, of the columns <c>operation, record, old, sfid</c>.</summary>
    public const string Payload = "jsonb_build_object('operation', operation, 'record', record, 'old', old, 'changed', null, 'origin', null, 'sfid', coalesce(sfid, record ->> 'sfid'))";

    /// <summary>The same as text, where jsonb refuses it, of the columns <c>operation, raw</c>.</summary>
    public const string RawPayload = "json_build_object('operation', operation, 'record', raw, 'old', null)::text";

    /// <summary>How many rows the baseline has.</summary>
    public NpgsqlBatchCommand Count(string source) => Sql.Command($"select count(*) from {s}.baseline where source = $1", source);

    /// <summary>
    /// What differs between the table and its baseline, into the inbox, and the baseline follows; columns <c>inserts, updates, deletes,
    /// known</c>, the last of them the rows that the baseline had. Rows are fetched by their place only once they are found to differ.
    /// </summary>
    public NpgsqlBatchCommand Difference(WatchedTable table, TableSight sight) => Sql.Command($"""
        with held as materialized ({Held(sight)}),
        same as materialized (
            select distinct on (sfid) sfid, key, hash from {s}.baseline where source = $1 and sfid is not null order by sfid),
        matched as materialized (
            select h.*, coalesce(same.key, known.key) as was, coalesce(same.hash, known.hash) as was_hash
            from held h
            left join same on same.sfid = h.sfid
            left join {s}.baseline known on known.source = $1 and known.key = h.key and same.key is null and (known.sfid is null or h.sfid is null)),
        found as materialized (
            select 1 as turn, 'delete' as operation, b.key, null::tid as place, {s}.key_fields(b.key, $2) || jsonb_build_object('sfid', b.sfid) as old, b.sfid
            from {s}.baseline b where b.source = $1 and not exists (select from matched m where m.was = b.key)
            union all select 2, 'update', key, place, null, sfid from matched where was is not null and hash <> was_hash
            union all select 3, 'insert', key, place, null, sfid from matched where was is null),
        {Told(sight)},
        gone as (delete from {s}.baseline b where b.source = $1 and not exists (select from held h where h.key = b.key)),
        kept as (
            insert into {s}.baseline (source, key, sfid, hash) select $1, h.key, h.sfid, h.hash from held h
            left join {s}.baseline b on b.source = $1 and b.key = h.key
            where b.key is null or b.hash <> h.hash or b.sfid is distinct from h.sfid
            on conflict (source, key) do update set sfid = excluded.sfid, hash = excluded.hash)
        select count(*) filter (where operation = 'insert'), count(*) filter (where operation = 'update'), count(*) filter (where operation = 'delete'),
               (select count(*) from {s}.baseline where source = $1), (select pg_notify($4, $1) where exists (select from stored)) from found
        """, table.Source, Sql.TextArray(table.Key), Sql.TextArray(TableSql.Unhashed(table)), s.Name);

    /// <summary>Every row, into the inbox: nobody knows what of it is new; columns <c>rows</c>.</summary>
    public NpgsqlBatchCommand Snapshot(WatchedTable table, TableSight sight) => Sql.Command($"""
        with found as (select 1 as turn, 'snapshot' as operation, key, place, null::jsonb as old, sfid from ({Held(sight)}) held),
        {Told(sight)}
        select (select count(*) from stored), (select pg_notify($4, $1) where exists (select from stored))
        """, table.Source, Sql.TextArray(table.Key), Sql.TextArray(TableSql.Unhashed(table)), s.Name);

    /// <summary>Makes the baseline anew from the table.</summary>
    public NpgsqlBatchCommand[] Fill(WatchedTable table, TableSight sight) =>
    [
        Forget(table.Source),
        Sql.Command($"insert into {s}.baseline (source, key, sfid, hash) select $1, key, sfid, hash from ({Held(sight)}) held",
            table.Source, Sql.TextArray(table.Key), Sql.TextArray(TableSql.Unhashed(table))),
    ];

    /// <summary>Removes the baseline.</summary>
    public NpgsqlBatchCommand Forget(string source) => Sql.Command($"delete from {s}.baseline where source = $1", source);

    /// <summary>What is read of a row besides the row itself: <c>key, sfid, record</c>.</summary>
    public string Fields(TableSight sight) =>
        $"{s}.row_key({KeyOf(sight)}, $2) as key, {(sight.HasUniqueSfid ? $"{Row}.sfid::text" : "null::text")} as sfid, {s}.row_json({Row}) as record";

    // What jsonb refuses has the hash of its text.
    private string Held(TableSight sight) => $"""
        select place, key, sfid, case when record is null then hashtextextended(raw, 0) else {s}.row_hash(record, $3) end as hash
        from (select {Row}.ctid as place, {Fields(sight)}, {Row} as content from only {sight.Name} {Row} offset 0) row
        cross join lateral (select case when record is null then row_to_json(content)::text end as raw) refused
        """;

    private string Told(TableSight sight) => $"""
        told as materialized (
            select f.*, (select {s}.row_json({Row}) from only {sight.Name} {Row} where {Row}.ctid = f.place) as record from found f),
        stored as (
            insert into {s}.inbox (source, key, payload, raw, fault)
            select $1, key, case when record is not null or place is null then {Payload} end,
                   case when raw is not null then convert_to({RawPayload}, 'UTF8') end, case when raw is not null then '{Refused}' end
            from told t cross join lateral (
                select case when t.record is null then (select row_to_json({Row}) from only {sight.Name} {Row} where {Row}.ctid = t.place) end as raw) refused
            order by turn, key returning 1)
        """;

    private static string KeyOf(TableSight sight) =>
        $"jsonb_build_object({string.Join(", ", sight.Key.Select(column => $"{BridgeSchema.Literal(column)}, {Row}.{BridgeSchema.Quote(column)}"))})";
}
