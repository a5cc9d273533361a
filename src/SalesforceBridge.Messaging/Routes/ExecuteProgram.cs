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
        IEnumerable<NpgsqlBatchCommand> work = oncePerBatch && run.Length > 0
            ? [Statements.ExecuteMany(run.Select(message => message.Id))]
            : run.Select(message => Statements.ExecuteOne(message.Id));
        int hops = run.Select(message => message.Hops).DefaultIfEmpty().Max() + 1;
        await Sql.ExecuteAsync(connection,
            [Statements.Begin(lease, hops), .. work, .. Settle(window), Statements.Move(window.Position, window.Last)], ct);
        return new RouteStep(window.Messages.Count, window.Where(Verdict.Wait).Count(), Sent: 0);
    }

    public override Task RunOneAsync(NpgsqlConnection connection, Candidate message, CancellationToken ct) =>
        Sql.ExecuteAsync(connection, [Statements.ExecuteOne(message.Id)], ct);
}
