using Npgsql;
using NpgsqlTypes;

namespace SalesforceBridge.Messaging;

/// <summary>A delivery of the window, and whether it still has to be made.</summary>
internal sealed record Pending(Delivery Delivery, bool IsSettled, int Attempts);

/// <summary>The statements of one lane.</summary>
internal sealed class LaneSql(BridgeDatabase database, string lane)
{
    private readonly BridgeSchema _s = database.Schema;

    /// <summary>The lease and the position of the lane.</summary>
    public string Cursor { get; } = CursorName.Lane(lane);

    /// <summary>The next deliveries; those whose key is held are parked on the way.</summary>
    public Task<List<Pending>> ReadNextAsync(NpgsqlConnection connection, NpgsqlBatchCommand hold, int limit, CancellationToken ct) =>
        Sql.ReadLastAsync(connection, [hold, Sql.Command($"""
            with w as materialized (
                select o.id, o.key, o.destination, o.body, o.meta, o.hops,
                       exists (select from {_s}.outcome x where x.lane = $2 and x.id = o.id) as done,
                       exists (select from {_s}.failure f where f.cursor = $1 and f.id = o.id) as failed,
                       o.key is not null and exists (select from {_s}.failure f where f.cursor = $1 and f.key = o.key and f.holds) as held
                from {_s}.outbox o
                where o.lane = $2 and o.id > (select coalesce(c.position, '0')::bigint from {_s}.cursor c where c.name = $1)
                order by o.lane, o.id limit $3),
            parked as (
                insert into {_s}.failure (cursor, id, key, state) select $1, id, key, 'waiting' from w where held and not failed and not done
                on conflict (cursor, id) do nothing)
            select id, key, destination, body::text, meta::text, hops, done or failed or held, 0 from w order by id
            """, Cursor, lane, limit)], Read, ct);

    /// <summary>Deliveries that failed before and may be made now, each the first of its key.</summary>
    public Task<List<Pending>> ReadHeadsAsync(NpgsqlConnection connection, NpgsqlBatchCommand hold, int limit, CancellationToken ct) =>
        Sql.ReadLastAsync(connection, [hold, Sql.Command($"""
            with head as materialized (
                select distinct on (coalesce('k' || key, 'i' || id)) id, state, next_attempt, attempts
                from {_s}.failure where cursor = $1 and holds order by coalesce('k' || key, 'i' || id), id)
            select o.id, o.key, o.destination, o.body::text, o.meta::text, o.hops, false, head.attempts
            from head join {_s}.outbox o on o.lane = $2 and o.id = head.id
            where head.state = 'waiting' or head.state = 'retrying' and head.next_attempt <= clock_timestamp()
            order by o.id limit $3
            """, Cursor, lane, limit)], Read, ct);

    /// <summary>Deliveries by id, where nothing is known of them: neither made nor failed.</summary>
    public Task<List<Pending>> ReadUnsettledAsync(NpgsqlConnection connection, NpgsqlBatchCommand hold, InFlight range, CancellationToken ct) =>
        Sql.ReadLastAsync(connection, [hold, Sql.Command($"""
            select o.id, o.key, o.destination, o.body::text, o.meta::text, o.hops, false, coalesce(f.attempts, 0)
            from {_s}.outbox o left join {_s}.failure f on f.cursor = $1 and f.id = o.id
            where o.lane = $2 and not exists (select from {_s}.outcome x where x.lane = $2 and x.id = o.id)
              and ($3::bigint[] is not null and o.id = any ($3) and f.state is distinct from 'dead'
                or $3::bigint[] is null and f.id is null
                   and o.id > (select coalesce(c.position, '0')::bigint from {_s}.cursor c where c.name = $1) and o.id <= $4)
            order by o.id
            """, Cursor, lane, Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Bigint, range.Retried?.ToArray()), range.Highest)], Read, ct);

    /// <summary>Records what was made. A second record of the same delivery changes nothing.</summary>
    public NpgsqlBatchCommand Record(IReadOnlyCollection<(Pending Pending, DeliveryOutcome.Delivered Outcome)> made) => Sql.Command($"""
        insert into {_s}.outcome (lane, id, org_id, created, attempts)
        select $1, u.id, u.org_id, u.created, u.attempts from unnest($2, $3, $4, $5) u(id, org_id, created, attempts)
        on conflict (lane, id) do nothing
        """,
        lane,
        Sql.BigintArray(made.Select(m => m.Pending.Delivery.Id)),
        Sql.TextArray(made.Select(m => m.Outcome.OrgId)),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Boolean, made.Select(m => m.Outcome.Created).ToArray()),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Integer, made.Select(m => m.Pending.Attempts + 1).ToArray()));

    /// <summary>Records what failed.</summary>
    public NpgsqlBatchCommand Fail(IReadOnlyCollection<Failed> failed) => FailureSql.Insert(_s, Cursor, null, failed);

    /// <summary>What was made at last is no failure any more.</summary>
    public NpgsqlBatchCommand Succeed(IEnumerable<long> ids) => FailureSql.Delete(_s, Cursor, ids);

    /// <summary>Says what is about to be handed to the API, so that whoever takes over knows what is in doubt.</summary>
    public NpgsqlBatchCommand Begin(InFlight range) => Sql.Command(
        $"update {_s}.cursor set in_flight = $2, in_flight_at = clock_timestamp() where name = $1", Cursor, range.ToString());

    /// <summary>Nothing is under way any more; the position moves unless it is null.</summary>
    public NpgsqlBatchCommand End(long? position) => Sql.Command(
        $"update {_s}.cursor set in_flight = null, in_flight_at = null, position = coalesce($2, position), updated_at = now() where name = $1",
        Cursor, Sql.Text(position?.ToString()));

    private Pending Read(NpgsqlDataReader row) => new(
        new Delivery(
            lane, row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetString(2),
            row.GetFieldValue<byte[]>(3), row.IsDBNull(4) ? null : row.GetFieldValue<byte[]>(4), row.GetInt16(5)),
        row.GetBoolean(6), row.GetInt32(7));
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
