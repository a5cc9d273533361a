using Npgsql;
using NpgsqlTypes;

namespace SalesforceBridge.Messaging;

/// <summary>
/// The statements that find what one connection's log and archive hold of failures and the inbox was not told yet.
/// <para>
/// Failures are compared as sets: what stands at FAILED or READONLY, without what is in <c>connect_error</c>. No watermark would be safe.
/// An id, a transaction and a time of capture are drawn long before the row is seen, and before it fails; a time of processing is written
/// before its commit, by a clock that need not be ours. A set asks none of them: whoever commits late is seen late, and nothing is passed over.
/// Log and archive are read by one statement, so a row that moves is seen in one of them.
/// </para>
/// <para>
/// The one place without an index for its state is the archive's READONLY rows. Of these only the ones captured since an hour before the
/// last whole look are read. One is missed if its transaction was open for more than that hour and Connect also archived it within the
/// minute between two looks; what stands in the log is seen at any age.
/// </para>
/// </summary>
internal sealed class HerokuConnectErrorSql(BridgeSchema s, HerokuConnection at)
{
    /// <summary>How many errors one look yields at most.</summary>
    public const int Batch = 200;

    // Two texts per row, each as long as the row: a few that are long must not fill the memory.
    private const int LargestBatch = 4 << 20;

    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    // Should Connect ever move a row by two transactions, it is nowhere for a moment and still the same failure.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    // Neither id nor times of storing belong to the failure itself, and a row that is moved keeps the rest.
    private const string Told = "hashtextextended(concat_ws('|', state, extract(epoch from processed_at), sf_message), 0)";

    private string IsInLog => $"exists (select from {at.Log} l where l.id = a.id and {CapturedAt("l")} = {CapturedAt("a")})";

    private string IsKnown => $"exists (select from {s}.connect_error e where e.schema_name = $1 and e.id = f.id and e.captured_at = f.captured";

    /// <summary>The next errors that the inbox was not told of, oldest first; <see cref="Read"/> takes a row.</summary>
    public NpgsqlBatchCommand Look(DateTimeOffset? since) => Sql.Command($"""
        with f as materialized (
            select * from ({Failed($"{Told} as told, coalesce(processed_at, created_at) as at, coalesce(octet_length(old), 0) + coalesce(octet_length(\"values\"), 0) as size")}) f
            where not {IsKnown} and e.told = f.told) order by at, id limit {Batch}),
        near as (
            select id as number, archived as moved, captured, told, at, sum(size) over (order by at, id) - size as before from f)
        select {HerokuConnectError.Columns}, moved, "values", old, captured, told
        from near join lateral (
            select * from {at.Log} l where not moved and l.id = number and {CapturedAt("l")} = captured
            union all
            select * from {at.Archive} a where moved and a.id = number and {CapturedAt("a")} = captured) entry on true
        where before < {LargestBatch} order by at, number
        """, at.Schema, Since(since));

    /// <summary>
    /// Forgets what stands at another state now, so that it counts as new when it fails again, and what was nowhere for a while, as Connect
    /// deletes its archive after days.
    /// </summary>
    public NpgsqlBatchCommand Forget(DateTimeOffset? since) => Sql.Command($"""
        with f as materialized ({Failed("state")}),
        missing as materialized (
            select e.ctid as place, e.gone_at, {IsSettledIn(at.Log)} or {IsSettledIn(at.Archive)} as settled
            from {s}.connect_error e where e.schema_name = $1 and not exists (select from f where f.id = e.id and f.captured = e.captured_at)),
        forgotten as (
            delete from {s}.connect_error where ctid = any (array(select place from missing where settled or gone_at < clock_timestamp() - $3))),
        gone as (
            update {s}.connect_error set gone_at = clock_timestamp()
            where ctid = any (array(select place from missing where not settled and gone_at is null)))
        update {s}.connect_error e set gone_at = null
        where schema_name = $1 and gone_at is not null and exists (select from f where f.id = e.id and f.captured = e.captured_at)
        """, at.Schema, Since(since), Grace);

    /// <summary>Takes what is there already as told; of the archive's READONLY rows those that a later look would see.</summary>
    public NpgsqlBatchCommand Pass(DateTimeOffset now) => Sql.Command($"""
        insert into {s}.connect_error (schema_name, id, captured_at, told)
        select $1, id, captured, told from ({Failed($"{Told} as told")}) f on conflict do nothing
        """, at.Schema, Since(now));

    /// <summary>Stores errors as messages, and that they are told.</summary>
    public IEnumerable<NpgsqlBatchCommand> Tell(string source, IReadOnlyList<NewError> errors) =>
    [
        Sql.Command($"""
            insert into {s}.inbox (source, key, payload, occurred_at)
            select $1, u.key, u.payload, u.at from unnest($2, $3, $4) with ordinality u(key, payload, at, n) order by u.n
            """, source, Sql.TextArray(errors.Select(error => error.Key)),
            Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Jsonb, errors.Select(error => error.Payload()).ToArray()),
            Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, errors.Select(error => error.Error.ProcessedAt ?? error.Error.CapturedAt).ToArray())),
        Sql.Command($"""
            insert into {s}.connect_error (schema_name, id, captured_at, told) select $1, * from unnest($2, $3, $4)
            on conflict (schema_name, id, captured_at) do update set told = excluded.told, gone_at = null
            """, at.Schema, Sql.BigintArray(errors.Select(error => error.Error.Id)),
            Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, errors.Select(error => error.CapturedAt).ToArray()),
            Sql.BigintArray(errors.Select(error => error.Told))),
        Sql.Command("select pg_notify($1, $2)", s.Name, source),
    ];

    /// <summary>Whether the archive reaches back to a time, so that nothing that failed since was deleted.</summary>
    public NpgsqlBatchCommand ReachesBackTo(DateTimeOffset time) =>
        Sql.Command($"select exists (select from {at.Archive} where created_at <= $1)", time.ToUniversalTime());

    public NewError Read(NpgsqlDataReader row)
    {
        const int At = HerokuConnectError.CountOfColumns;
        return new NewError(HerokuConnectError.Read(row, at.Schema, row.GetBoolean(At)),
            HerokuConnectError.Text(row, At + 1), HerokuConnectError.Text(row, At + 2), row.GetFieldValue<DateTimeOffset>(At + 3), row.GetInt64(At + 4));
    }

    // A row in both is the log's: it was put back, and what becomes of it shows there. The states are written as in the predicates of Connect's indexes.
    private string Failed(string columns) => $"""
        select id, {CapturedAt("l")} as captured, {columns}, false as archived from {at.Log} l where state in ('FAILED', 'READONLY')
        union all
        select id, {CapturedAt("a")}, {columns}, true from {at.Archive} a where state = 'FAILED' and not {IsInLog}
        union all
        select id, {CapturedAt("a")}, {columns}, true from {at.Archive} a where state = 'READONLY' and created_at >= $2 and not {IsInLog}
        """;

    private static string IsSettledIn(string table) =>
        $"exists (select from {table} t where t.id = e.id and {CapturedAt("t")} = e.captured_at and t.state not in ('FAILED', 'READONLY'))";

    private static string CapturedAt(string row) => $"coalesce({row}.created_at, 'epoch')";

    private static NpgsqlParameter Since(DateTimeOffset? since) =>
        Sql.Typed(NpgsqlDbType.TimestampTz, since is { } known ? (known - Margin).ToUniversalTime() : DateTimeOffset.UnixEpoch);
}
