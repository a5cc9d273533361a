using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A route whose statement works in our database: once per message, in order, all sent together.</summary>
internal sealed class ExecuteProgram(RouteDefinition route, RouteSql statements, bool oncePerBatch) : RouteProgram(route, statements)
{
    public override async Task<RouteStep> RunBatchAsync(NpgsqlConnection connection, Lease lease, int limit, CancellationToken ct)
    {
        Window window = await ReadWindowAsync(connection, limit, ct);
        if (window.Messages.Count == 0)
            return default;

        Candidate[] run = [.. window.Where(Verdict.Run)];
        await Sql.ExecuteAsync(connection,
            [Statements.Begin(lease), .. Work(run), .. Settle(window), Statements.Move(window.Position, window.Last)],
            Route.Timeout * Math.Max(run.Length, 1), ct);
        return new RouteStep(window.Messages.Count, window.Where(Verdict.Wait).Count(), Sent: 0);
    }

    public override Task RunOneAsync(NpgsqlConnection connection, Candidate message, CancellationToken ct) =>
        Sql.ExecuteAsync(connection, Work([message]), Route.Timeout, ct);

    // Table triggers note how often the cause went through a route, so each message says it where it is not as the one before.
    private IEnumerable<NpgsqlBatchCommand> Work(Candidate[] run)
    {
        if (run.Length == 0)
            yield break;
        if (oncePerBatch)
        {
            yield return Statements.SetHops(run.Max(message => message.Hops) + 1);
            yield return Statements.ExecuteMany(run.Select(message => message.Id));
            yield break;
        }

        int? hops = null;
        foreach (Candidate message in run)
        {
            if (message.Hops != hops)
                yield return Statements.SetHops(message.Hops + 1);
            hops = message.Hops;
            yield return Statements.ExecuteOne(message.Id);
        }
    }
}
