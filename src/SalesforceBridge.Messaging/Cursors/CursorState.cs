using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>What a cursor says besides its position, and what lies before it.</summary>
/// <param name="InFlight">A lane: what was handed to the API. A careful route: the id that was begun last.</param>
/// <param name="Tries">How often that id was begun.</param>
/// <param name="Careful">The last holder vanished, so messages run one at a time for a while.</param>
/// <param name="IsStopped">It stands still for a reason, and tries one message or delivery at a time.</param>
/// <param name="ProbeIn">How long until a stopped one tries again.</param>
/// <param name="Open">How many of its failures are tried again, or hold or wait for their key.</param>
/// <param name="IsFull">One key has so many of them that no new ones are taken.</param>
/// <param name="IsReady">The first failure of a key may run now.</param>
/// <param name="Due">How long until one may; null when none will by itself.</param>
/// <param name="HasMore">Something lies behind its position.</param>
internal sealed record CursorState(
    string? InFlight, int Tries, bool Careful, bool IsStopped, TimeSpan ProbeIn, long Open, bool IsFull, bool IsReady, TimeSpan? Due, bool HasMore)
{
    // Something due that could not run after all must not keep a loop spinning.
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(5);

    /// <summary>Why it stands still; null while it runs.</summary>
    public string? Stopped { get; init; }

    /// <summary>A lane that stands still since so many were refused for good in a row: with which code.</summary>
    public string? RunCode { get; init; }

    /// <summary>A lane: which refusals a person has accepted, as <c>CODE ID</c>, up to that delivery.</summary>
    public string? Accepted { get; init; }

    /// <summary>How long there is nothing to do unless somebody rings.</summary>
    public TimeSpan Rest(TimeSpan idle)
    {
        TimeSpan rest = ProbeIn > TimeSpan.Zero ? ProbeIn : Due ?? idle;
        return rest < ShortestRest ? ShortestRest : rest < idle ? rest : idle;
    }
}

/// <summary>
/// What the holder of a cursor says about it. Every method is one round trip and fails when the lease is lost. A step uses one
/// connection for all it does: a few connections that wait for each other would stand still.
/// </summary>
internal sealed class HeldCursor(BridgeDatabase database, Cursors cursors, Lease lease)
{
    private readonly BridgeSchema _s = database.Schema;

    public Lease Lease { get; } = lease;

    /// <summary>Looks at everything that decides about the next step, without a lock: each step checks the lease for itself.</summary>
    /// <param name="connection">The step's connection.</param>
    /// <param name="source">A route's source; null for a lane.</param>
    /// <param name="more">Whether something lies behind the position; <c>$4</c> is the source.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<CursorState> LookAsync(NpgsqlConnection connection, string? source, string more, CancellationToken ct)
    {
        List<CursorState> states = await Sql.ReadLastAsync(connection, [Sql.Command($"""
            select c.in_flight, c.tries, c.careful, c.stopped is not null, coalesce(greatest(extract(epoch from c.probe_at - clock_timestamp()), 0), 0)::float8,
                   f.open, f.longest >= $3, h.ready, h.due, {more}, c.stopped, c.run_code, c.accepted
            from {_s}.cursor c
            cross join lateral (
                select coalesce(sum(n), 0)::bigint as open, coalesce(max(n), 0) as longest from (
                    select count(*) as n from {_s}.failure where cursor = $1 and source is not distinct from $4 and holds group by key) keys) f
            cross join lateral (
                select coalesce(bool_or(state = 'waiting' or next_attempt <= clock_timestamp()), false) as ready,
                       extract(epoch from min(next_attempt) - clock_timestamp())::float8 as due
                from ({FailureSql.Heads(_s, "$1", "$4")}) head) h
            where c.name = $1 and c.epoch = $2
            """, Lease.Cursor, Lease.Epoch, database.Options.WaitingLimit, Sql.Text(source))], Read, ct);
        return states.Count > 0 ? states[0] : throw new LeaseLostException($"{Lease.Cursor} is held by another worker now");
    }

