using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A route written in C#: its handler runs for each message inside the step's transaction.</summary>
internal sealed class HandlerProgram(RouteDefinition route, RouteSql statements, IRouteHandler handler) : RouteProgram(route, statements)
{
    public override async Task<RouteStep> RunBatchAsync(NpgsqlConnection connection, Lease lease, int limit, CancellationToken ct)
    {
        Window window = await ReadWindowAsync(connection, limit, ct);
        if (window.Messages.Count == 0)
            return default;

        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        int hops = window.Messages.Max(message => message.Hops) + 1;
        await Sql.ExecuteAsync(connection, [Statements.Begin(lease, hops)], ct);
        int sent = 0;
        foreach (Candidate message in window.Where(Verdict.Run))
            sent += await HandleAsync(connection, message, ct);
        await Sql.ExecuteAsync(connection, [.. Settle(window), Statements.Move(window.Position, window.Last), .. sent > 0 ? [Statements.WakeLane()] : Array.Empty<NpgsqlBatchCommand>()], ct);
        await transaction.CommitAsync(ct);
        return new RouteStep(window.Messages.Count, window.Where(Verdict.Wait).Count(), sent);
    }

    public override Task RunOneAsync(NpgsqlConnection connection, Candidate message, CancellationToken ct) =>
        HandleAsync(connection, message, ct);

    private async Task<int> HandleAsync(NpgsqlConnection connection, Candidate candidate, CancellationToken ct)
    {
        List<Message> messages = await Sql.ReadLastAsync(connection, [Statements.Read(candidate.Id)], row => new Message(
            candidate.Id, row.GetString(0), candidate.Key, row.GetFieldValue<byte[]>(1),
            row.GetFieldValue<DateTimeOffset>(2), row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3)), ct);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Route.Timeout);
        var transaction = new RouteTransaction(connection, Statements, messages[0], candidate.Hops + 1);
        try
        {
            await handler.HandleAsync(messages[0], transaction, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new HandlerTimeoutException(Route.Timeout);
        }

        return transaction.Sent;
    }
}

/// <summary>A handler ran longer than its route allows.</summary>
internal sealed class HandlerTimeoutException(TimeSpan limit)
    : Exception($"The handler did not end within {limit.TotalSeconds} s; give its route a longer `timeout:` or its work to a destination.");
