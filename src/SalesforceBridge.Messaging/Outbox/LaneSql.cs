using Npgsql;
using NpgsqlTypes;

namespace SalesforceBridge.Messaging;

/// <summary>A delivery of the window, and whether it still has to be made.</summary>
internal sealed record Pending(Delivery Delivery, bool IsSettled, int Attempts)
{
    /// <summary>The rows that it is made together with; null where it is made by itself.</summary>
    public Lot? Lot { get; init; }
}

/// <summary>The rows that one run of a message yielded, where they are made together.</summary>
/// <param name="Message">The message.</param>
/// <param name="Run">The transaction in which it ran.</param>
internal readonly record struct Lot(long Message, long Run);

/// <summary>The statements of one lane.</summary>
internal sealed class LaneSql(BridgeDatabase database, RouteDefinition route)
{
    // Of bodies read at once; a larger one is read alone.
    private const int MostBytes = 8 * 1024 * 1024;

    private readonly BridgeSchema _s = database.Schema;
    private readonly string _lane = route.Name;
    private readonly string _source = BridgeSchema.Literal(route.Source.ToString());

    /// <summary>The lease and the position of the lane.</summary>
    public string Cursor { get; } = CursorName.Lane(route.Name);

    /// <summary>Whether a delivery lies behind the position; for <see cref="HeldCursor.LookAsync"/>.</summary>
    public string More => $"""
        (select o.id from {_s}.outbox o where o.lane = {BridgeSchema.Literal(_lane)} and o.id > coalesce(c.position, '0')::bigint
            order by o.lane, o.id limit 1) is not null
        """;

    /// <summary>
    /// The next deliveries, as many as fit into the limit and into memory; those whose key is held are parked on the way.
    /// </summary>
    public Task<List<Pending>> ReadNextAsync(NpgsqlConnection connection, NpgsqlBatchCommand hold, int limit, CancellationToken ct) =>
        Sql.ReadLastAsync(connection, [hold, Next(limit)], Read, ct);

    /// <summary>Deliveries that failed before and may be made now, each the first of its key. One that turned out to be made is no failure.</summary>
    public Task<List<Pending>> ReadHeadsAsync(NpgsqlConnection connection, NpgsqlBatchCommand hold, int limit, CancellationToken ct) =>
        Sql.ReadLastAsync(connection, [hold, Sql.Command($"""
            delete from {_s}.failure f using {_s}.outcome x where f.cursor = $1 and x.lane = $2 and x.id = f.id
            """, Cursor, _lane), Sql.Command($"""
            update {_s}.failure f set state = 'dead', holds = false, next_attempt = null, code = 'gone', error = 'The delivery is not in the outbox any more.'
            where f.cursor = $1 and f.holds and not exists (select from {_s}.outbox o where o.lane = $2 and o.id = f.id)
            """, Cursor, _lane), Sql.Command($"""
            select {Columns("false", "head.attempts")}
            from ({FailureSql.Heads(_s, "$1", "null")}) head join {_s}.outbox o on o.lane = $2 and o.id = head.id
            where {FailureSql.IsReady} order by o.id limit $3
            """, Cursor, _lane, limit)], Read, ct);

