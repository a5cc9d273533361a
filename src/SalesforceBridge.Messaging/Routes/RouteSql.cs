using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// The statements of one route. What a user wrote stands in them as a whole expression or query of its own, on lines
/// of its own; it parsed alone before (<see cref="RouteCheck"/>), so it cannot reach out of its place.
/// </summary>
internal sealed class RouteSql(BridgeDatabase database, RouteDefinition route, LoopGuard guard)
{
    private const string MessageColumns = "id, source, key, payload, received_at, occurred_at";

    // In bytes; a longer key counts by its hash.
    private const int LongestKey = 500;
    private static readonly string Nobody = $"'{CallerSql.Nobody}'::uuid";
    private readonly BridgeSchema _s = database.Schema;
    private readonly string _source = route.Source.ToString();
    private readonly SqlText _sql = SqlText.Read(route.Sql);

    private readonly string _isForAnother = IsForAnother(route);

    private readonly string _passes = ChangeFilter.Passes(route) + HerokuConnectErrorFilter.Passes(route);

    /// <summary>Whether the message <c>i</c> is not for a route: a backfill tells one alone, under the name that it had then.</summary>
    public static string IsForAnother(RouteDefinition route) =>
        $"coalesce(i.for_route not in ({string.Join(", ", new[] { route.Name, route.Was }.OfType<string>().Select(BridgeSchema.Literal))}), false)";

    /// <summary>The lease of the route.</summary>
    public string Cursor { get; } = CursorName.Route(route.Name);

    /// <summary>The position of the route on its source.</summary>
    public string Position { get; } = CursorName.Position(route.Name, route.Source.ToString());

    /// <summary>What a message sends is made in one call.</summary>
    public bool IsTogether => route.Together;

    /// <summary>What everything that the route causes carries.</summary>
    public string Origin { get; } = $"bridge:{route.Name}";

    /// <summary>Locks the route's cursor under its epoch and sets what its statement runs under.</summary>
    public NpgsqlBatchCommand Begin(Lease lease) => Sql.Command(
        $"select {_s}.begin_route($1, $2, $3, $4), {_s}.as_app()", lease.Cursor, lease.Epoch, Origin, (long)route.Timeout.TotalMilliseconds);

    /// <summary>Limits the time of the statements after it, in a batch that does not begin a step.</summary>
    public NpgsqlBatchCommand LimitTime() => Sql.Command($"select {_s}.limit_time($1)", (long)route.Timeout.TotalMilliseconds);

    /// <summary>Says how many routes the cause of what follows went through.</summary>
    public NpgsqlBatchCommand SetHops(int hops) => Sql.Command($"select {_s}.set_hops($1)", hops);

    /// <summary>
    /// Whether a message lies behind the position; for <see cref="HeldCursor.LookAsync"/>. Asked with `exists` the planner would
    /// read the whole table for an idle source, sure of finding one soon.
    /// </summary>
    public string More => $"""
        (select i.id from {_s}.inbox i
            where i.source = $4 and i.id > coalesce((select p.position from {_s}.cursor p where p.name = c.name || ' on ' || $4), '0')::bigint
            order by i.source, i.id limit 1) is not null
        """;

    /// <summary>The next messages, with what to do with each; columns <c>id, key, hops, verdict, reason, position</c>.</summary>
    public NpgsqlBatchCommand Window(int limit) => Sql.Command($"""
        with {NextMessages()}
        select w.id, k.key, w.hops, {Verdict("k.key")}, w.refusal, (select position from {_s}.cursor where name = $1)
        from bridge_window w cross join lateral ({KeyOf("w")}) k order by w.id
        """, WindowValues(limit));

    /// <summary>The same without asking for keys: for a message whose key cannot be told.</summary>
    public NpgsqlBatchCommand KeylessWindow(int limit) => Sql.Command($"""
        with {NextMessages()}
        select w.id, null::text, w.hops, {Verdict("null::text")}, w.refusal, (select position from {_s}.cursor where name = $1)
        from bridge_window w order by w.id
        """, WindowValues(limit));

