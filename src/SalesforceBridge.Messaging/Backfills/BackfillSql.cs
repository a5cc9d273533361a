using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>The statements of a backfill. Whoever stores locks the cursor first that orders the source's log.</summary>
internal sealed class BackfillSql(BridgeSchema s)
{
    /// <summary>Locks a cursor, so that the ids drawn next become visible in their order.</summary>
    public NpgsqlBatchCommand Lock(string cursor) => Sql.Command($"select from {s}.cursor where name = $1 for no key update", cursor);

    /// <summary>The id of a source's newest message; 0 where there is none.</summary>
    public NpgsqlBatchCommand Newest(string source) => Sql.Command(
        $"select coalesce((select id from {s}.inbox where source = $1 order by source desc, id desc limit 1), 0)", source);

    /// <summary>
    /// Those of the records about which the route (null: every route) was sent a message since: by its key, by the ids in a change event's header, or by the
    /// id of a topic's record. A change event that names no records, since there were too many, or all of them (<c>001*</c>), is about all.
    /// </summary>
    public NpgsqlBatchCommand Touched(string source, string? route, long noted, IEnumerable<string> ids) => Sql.Command($"""
        with later as materialized (
            select i.key, i.payload ->> 'Id' as record_id, i.payload -> 'ChangeEventHeader' as header from {s}.inbox i
            where i.source = $1 and i.id > $2 and (i.for_route is null or i.for_route = $3) order by i.source, i.id),
        named as materialized (
            select ids.id from later cross join lateral jsonb_array_elements_text(
                case jsonb_typeof(header -> 'recordIds') when 'array' then header -> 'recordIds' else '[]' end) ids(id))
        select wanted.id from unnest($4) wanted(id) where wanted.id in (
            select key from later where key is not null
            union all select record_id from later where record_id is not null
            union all select id from named where id is not null)
        or exists (select from later where header ->> 'changeType' = 'GAP_OVERFLOW')
        or exists (select from named where id like '%*')
        """, source, noted, Sql.Text(route), Sql.TextArray(ids));

    /// <summary>Stores messages for the route alone; null: for every route.</summary>
    public NpgsqlBatchCommand Insert(string? route, IReadOnlyCollection<NewMessage> messages)
    {
        var columns = new MessageColumns(messages.Count);
        foreach (NewMessage message in messages)
            columns.Add(message, dedupeKey: null, MessageColumns.FaultOf(message));
        return Sql.Command($"""
            insert into {s}.inbox ({MessageColumns.Names}, for_route)
            select {MessageColumns.Names}, $11 from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) with ordinality u({MessageColumns.Names}, n) order by n
            """, [.. columns.Parameters(), Sql.Text(route)]);
    }

    /// <summary>Tells routes that there is something to do.</summary>
    public NpgsqlBatchCommand Wake(string source) => Sql.Command("select pg_notify($1, $2)", s.Name, source);

    /// <summary>Moves a backfill that is still where the step began, and yields it; no row where it is not.</summary>
    public NpgsqlBatchCommand Move(Backfill at, Backfill to, bool isLast) => Sql.Command($"""
        update {s}.backfill set position = $4, stored = $5, deleted = $6, put_off = $7, deletes_since = coalesce($8, deletes_since),
               updated_at = clock_timestamp(), finished_at = case when $9 then clock_timestamp() end
        where route = $1 and epoch = $2 and position is not distinct from $3 and finished_at is null
        returning {Backfill.Columns}
        """, at.Route, at.Epoch, Sql.Text(at.Position), Sql.Text(to.Position), to.Stored, to.Deleted, to.PutOff,
        Sql.Typed(NpgsqlTypes.NpgsqlDbType.TimestampTz, to.DeletesSince?.ToUniversalTime()), isLast);

    /// <summary>
    /// Ends the open gaps of a source that every enabled route on it has read past: each was told every record since the gap was noticed.
    /// </summary>
    public NpgsqlBatchCommand[] Heal(string source) =>
    [
        Sql.Command($"""
            update {s}.gap g set healed_at = clock_timestamp(),
                healed = 'every record was told again by `bridge backfill`; '
                    || coalesce('deletes since ' || to_char((select max(b.deletes_since) from {s}.backfill b where b.source = $1) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || ' too', 'deletes were not told')
            where g.source = $1 and g.healed_at is null and not exists (
                select from (select substring(name from '^route (\S+) on ') as route from {s}.cursor
                             where enabled and name like 'route % on %' and substring(name from '^route \S+ on (.*)$') = $1) listening
                where not exists (
                    select from {s}.backfill b where b.route = listening.route and b.source = $1 and b.condition is null
                      and b.finished_at is not null and b.started_at > g.noticed_at))
            """, source),
        .. Gaps.ClearAlert(s, source),
    ];
}
