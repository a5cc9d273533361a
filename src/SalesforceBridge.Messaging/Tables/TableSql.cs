using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>The statements that move a table's changes into the inbox. Whoever runs them holds the drain's cursor.</summary>
internal sealed class TableSql(BridgeSchema s)
{
    // What says nothing of a row's content: Connect's notes, and the moment of Salesforce's last write.
    private static readonly string[] Notes = ["_hc_lastop", "_hc_err"];
    private static readonly string[] Stamps = ["systemmodstamp", "sfid"];

    // What Salesforce adds besides to a row that an app made, when it is first read back.
    private static readonly string[] Births = ["createddate", "isdeleted"];

    private const string Payload = "'operation', operation, 'record', record, 'old', old, 'changed', to_jsonb(changed), 'origin', origin, 'sfid', sfid";

    /// <summary>
    /// The next changes, into the inbox in their order; columns <c>taken, stored</c>. Where there is a baseline it follows, and a
    /// TRUNCATE is left where it is: what it means shows when the reload is over.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="heeded">Columns whose change is no echo.</param>
    /// <param name="limit">At most so many.</param>
    public NpgsqlBatchCommand Drain(WatchedTable table, IReadOnlyList<string> heeded, int limit) => Sql.Command($"""
        with next as materialized (
            select seq, operation from {s}.change where source = $1 order by source, seq limit $2),
        drained as (
            delete from {s}.change c where c.source = $1 and c.seq in (select n.seq from next n{(table.HasBaseline ? BeforeTruncate : "")})
            returning c.*, {s}.refusal(c.record, c.old) as fault),
        fit as materialized (
            select seq, operation, origin, hops, at, fault, case when fault is null then record::jsonb end as record, case when fault is null then old::jsonb end as old,
                   case when fault is not null then json_build_object('operation', operation, 'record', record, 'old', old)::text end as raw
            from drained),
        told as materialized (
            select f.*, {s}.row_key(coalesce(record, old), $3) as key, coalesce(record, old) ->> 'sfid' as sfid,
                   case operation when 'update' then {s}.changed(old, record, origin = 'salesforce')
                                  when 'insert' then array(select k from jsonb_object_keys(jsonb_strip_nulls(record)) k) end as changed
            from fit f),
        judged as materialized (
            select t.*, operation = 'update' and fault is null and changed <@ case
                   when origin <> 'salesforce' then {Words(Notes)}
                   when old ->> 'sfid' is null then {Words([.. Notes, .. Stamps, .. Births])}
                   when old ? '{Births[0]}' and old ->> '{Births[0]}' is null then {Words([.. Notes, Stamps[0], .. Births])}
                   else {Words([.. Notes, Stamps[0]])} end as echo
            from told t),
        stored as (
            insert into {s}.inbox (source, key, payload, raw, fault, origin, hops, occurred_at)
            select $1, key, case when fault is null then jsonb_build_object({Payload}) || case when echo then '{Echo}' else '{NoEcho}' end::jsonb end,
                   convert_to(raw, 'UTF8'), fault, case when starts_with(origin, 'bridge:') then origin end, hops, at
            from judged where not coalesce(echo, false) or changed && $4 order by seq returning 1)
            {(table.HasBaseline ? Remembered : "")}
        select (select count(*) from drained), (select count(*) from stored),
               (select pg_notify($5, $1) where exists (select from stored))
        """, table.HasBaseline
            ? [table.Source, limit, Sql.TextArray(table.Key), Sql.TextArray(heeded), s.Name, Sql.TextArray(Unhashed(table))]
            : [table.Source, limit, Sql.TextArray(table.Key), Sql.TextArray(heeded), s.Name]);

    /// <summary>Forgets what waits: a reload's changes count for nothing, only what they come to.</summary>
    public NpgsqlBatchCommand Discard(string source) => Sql.Command($"delete from {s}.change where source = $1", source);

    /// <summary>How many deletes from Salesforce wait behind a change, and the last change; columns <c>deletes, last</c>.</summary>
    public NpgsqlBatchCommand Waiting(WatchedTable table, long after) => Sql.Command($"""
        select count(*) filter (where operation = 'delete' and origin = 'salesforce'), coalesce(max(seq), $2) from {s}.change where source = $1 and seq > $2
        """, table.Source, after);

    /// <summary>A reload gives a row another key, and Connect writes the sfid and the stamps: none of it is content.</summary>
    public static string[] Unhashed(WatchedTable table) => [.. table.Key, .. Notes, .. Stamps];

    private const string Echo = """{"echo": true}""";
    private const string NoEcho = "{}";

    private const string BeforeTruncate = " where n.seq < coalesce((select min(seq) from next where operation = 'truncate'), 9223372036854775807)";

    // The last word of each key: a changed key leaves its old one.
    private string Remembered => $"""
        , words as materialized (
            select distinct on (key) key, sfid, record from (
                select key, sfid, record, seq, 1 as n from judged where fault is null
                union all
                select {s}.row_key(old, $3), null, null, seq, 0 from judged where operation = 'update' and {s}.row_key(old, $3) <> key) word
            where key is not null order by key, seq desc, n desc),
        gone as (delete from {s}.baseline b using words w where b.source = $1 and b.key = w.key and w.record is null),
        kept as (
            insert into {s}.baseline (source, key, sfid, hash) select $1, key, sfid, {s}.row_hash(record, $6) from words where record is not null
            on conflict (source, key) do update set sfid = excluded.sfid, hash = excluded.hash)
        """;

    private static string Words(IEnumerable<string> words) => $"array[{string.Join(", ", words.Select(BridgeSchema.Literal))}]";
}