    /// <summary>The whole step of a select route: its rows, what waits, what is refused, and the position.</summary>
    public NpgsqlBatchCommand SelectBatch(RouteShape shape, string destination, int limit) => Sql.Command($"""
        with {Extent()},
        bridge_refused as (
            insert into {_s}.failure (cursor, id, source, state, holds, code, error)
            select $4, i.id, i.source, 'dead', false, 'refused', {Refusal} from {_s}.inbox i{guard.Join}
            where (select odd from bridge_window) and {InWindow} and {Refusal} is not null
            on conflict (cursor, id) do nothing returning 1),
        bridge_parked as (
            insert into {_s}.failure (cursor, id, source, key, state)
            select $4, i.id, i.source, k.key, 'waiting' from {_s}.inbox i{guard.Join} cross join lateral ({KeyOf("i")}) k
            where (select holds from bridge_window) and {InWindow} and {Runs} and {KeyIsHeld("k.key")}
            on conflict (cursor, id) do nothing returning 1),
        {Sent(shape, $"{InWindow} and {Runs} and not ((select holds from bridge_window) and {KeyIsHeld("k.key")})", lane: "$7", destination: "$8")},
        bridge_moved as (
            update {_s}.cursor c set position = w.last::text, updated_at = now() from bridge_window w
            where c.name = $1 and w.taken > 0 returning 1)
        select (select taken from bridge_window), (select count(*) from bridge_parked), (select count(*) from bridge_sent),
               (select count(*) from bridge_refused), (select count(*) from bridge_moved),
               (select pg_notify($9, $10) where exists (select from bridge_sent))
        """, [.. WindowValues(limit), route.Name, destination, _s.Name, CursorName.Lane(route.Name)]);

    /// <summary>The rows of a select route for one message.</summary>
    public NpgsqlBatchCommand SelectOne(RouteShape shape, string destination, long id) => Sql.Command($"""
        with {Sent(shape, "i.source = $1 and i.id = $2", lane: "$3", destination: "$4")}
        select (select count(*) from bridge_sent), (select pg_notify($5, $6) where exists (select from bridge_sent))
        """, _source, id, route.Name, destination, _s.Name, CursorName.Lane(route.Name));

    /// <summary>A DML route's statement for one message.</summary>
    public NpgsqlBatchCommand ExecuteOne(long id) => Sql.Command(
        _sql.WithMessage($"message as (select {MessageColumns} from {_s}.inbox where source = $1 and id = $2)"), _source, id);

    /// <summary>A DML route's statement for many messages at once, where its author asked for that.</summary>
    public NpgsqlBatchCommand ExecuteMany(IEnumerable<long> ids) => Sql.Command(
        _sql.WithMessage($"message as (select {MessageColumns} from {_s}.inbox where source = $1 and id = any ($2))"), _source, Sql.BigintArray(ids));

    /// <summary>A message's payload, for a handler; columns <c>source, payload, received_at, occurred_at</c>.</summary>
    public NpgsqlBatchCommand Read(long id) => Sql.Command(
        $"select source, payload::text, received_at, occurred_at from {_s}.inbox where source = $1 and id = $2", _source, id);

    /// <summary>One delivery, as a handler's verb asks for it.</summary>
    public NpgsqlBatchCommand Send(string destination, string body, string? metadata, Message message, int row, int hops) => Sql.Command($"""
        insert into {_s}.outbox (lane, key, destination, body, meta, inbox_id, hops, together, caller)
        select $1, $2, $3, $4::jsonb, $5::jsonb, $6, $7, {LotOf("$8")},
               {(route.AsCaller ? $"coalesce((select i.caller from {_s}.inbox i where i.source = $9 and i.id = $6), {Nobody})" : "null::uuid")}
        """,
        [
            route.Name, Sql.Text(message.Key), destination, body, Sql.Text(metadata), message.Id, (short)hops, (long)row,
            .. route.AsCaller ? new object[] { _source } : [],
        ]);

    /// <summary>Tells the lane's holder, wherever it runs, that there are deliveries.</summary>
    public NpgsqlBatchCommand WakeLane() => Sql.Command("select pg_notify($1, $2)", _s.Name, CursorName.Lane(route.Name));

    /// <summary>Records messages that failed, wait or were refused.</summary>
    public NpgsqlBatchCommand Fail(IReadOnlyCollection<Failed> failed) => FailureSql.Insert(_s, Cursor, _source, failed);

    /// <summary>What succeeded at last is no failure any more.</summary>
    public NpgsqlBatchCommand Succeed(IEnumerable<long> ids) => FailureSql.Delete(_s, Cursor, ids);

    /// <summary>The failures that may run now; columns <c>id, key, hops, attempts, gone</c>.</summary>
    // What is about to run stays until it has: a message that somebody deleted meanwhile would count as done.
    public NpgsqlBatchCommand Heads(int limit) => Sql.Command($"""
        with head as materialized (
            select * from ({FailureSql.Heads(_s, "$1", "$2")}) head where {FailureSql.IsReady} order by id limit $3),
        i as materialized (
            select i.id, i.dedupe_key, i.origin, i.hops from head join {_s}.inbox i on i.source = $2 and i.id = head.id for key share of i)
        select head.id, head.key, coalesce({guard.Hops}, 0)::smallint, head.attempts, i.id is null
        from head left join i on i.id = head.id{guard.Join} order by head.id
        """, Cursor, _source, limit);