    /// <summary>Stands still until the probe: the position stays, and a person is told.</summary>
    /// <param name="connection">The step's connection.</param>
    /// <param name="reason">For a person.</param>
    /// <param name="probe">How long.</param>
    /// <param name="runCode">The code that so many were refused with in a row, where that is why.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task StopAsync(NpgsqlConnection connection, string reason, TimeSpan probe, string? runCode, CancellationToken ct) => RunAsync(connection, ct,
        Sql.Command(
            $"update {_s}.cursor set stopped = $2, probe_at = clock_timestamp() + $3, run_code = $4, updated_at = now() where name = $1",
            Lease.Cursor, reason, probe, Sql.Text(runCode)),
        Alerts.Raise(_s, $"{Lease.Cursor} stopped", reason));

    /// <summary>Goes on.</summary>
    public Task ResumeAsync(NpgsqlConnection connection, CancellationToken ct) => RunAsync(connection, ct,
        Sql.Command($"update {_s}.cursor set stopped = null, probe_at = null, run_code = null, updated_at = now() where name = $1", Lease.Cursor),
        Alerts.Clear(_s, $"{Lease.Cursor} stopped"));

    /// <summary>Tells a person that no new messages are taken since one key has too many failures, or that they are again.</summary>
    public Task TellFullAsync(NpgsqlConnection connection, bool isFull, CancellationToken ct) => RunAsync(connection, ct, isFull
        ? Alerts.Raise(_s, $"{Lease.Cursor} waits",
            $"{database.Options.WaitingLimit} or more wait behind one failure of {Lease.Cursor}, so nothing new is taken; redrive or discard the first of that key, then it goes on.")
        : Alerts.Clear(_s, $"{Lease.Cursor} waits"));

    /// <summary>Commits that a message is about to be begun, so that whoever takes over knows.</summary>
    /// <returns>How often it was begun now, this time included.</returns>
    public async Task<int> BeginAsync(NpgsqlConnection connection, long id, CancellationToken ct)
    {
        List<int> tries = await Sql.ReadLastAsync(connection, [cursors.Hold(Lease), Sql.Command($"""
            update {_s}.cursor set tries = case when in_flight = $2 then tries + 1 else 1 end, in_flight = $2, in_flight_at = clock_timestamp()
            where name = $1 returning tries
            """, Lease.Cursor, $"{id}")], row => row.GetInt32(0), ct);
        return tries[0];
    }

    /// <summary>What was begun came to an end that says nothing against the message: the try does not count.</summary>
    public Task TakeBackTryAsync(NpgsqlConnection connection, CancellationToken ct) => RunAsync(connection, ct,
        Sql.Command($"update {_s}.cursor set tries = greatest(tries - 1, 0) where name = $1", Lease.Cursor));

    /// <summary>Whether messages run one at a time.</summary>
    public Task SetCarefulAsync(NpgsqlConnection connection, bool careful, CancellationToken ct) => RunAsync(connection, ct, Sql.Command($"""
        update {_s}.cursor set careful = $2, in_flight = null, in_flight_at = null, tries = 0 where name = $1 and careful <> $2
        """, Lease.Cursor, careful));

    /// <summary>Nothing is said against the message that was begun last: whatever ended its run was not the message.</summary>
    public Task ForgetTriesAsync(NpgsqlConnection connection, CancellationToken ct) => RunAsync(connection, ct, Sql.Command($"""
        update {_s}.cursor set in_flight = null, in_flight_at = null, tries = 0 where name = $1
        """, Lease.Cursor));

    private Task RunAsync(NpgsqlConnection connection, CancellationToken ct, params NpgsqlBatchCommand[] commands) =>
        Sql.ExecuteAsync(connection, [cursors.Hold(Lease), .. commands], ct);

    private static CursorState Read(NpgsqlDataReader row) => new(
        row.IsDBNull(0) ? null : row.GetString(0), row.GetInt32(1), row.GetBoolean(2), row.GetBoolean(3), TimeSpan.FromSeconds(row.GetDouble(4)),
        row.GetInt64(5), row.GetBoolean(6), row.GetBoolean(7), row.IsDBNull(8) ? null : TimeSpan.FromSeconds(row.GetDouble(8)), row.GetBoolean(9))
    {
        Stopped = TextOf(row, 10),
        RunCode = TextOf(row, 11),
        Accepted = TextOf(row, 12),
    };

    private static string? TextOf(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
