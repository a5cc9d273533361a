using Npgsql;
using NpgsqlTypes;

namespace SalesforceBridge.Messaging;

/// <summary>The statements about callers' rows. Who has the database's time says when one is over.</summary>
internal static class CallerSql
{
    /// <summary>The caller of a message that came without one.</summary>
    public static readonly Guid Nobody = Guid.Empty;

    private const string Lifetime = "2 hours";

    /// <summary>Stores callers beside their messages, in the same transaction and after them: a repeated request has stored none, and needs no caller.</summary>
    public static NpgsqlBatchCommand Store(BridgeSchema schema, IReadOnlyCollection<SealedCaller> callers) => Sql.Command($"""
        insert into {schema}.caller (id, user_id, token, expires_at)
        select u.id, u.user_id, u.token, clock_timestamp() + interval '{Lifetime}' from unnest($1::uuid[], $2::text[], $3::bytea[]) u(id, user_id, token)
        cross join lateral (select from {schema}.inbox i where i.caller = u.id limit 1) stored
        on conflict (id) do nothing
        """,
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Uuid, callers.Select(caller => caller.Id).ToArray()),
        Sql.TextArray(callers.Select(caller => caller.UserId)),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Bytea, callers.Select(caller => caller.Token).ToArray()));

    /// <summary>A caller whose time is not over; columns <c>user_id, token</c>.</summary>
    public static NpgsqlBatchCommand Find(BridgeSchema schema, Guid id) =>
        Sql.Command($"select user_id, token from {schema}.caller where id = $1 and expires_at > clock_timestamp()", id);

    /// <summary>Forgets a caller whose last delivery was made just now.</summary>
    public static NpgsqlBatchCommand Forget(BridgeSchema schema, Guid id) =>
        Sql.Command($"delete from {schema}.caller c where c.id = $1 and not ({IsNeeded(schema)})", id);

    /// <summary>Forgets callers whose time is over, and those that nothing needs.</summary>
    public static NpgsqlBatchCommand Sweep(BridgeSchema schema, int limit) => Sql.Command($"""
        delete from {schema}.caller where ctid = any (array(
            select c.ctid from {schema}.caller c where c.expires_at <= clock_timestamp() or not ({IsNeeded(schema)}) limit $1))
        """, limit);

    // By a delivery without an outcome, or by a message that an enabled route on its source has yet to pass, or failed at. A route moves its
    // position and writes its deliveries at once, so that one of the two is seen.
    private static string IsNeeded(BridgeSchema schema) => $"""
        exists (
            select from {schema}.outbox o where o.caller = c.id
              and not exists (select from {schema}.outcome x where x.lane = o.lane and x.id = o.id))
        or exists (
            select from {schema}.inbox i
            join {schema}.cursor p on p.enabled and p.name like 'route % on %' and substr(p.name, strpos(p.name, ' on ') + 4) = i.source
            where i.caller = c.id and (i.id > coalesce(p.position, '0')::bigint or exists (
                select from {schema}.failure f
                where f.cursor = left(p.name, strpos(p.name, ' on ') - 1) and f.source = i.source and f.id = i.id)))
        """;
}
