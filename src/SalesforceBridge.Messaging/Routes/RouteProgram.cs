using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A message of a route's window: enough to decide about it, and no payload.</summary>
internal sealed record Candidate(long Id, string? Key, int Hops, Verdict Verdict, string? Reason);

/// <summary>What a step does with a message.</summary>
internal enum Verdict
{
    /// <summary>The route runs for it.</summary>
    Run,

    /// <summary>An earlier one with its key has failed, so it waits.</summary>
    Wait,

    /// <summary>No route can run for it; it is dead at once.</summary>
    Refuse,

    /// <summary>The route caused it itself, so it passes by.</summary>
    Pass,
}

/// <summary>The next messages of a route, and the position they follow.</summary>
internal sealed record Window(string? Position, IReadOnlyList<Candidate> Messages)
{
    public long Last => Messages[^1].Id;

    public IEnumerable<Candidate> Where(Verdict verdict) => Messages.Where(message => message.Verdict == verdict);
}

/// <summary>What a step did.</summary>
/// <param name="Taken">How many messages are behind the position now.</param>
/// <param name="Parked">How many of them wait behind their key.</param>
/// <param name="Sent">How many deliveries it wrote; for DML and handlers 0 or more.</param>
internal readonly record struct RouteStep(int Taken, int Parked, int Sent);

/// <summary>What a route does with messages: a select, a DML statement or a handler. Knows no retry and no stopping.</summary>
internal abstract class RouteProgram(RouteDefinition route, RouteSql statements)
{
    public RouteDefinition Route { get; } = route;

    public RouteSql Statements { get; } = statements;

    /// <summary>Whether a message can end the process, and not only its database connection: then a worker that vanished counts as a try.</summary>
    public virtual bool RunsInThisProcess => false;

    /// <summary>One whole step, with the position, in a transaction of its own: all of it or nothing.</summary>
    public abstract Task<RouteStep> RunBatchAsync(NpgsqlConnection connection, Lease lease, int limit, CancellationToken ct);

    /// <summary>Runs for one message inside the transaction that the caller has begun.</summary>
    public abstract Task RunOneAsync(NpgsqlConnection connection, Candidate message, CancellationToken ct);

    /// <summary>The next messages, with what to do with each.</summary>
    public Task<Window> ReadWindowAsync(NpgsqlConnection connection, int limit, CancellationToken ct) =>
        ReadAsync(connection, Statements.Window(limit), ct);

    /// <summary>The next message, whose key cannot be told.</summary>
    public Task<Window> ReadKeylessAsync(NpgsqlConnection connection, CancellationToken ct) =>
        ReadAsync(connection, Statements.KeylessWindow(limit: 1), ct);

    /// <summary>Records what in a window does not run.</summary>
    public IEnumerable<NpgsqlBatchCommand> Settle(Window window)
    {
        Failed[] failed =
        [
            .. window.Where(Verdict.Refuse).Select(message => Refusal(message)),
            .. window.Where(Verdict.Wait).Select(message => Failed.Behind(message.Id, message.Key)),
        ];
        return failed.Length == 0 ? [] : [Statements.Fail(failed)];
    }

    private async Task<Window> ReadAsync(NpgsqlConnection connection, NpgsqlBatchCommand window, CancellationToken ct)
    {
        string? position = null;
        List<Candidate> messages = await Sql.ReadLastAsync(connection, [Statements.LimitTime(), window], row =>
        {
            position = row.IsDBNull(5) ? null : row.GetString(5);
            return new Candidate(
                row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetInt16(2),
                Enum.Parse<Verdict>(row.GetString(3), ignoreCase: true), row.IsDBNull(4) ? null : row.GetString(4));
        }, Route.Timeout, ct);
        return new Window(position, messages);
    }

    // It never ran, so nothing waits for it, whatever the route says of its dead.
    private static Failed Refusal(Candidate message) =>
        new(message.Id, null, FailureState.Dead) { Holds = false, Code = "refused", Error = message.Reason };
}