    /// <summary>Deliveries by id, where nothing is known of them: neither made nor failed.</summary>
    public Task<List<Pending>> ReadUnsettledAsync(NpgsqlConnection connection, NpgsqlBatchCommand hold, InFlight range, CancellationToken ct) =>
        Sql.ReadLastAsync(connection, [hold, Sql.Command($"""
            select {Columns("false", "coalesce(f.attempts, 0)")}
            from {_s}.outbox o left join {_s}.failure f on f.cursor = $1 and f.id = o.id
            where o.lane = $2 and not exists (select from {_s}.outcome x where x.lane = $2 and x.id = o.id)
              and ($3::bigint[] is not null and o.id = any ($3) and f.state is distinct from 'dead'
                or $3::bigint[] is null and f.id is null
                   and o.id > (select coalesce(c.position, '0')::bigint from {_s}.cursor c where c.name = $1) and o.id <= $4)
            order by o.id
            """, Cursor, _lane, Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Bigint, range.Retried?.ToArray()), range.Highest)], Read, ct);

    /// <summary>
    /// All of a lot that is still to be made, however little of it the window showed: of one that is retried what is not dead, else what has
    /// not failed yet.
    /// </summary>
    public Task<List<Pending>> ReadLotAsync(NpgsqlConnection connection, NpgsqlBatchCommand hold, Lot lot, bool isRetried, CancellationToken ct) =>
        Sql.ReadLastAsync(connection, [hold, Sql.Command($"""
            select {Columns("false", "coalesce(f.attempts, 0)")}
            from {_s}.outbox o left join {_s}.failure f on f.cursor = $1 and f.id = o.id
            where o.lane = $2 and o.inbox_id = $3 and o.together = $4 and not exists (select from {_s}.outcome x where x.lane = $2 and x.id = o.id)
              and (f.id is null or $5 and f.state <> 'dead')
            order by o.id
            """, Cursor, _lane, lot.Message, lot.Run, isRetried)], Read, ct);

    /// <summary>Deliveries behind one of them, each with whether it still has to be made, for a job.</summary>
    public Task<List<Pending>> ReadForJobAsync(NpgsqlConnection connection, long? after, long last, int limit, CancellationToken ct) =>
        Sql.ReadLastAsync(connection, [Sql.Command($"""
            select {Columns($"""
                exists (select from {_s}.outcome x where x.lane = $2 and x.id = o.id)
                    or exists (select from {_s}.failure f where f.cursor = $1 and (f.id = o.id or f.key = o.key and f.holds))
                """, "0")}
            from (select o.*, sum(octet_length(o.body::text)) over (order by o.id) - octet_length(o.body::text) as before
                from (select * from {_s}.outbox
                    where lane = $2 and id > coalesce($3, (select coalesce(c.position, '0')::bigint from {_s}.cursor c where c.name = $1)) and id <= $4
                    order by lane, id limit $5) o) o
            where o.before < {MostBytes} order by o.id
            """, Cursor, _lane, Sql.Typed(NpgsqlDbType.Bigint, after), last, limit)], Read, ct);

    /// <summary>Deliveries by id, without their bodies.</summary>
    public Task<List<Pending>> ReadBrieflyAsync(NpgsqlConnection connection, IEnumerable<long> ids, CancellationToken ct) =>
        Sql.ReadLastAsync(connection, [Sql.Command($"""
            select o.id, o.key, o.destination, ''::text, null::text, o.hops, false, 0, null::uuid, null::text, null::bigint, null::bigint
            from {_s}.outbox o where o.lane = $1 and o.id = any ($2)
            """, _lane, Sql.BigintArray(ids))], Read, ct);

    /// <summary>A job is over: the position moves up to the first delivery that it did not settle.</summary>
    public NpgsqlBatchCommand EndJob(LaneJob job) => Sql.Command($"""
        update {_s}.cursor c set in_flight = null, in_flight_at = null, updated_at = now(), position = coalesce(
            (select o.id - 1 from {_s}.outbox o
                where o.lane = $2 and o.id > coalesce(c.position, '0')::bigint and o.id <= $3
                  and not exists (select from {_s}.outcome x where x.lane = $2 and x.id = o.id)
                  and not exists (select from {_s}.failure f where f.cursor = $1 and f.id = o.id)
                order by o.lane, o.id limit 1), $3)::text
        where c.name = $1
        """, Cursor, _lane, job.Last);

    internal NpgsqlBatchCommand Next(int limit) => Sql.Command($"""
        with next as materialized (
            select o.*, sum(octet_length(o.body::text)) over (order by o.id) - octet_length(o.body::text) as before
            from (select * from {_s}.outbox
                where lane = $2 and id > (select coalesce(c.position, '0')::bigint from {_s}.cursor c where c.name = $1)
                order by lane, id limit $3) o),
        w as materialized (
            select o.*,
                   exists (select from {_s}.outcome x where x.lane = $2 and x.id = o.id) as done,
                   exists (select from {_s}.failure f where f.cursor = $1 and f.id = o.id) as failed,
                   o.key is not null and exists (select from {_s}.failure f where f.cursor = $1 and f.key = o.key and f.holds) as held
            from next o where o.before < {MostBytes}),
        parked as (
            insert into {_s}.failure (cursor, id, key, state) select $1, id, key, 'waiting' from w where held and not failed and not done
            on conflict (cursor, id) do nothing)
        select {Columns("o.done or o.failed or o.held", "0")} from w o order by o.id
        """, Cursor, _lane, limit);

    /// <summary>Records what was made. A second record of the same delivery changes nothing.</summary>
    public NpgsqlBatchCommand Record(IReadOnlyCollection<(Pending Pending, DeliveryOutcome.Delivered Outcome)> made) => Sql.Command($"""
        insert into {_s}.outcome (lane, id, org_id, created, attempts, hops)
        select $1, u.id, u.org_id, u.created, u.attempts, u.hops from unnest($2, $3, $4, $5, $6) u(id, org_id, created, attempts, hops)
        on conflict (lane, id) do nothing
        """,
        _lane,
        Sql.BigintArray(made.Select(m => m.Pending.Delivery.Id)),
        Sql.TextArray(made.Select(m => m.Outcome.OrgId)),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Boolean, made.Select(m => m.Outcome.Created).ToArray()),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Integer, made.Select(m => m.Pending.Attempts + 1).ToArray()),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Smallint, made.Select(m => (short)m.Pending.Delivery.Hops).ToArray()));

    /// <summary>Waits for whoever holds the cursor now, without holding it: for what is known though the lease is lost.</summary>
    public NpgsqlBatchCommand WaitForHolder() => Sql.Command($"select from {_s}.cursor where name = $1 for no key update", Cursor);

    /// <summary>Tells routes that the events they may have seen already are explained now.</summary>
    public NpgsqlBatchCommand Wake(IEnumerable<string> sources) =>
        Sql.Command($"select count(pg_notify($1, source)) from unnest($2) told(source)", _s.Name, Sql.TextArray(sources));

    /// <summary>Records what failed.</summary>
    public NpgsqlBatchCommand Fail(IReadOnlyCollection<Failed> failed) => FailureSql.Insert(_s, Cursor, null, failed);

    /// <summary>Dead letters wait again, as if they had never been tried, before whatever has their keys. What fails anew is told anew.</summary>
    public NpgsqlBatchCommand TakeBack(IEnumerable<long> ids) => Sql.Command($"""
        update {_s}.failure set state = 'waiting', holds = true, attempts = 0, redrives = redrives + 1
        where cursor = $1 and id = any ($2) and state = 'dead'
        """, Cursor, Sql.BigintArray(ids));

    /// <summary>What was made at last is no failure any more.</summary>
    public NpgsqlBatchCommand Succeed(IEnumerable<long> ids) => FailureSql.Delete(_s, Cursor, ids);

    /// <summary>Says what is about to be handed to the API, so that whoever takes over knows what is in doubt.</summary>
    public NpgsqlBatchCommand Begin(InFlight range) => Begin(range.ToString());

    /// <summary>Says what is about to happen, in the words of whoever asks for it.</summary>
    public NpgsqlBatchCommand Begin(string inFlight) => Sql.Command(
        $"update {_s}.cursor set in_flight = $2, in_flight_at = clock_timestamp() where name = $1", Cursor, inFlight);

    /// <summary>Nothing is under way any more; the position moves unless it is null.</summary>
    public NpgsqlBatchCommand End(long? position) => Sql.Command(
        $"update {_s}.cursor set in_flight = null, in_flight_at = null, position = coalesce($2, position), updated_at = now() where name = $1",
        Cursor, Sql.Text(position?.ToString()));

    // Of the row `o` of the outbox. The trace is looked up only where a destination passes it on.
    private string Columns(string isSettled, string attempts) => $"""
        o.id, o.key, o.destination, o.body::text, o.meta::text, o.hops, {isSettled}, {attempts}, o.caller,
        case when o.destination like 'request %' then (select i.traceparent from {_s}.inbox i where i.source = {_source} and i.id = o.inbox_id) end, o.inbox_id, o.together
        """;

    private Pending Read(NpgsqlDataReader row) => new(
        new Delivery(
            _lane, row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetString(2),
            row.GetFieldValue<byte[]>(3), row.IsDBNull(4) ? default(ReadOnlyMemory<byte>?) : row.GetFieldValue<byte[]>(4), row.GetInt16(5))
        {
            Caller = row.IsDBNull(8) ? null : row.GetGuid(8),
            TraceParent = row.IsDBNull(9) ? null : row.GetString(9),
            IsTogether = !row.IsDBNull(11),
        },
        row.GetBoolean(6), row.GetInt32(7))
    {
        Lot = row.IsDBNull(11) ? null : new Lot(row.GetInt64(10), row.GetInt64(11)),
    };
}

/// <summary>What a lane has handed to the API: everything up to an id, or single deliveries that failed before.</summary>
internal sealed record InFlight(long Highest, IReadOnlyList<long>? Retried = null)
{
    private const string RetryPrefix = "retry ";

    public static InFlight Parse(string text) => text.StartsWith(RetryPrefix, StringComparison.Ordinal)
        ? new(0, [.. text[RetryPrefix.Length..].Split(',').Select(long.Parse)])
        : new(long.Parse(text));

    public override string ToString() => Retried is null ? $"{Highest}" : RetryPrefix + string.Join(',', Retried);
}