    /// <summary>Moves the position from where the step began.</summary>
    public NpgsqlBatchCommand Move(string? from, long to) =>
        Sql.Command($"select {_s}.move($1, $2, $3)", Position, Sql.Text(from), $"{to}");

    // The window: $1 position, $2 source, $3 limit, $4 cursor, $5 own origin, $6 hop limit.
    private object?[] WindowValues(int limit) => [Position, _source, limit, Cursor, Origin, database.Options.HopLimit];

    private string First => $"(select coalesce(c.position, '0')::bigint from {_s}.cursor c where c.name = $1)";

    private string InWindow => $"i.source = $2 and i.id > {First} and i.id <= (select last from bridge_window)";

    private string Refusal => $"""
        case when {_isForAnother} then null when i.fault is not null then i.fault when {guard.Hops} > $6 then 'it went through more than ' || $6 || ' routes: a loop' end
        """;

    private string Runs => $"{Refusal} is null and not ({Passes})";

    private string Passes => $"{_isForAnother} or coalesce({guard.Origin} = $5, false){guard.MayBeOwn}{_passes}";

    // Ids alone: payloads are read once, where the rows are made.
    private string Extent() => $"""
        bridge_next as materialized (
            select i.id, i.received_at, {Refusal} is not null as odd from {_s}.inbox i{guard.Join}
            where i.source = $2 and i.id > {First} order by i.source, i.id limit $3),
        bridge_window as materialized (
            select max(id) as last, count(*) as taken, coalesce(bool_or(odd), false) as odd,
                   exists (select from {_s}.failure f where f.cursor = $4 and f.holds) as holds
            from bridge_next {UntilCallsBegan})
        """;

    private string UntilCallsBegan => guard.CallsBegan is null ? "" : $"""
        where id < coalesce((select min(id) from bridge_next where received_at >= ({guard.CallsBegan})), 9223372036854775807)
        """;

    private string NextMessages() => $"""
        bridge_next as materialized (
            select i.id, i.source, i.key, i.payload, i.received_at, i.occurred_at, {guard.Hops} as hops,
                   {Passes} as passes, {Refusal} as refusal
            from {_s}.inbox i{guard.Join} where i.source = $2 and i.id > {First} order by i.source, i.id limit $3),
        bridge_window as materialized (select * from bridge_next {UntilCallsBegan})
        """;

    private string Verdict(string key) => $"""
        case when w.refusal is not null then 'refuse' when w.passes then 'pass' when {KeyIsHeld(key)} then 'wait' else 'run' end
        """;

    private string KeyIsHeld(string key) => route.KeyExpression is null
        ? "false"
        : $"({key} is not null and exists (select from {_s}.failure f where f.cursor = $4 and f.source = $2 and f.key = {key} and f.holds))";

    private string KeyOf(string row) =>
        route.KeyExpression is null
            ? "select null::text as key"
            : $"with message as not materialized (select {row}.{MessageColumns.Replace(", ", $", {row}.")}) {KeyExpression()}";

    // A refused message has no payload, and its key is then null like everything that is read from it. An index holds no long keys.
    private string KeyExpression() => route.KeyExpression is null
        ? "select null::text as key"
        : $"select case when octet_length(k.key) > {LongestKey} then 'md5 ' || md5(k.key) else k.key end as key from (select (\n{route.KeyExpression}\n)::text as key from message) k";

    private string LotOf(string row) => route.Together ? $"{_s}.together({row})" : "null::bigint";

    private string Sent(RouteShape shape, string where, string lane, string destination) => $"""
        bridge_sent as (
            insert into {_s}.outbox (lane, key, destination, body, meta, inbox_id, hops, together, caller)
            select {lane}, k.key, {destination}, {shape.Body(_s, "r")}, {shape.Metadata(_s, "r")}, i.id, {guard.Hops} + 1, {LotOf("r.\"row of the message\"")},
                   {(route.AsCaller ? $"coalesce(i.caller, {Nobody})" : "null::uuid")}
            from {_s}.inbox i{guard.Join} cross join lateral ({KeyOf("i")}) k cross join lateral (
                with message as not materialized (select i.{MessageColumns.Replace(", ", ", i.")})
                select q.*, row_number() over () as "row of the message" from {_sql.AsSubquery()} q) r
            where {where} order by i.source, i.id, r."row of the message" returning 1)
        """;
}
