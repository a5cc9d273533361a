using System.Text;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Tells routes <c>on: result of ROUTE</c> what became of deliveries: a message for each outcome, written in the transaction that records
/// it, from what that transaction recorded. Whoever tells holds the lane's cursor; the source's row is locked after it, as the names' order has it.
/// </summary>
internal static class ResultSql
{
    // A cause that is larger is told by its id: a message may have hundreds of deliveries.
    private const int LargestCause = 256 * 1024;

    /// <summary>
    /// Tells of deliveries that were settled just now, if some route listens; of those that are only tried again nothing is told. An outcome
    /// that was told is not told twice.
    /// </summary>
    /// <param name="schema">The bridge's schema.</param>
    /// <param name="lane">The route whose deliveries they are.</param>
    /// <param name="settled">Their ids, and what the destination said where it said something.</param>
    public static NpgsqlBatchCommand Tell(BridgeSchema schema, string lane, IReadOnlyCollection<(long Id, ReadOnlyMemory<byte>? Response)> settled) => Sql.Command($"""
        with heard as materialized (
            select c.name from {schema}.cursor c where c.name = 'result of ' || $1 and exists (
                select from {schema}.cursor r where r.enabled and r.name like 'route %' and substr(r.name, strpos(r.name, ' on ') + 4) = c.name)
            for no key update),
        told as (
            insert into {schema}.inbox (source, key, dedupe_key, payload, origin, hops, occurred_at, traceparent)
            select heard.name, left(coalesce(o.key, x.org_id, o.body->>'Id'), 500),
                   o.id || '/' || v.outcome || case when x.id is null and f.redrives > 0 then '/' || f.redrives else '' end,
                   jsonb_build_object('delivery', o.id, 'lane', o.lane, 'destination', o.destination, 'outcome', v.outcome, 'id', x.org_id,
                       'created', x.created, 'code', v.code, 'error', case when x.id is null then f.error end, 'attempts', coalesce(x.attempts, f.attempts),
                       'message', cause.message) || coalesce(u.response::jsonb, '{EmptyObject}'),
                   'bridge:' || o.lane, o.hops, coalesce(x.at, f.failed_at), cause.traceparent
            from heard cross join unnest($2, $3) u(id, response)
            join {schema}.outbox o on o.lane = $1 and o.id = u.id
            left join {schema}.outcome x on x.lane = $1 and x.id = u.id
            left join {schema}.failure f on f.cursor = 'lane ' || $1 and f.id = u.id and f.state = 'dead'
            cross join lateral (select
                case when x.id is null then 'failed' when x.error is null then 'delivered' else 'discarded' end as outcome,
                case when x.id is null then f.code else substr(x.error, length('discarded: ') + 1) end as code) v
            left join lateral (
                select i.traceparent, jsonb_build_object('id', i.id, 'source', i.source, 'key', i.key,
                           'payload', case when octet_length(i.payload::text) <= {LargestCause} then i.payload end) as message
                from {schema}.cursor p join {schema}.inbox i on i.source = substr(p.name, strpos(p.name, ' on ') + 4) and i.id = o.inbox_id
                where starts_with(p.name, 'route ' || $1 || ' on ') limit 1) cause on true
            where x.id is not null or f.id is not null
            order by o.id on conflict (source, dedupe_key) do nothing returning 1)
        select pg_notify($4, heard.name) from heard where exists (select from told)
        """,
        lane,
        Sql.BigintArray(settled.Select(one => one.Id)),
        Sql.TextArray(settled.Select(one => one.Response is { } response ? Encoding.UTF8.GetString(response.Span) : null)),
        schema.Name);

    private const string EmptyObject = "{}";
}
