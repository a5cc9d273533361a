using Npgsql;
using NpgsqlTypes;

namespace SalesforceBridge.Messaging;

/// <summary>A message of a route, or a delivery of a lane, that could not be done now.</summary>
/// <param name="Id">The message's or the delivery's id.</param>
/// <param name="Key">Later ones with this key wait behind it.</param>
/// <param name="State">Retrying, waiting or dead.</param>
internal sealed record Failed(long Id, string? Key, FailureState State)
{
    private const int LongestError = 2000;

    public bool Holds { get; init; } = true;

    public int Attempts { get; init; }

    public TimeSpan? Wait { get; init; }

    public string? Code { get; init; }

    public string? Error { get; init; }

    /// <summary>Waits behind an earlier one with its key.</summary>
    public static Failed Behind(long id, string? key) => new(id, key, FailureState.Waiting);

    /// <summary>Failed for the nth time: tried again later, or dead when the tries are spent.</summary>
    public static Failed After(int attempts, long id, string? key, RouteDefinition route, string? code, string error, TimeSpan? atLeast = null)
    {
        TimeSpan? wait = route.Retry.WaitAfter(attempts);
        return wait is { } pause
            ? new(id, key, FailureState.Retrying) { Attempts = attempts, Wait = atLeast > pause ? atLeast : Jitter(pause), Code = code, Error = Short(error) }
            : Dead(attempts, id, key, route, code, error);
    }

    /// <summary>Will not be tried again unless a person says so.</summary>
    public static Failed Dead(int attempts, long id, string? key, RouteDefinition route, string? code, string error) =>
        new(id, key, FailureState.Dead) { Attempts = attempts, Holds = route.WhenDead == WhenDead.Hold && key is not null, Code = code, Error = Short(error) };

    // PostgreSQL repeats the value it could not read, and a message may be a megabyte.
    private static string Short(string error) => error.Length <= LongestError ? error : string.Concat(error.AsSpan(0, LongestError), "...");

    // Up to a fifth longer, so that what failed together does not come back together.
    private static TimeSpan Jitter(TimeSpan pause) => pause * (1 + (Random.Shared.NextDouble() / 5));
}

/// <summary>The states of a failure. See sql/schema/README.md.</summary>
public enum FailureState
{
    /// <summary>Tried again by itself at its time.</summary>
    Retrying,

    /// <summary>Waits behind an earlier one with its key.</summary>
    Waiting,

    /// <summary>Waits for a person.</summary>
    Dead,
}

/// <summary>The statements on failures that routes and lanes share. Each runs in a step that holds the cursor.</summary>
internal static class FailureSql
{
    /// <summary>Records failures; one that is known is brought up to date.</summary>
    public static NpgsqlBatchCommand Insert(BridgeSchema schema, string cursor, string? source, IReadOnlyCollection<Failed> failed) => Sql.Command($"""
        insert into {schema}.failure (cursor, id, source, key, state, holds, attempts, next_attempt, code, error)
        select $1, u.id, $2, u.key, u.state, u.holds, u.attempts, clock_timestamp() + u.wait, u.code, u.error
        from unnest($3, $4, $5, $6, $7, $8, $9, $10) u(id, key, state, holds, attempts, wait, code, error)
        on conflict (cursor, id) do update set state = excluded.state, holds = excluded.holds, attempts = excluded.attempts,
            next_attempt = excluded.next_attempt, code = excluded.code, error = excluded.error, failed_at = clock_timestamp()
        """,
        cursor,
        Sql.Text(source),
        Sql.BigintArray(failed.Select(f => f.Id)),
        Sql.TextArray(failed.Select(f => f.Key)),
        Sql.TextArray(failed.Select(f => f.State.ToString().ToLowerInvariant())),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Boolean, failed.Select(f => f.Holds).ToArray()),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Integer, failed.Select(f => f.Attempts).ToArray()),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Interval, failed.Select(f => f.Wait).ToArray()),
        Sql.TextArray(failed.Select(f => f.Code)),
        Sql.TextArray(failed.Select(f => f.Error)));

    /// <summary>What succeeded at last is no failure any more.</summary>
    public static NpgsqlBatchCommand Delete(BridgeSchema schema, string cursor, IEnumerable<long> ids) =>
        Sql.Command($"delete from {schema}.failure where cursor = $1 and id = any ($2)", cursor, Sql.BigintArray(ids));

    /// <summary>
    /// The first failure of each key, and every failure without one. Two queries, so that the first follows the index.
    /// </summary>
    /// <param name="schema">The bridge's schema.</param>
    /// <param name="cursor">The parameter that holds the cursor's name.</param>
    /// <param name="source">The parameter that holds the route's source; null for a lane.</param>
    public static string Heads(BridgeSchema schema, string cursor, string source) => $"""
        (select distinct on (key) id, key, attempts, state, next_attempt from {schema}.failure
            where cursor = {cursor} and source is not distinct from {source} and holds and key is not null order by key, id)
        union all
        select id, key, attempts, state, next_attempt from {schema}.failure
            where cursor = {cursor} and source is not distinct from {source} and holds and key is null
        """;

    /// <summary>Whether a head may run: it waited and nothing is before it any more, or its time has come.</summary>
    public const string IsReady = "(head.state = 'waiting' or head.state = 'retrying' and head.next_attempt <= clock_timestamp())";
}
