using Npgsql;
using NpgsqlTypes;

namespace SalesforceBridge.Messaging;

/// <summary>Calls to note.</summary>
/// <param name="Hour">When they were made; null: in this hour.</param>
/// <param name="Caller">Who made them.</param>
/// <param name="Calls">How many; less than none takes back what was noted.</param>
public sealed record ApiCallNote(DateTimeOffset? Hour, string Caller, long Calls);

/// <summary>How many calls somebody made in the last 24 hours.</summary>
/// <param name="Caller">Who: <c>lane NAME</c>, a source's name, <c>command NAME</c>.</param>
/// <param name="Calls">How many.</param>
public sealed record ApiCallCount(string Caller, long Calls);

/// <summary>The org's own count of the calls of everybody in 24 hours.</summary>
/// <param name="Used">How many were made.</param>
/// <param name="Allowed">How many it allows.</param>
/// <param name="Age">How long ago it said so.</param>
public sealed record OrgQuota(long Used, long Allowed, TimeSpan Age);

/// <summary>Where calls stand.</summary>
/// <param name="Calls">The bridge's own of the last 24 hours, with those that processes have put aside for themselves.</param>
/// <param name="Granted">How many of those that were wanted are put aside for whoever asked.</param>
/// <param name="Hour">The hour for which they are.</param>
/// <param name="Quota">What the org said last to any process; null where it said nothing yet.</param>
public sealed record ApiTally(long Calls, long Granted, DateTimeOffset Hour, OrgQuota? Quota);

/// <summary>
/// The calls that all processes of the bridge make to the org's API, by the hour. A process writes them down once in a while; where their number
/// is limited it puts some aside before it makes them, so that all together never make more, whatever becomes of one.
/// </summary>
public sealed class ApiCallLog(BridgeDatabase database)
{
    /// <summary>The caller under which calls are put aside.</summary>
    public const string Taken = "taken";

    // An hour counts until all of it is a day ago.
    private const string FirstHour = "date_trunc('hour', clock_timestamp() - interval '24 hours', 'UTC')";
    private const string ThisHour = "date_trunc('hour', clock_timestamp(), 'UTC')";

    private readonly BridgeSchema _s = database.Schema;

    /// <summary>Notes what was made and what the org said, and puts calls aside.</summary>
    /// <param name="notes">What was made.</param>
    /// <param name="quota">What the org said; null where it said nothing new.</param>
    /// <param name="want">How many calls to put aside at most. Of few that are left it is a tenth, at least one.</param>
    /// <param name="limit">How many calls all processes may make in 24 hours; null where that is not limited, so that none is put aside.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<ApiTally> NoteAsync(IReadOnlyCollection<ApiCallNote> notes, OrgQuota? quota, long want, long? limit, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return (await Sql.ReadLastAsync(connection, [.. Write(notes, quota), PutAside(want, limit)], Read, ct))[0];
    }

    /// <summary>The calls of the last 24 hours by who made them, the most first.</summary>
    public async Task<IReadOnlyList<ApiCallCount>> CountAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await Sql.ReadLastAsync(connection, [Sql.Command($"""
            select caller, sum(calls)::bigint from {_s}.api_call where hour >= {FirstHour} and caller <> $1 group by caller order by 2 desc, 1
            """, Taken)], row => new ApiCallCount(row.GetString(0), row.GetInt64(1)), ct);
    }

    // Processes take turns, or two would put the same calls aside. The lock ends with the transaction, so it works behind a pooler.
    private IEnumerable<NpgsqlBatchCommand> Write(IReadOnlyCollection<ApiCallNote> notes, OrgQuota? quota)
    {
        yield return Sql.Command("select pg_advisory_xact_lock(hashtextextended($1, 0))", $"bridge api calls {_s.Name}");
        if (notes.Count > 0)
        {
            yield return Sql.Command($"""
                insert into {_s}.api_call (hour, caller, calls) select coalesce(hour, {ThisHour}), caller, sum(calls) from unnest($1, $2, $3) n(hour, caller, calls) group by 1, 2
                on conflict (hour, caller) do update set calls = api_call.calls + excluded.calls
                """,
                Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, notes.Select(note => note.Hour?.UtcDateTime).ToArray()),
                Sql.TextArray(notes.Select(note => note.Caller)), Sql.BigintArray(notes.Select(note => note.Calls)));
            yield return Sql.Command($"delete from {_s}.api_call where hour < {FirstHour} - interval '1 day'");
        }

        if (quota is not null)
        {
            yield return Sql.Command($"""
                update {_s}.org set used = $1, allowed = $2, told_at = clock_timestamp() - $3 where told_at is null or told_at < clock_timestamp() - $3
                """, quota.Used, quota.Allowed, quota.Age);
        }
    }

    private NpgsqlBatchCommand PutAside(long want, long? limit) => Sql.Command($"""
        with made as (select coalesce(sum(calls), 0)::bigint as calls from {_s}.api_call where hour >= {FirstHour}),
        granted as (
            select greatest(least($1, greatest(($2 - calls) / 10, 1), $2 - calls), 0) as calls from made where $2 is not null),
        noted as (
            insert into {_s}.api_call (hour, caller, calls) select {ThisHour}, $3, calls from granted where calls > 0
            on conflict (hour, caller) do update set calls = api_call.calls + excluded.calls)
        select made.calls + coalesce(granted.calls, 0), coalesce(granted.calls, 0), {ThisHour}, o.used, o.allowed, clock_timestamp() - o.told_at
        from made left join granted on true left join {_s}.org o on true
        """, want, Sql.Typed(NpgsqlDbType.Bigint, limit), Taken);

    private static ApiTally Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<DateTimeOffset>(2),
        row.IsDBNull(3) ? null : new OrgQuota(row.GetInt64(3), row.GetInt64(4), row.GetFieldValue<TimeSpan>(5)));
}
