using Npgsql;
using NpgsqlTypes;

namespace SalesforceBridge.Messaging;

/// <summary>A message of a route, or a delivery of a lane, that could not be done now.</summary>
/// <param name="Id">The message's or the delivery's id.</param>
/// <param name="Key">Later ones with this key wait behind it.</param>
/// <param name="State">Retrying, waiting or dead.</param>
internal sealed record Failed(long Id, string? Key, FailureState State)
{
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
            ? new(id, key, FailureState.Retrying) { Attempts = attempts, Wait = atLeast > pause ? atLeast : Jitter(pause), Code = code, Error = error }
            : Dead(attempts, id, key, route, code, error);
    }

    /// <summary>Will not be tried again unless a person says so.</summary>
    public static Failed Dead(int attempts, long id, string? key, RouteDefinition route, string? code, string error) =>
        new(id, key, FailureState.Dead) { Attempts = attempts, Holds = route.WhenDead == WhenDead.Hold && key is not null, Code = code, Error = error };

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
    /// The first failure of each key, where it may run now: it waited and nothing is before it any more, or its time has come.
    /// Columns <c>id, key, attempts</c> and what <paramref name="more"/> says of <c>head</c>.
    /// </summary>
    public static NpgsqlBatchCommand Heads(BridgeSchema schema, string cursor, int limit, string more) => Sql.Command($"""
        select id, key, attempts, {more} from (
            select distinct on (coalesce('k' || key, 'i' || id)) id, source, key, attempts, state, next_attempt
            from {schema}.failure where cursor = $1 and holds order by coalesce('k' || key, 'i' || id), id) head
        where state = 'waiting' or state = 'retrying' and next_attempt <= clock_timestamp()
        order by id limit $2
        """, cursor, limit);

    /// <summary>When a failure is due, how many are open, and whether one key has too many of them.</summary>
    public static async Task<Outlook> ReadOutlookAsync(NpgsqlConnection connection, BridgeSchema schema, string cursor, int waitingLimit, CancellationToken ct)
    {
        List<Outlook> rows = await Sql.ReadLastAsync(connection, [Sql.Command($"""
            select extract(epoch from min(due) - clock_timestamp())::float8, coalesce(sum(n), 0)::bigint, coalesce(max(n), 0) >= $2
            from (select count(*) n, min(next_attempt) due from {schema}.failure where cursor = $1 and holds group by key) keys
            """, cursor, waitingLimit)],
            row => new Outlook(row.IsDBNull(0) ? null : TimeSpan.FromSeconds(Math.Max(row.GetDouble(0), 0.005)), row.GetInt64(1), row.GetBoolean(2)), ct);
        return rows[0];
    }
}

/// <summary>What a cursor's failures mean for its next steps.</summary>
/// <param name="Due">How long until one is tried again; null when none is.</param>
/// <param name="Open">How many hold their key or wait.</param>
/// <param name="IsFull">One key has so many that no new ones are taken.</param>
internal readonly record struct Outlook(TimeSpan? Due, long Open, bool IsFull);
