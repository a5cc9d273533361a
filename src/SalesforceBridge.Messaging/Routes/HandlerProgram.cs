using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A route written in C#: its handler runs for each message inside the step's transaction.</summary>
internal sealed class HandlerProgram(RouteDefinition route, RouteSql statements, IRouteHandler handler) : RouteProgram(route, statements)
{
    public override bool RunsInThisProcess => true;

    public override async Task<RouteStep> RunBatchAsync(NpgsqlConnection connection, Lease lease, int limit, CancellationToken ct)
    {
        Window window = await ReadWindowAsync(connection, limit, ct);
        if (window.Messages.Count == 0)
            return default;

        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await Sql.ExecuteAsync(connection, [Statements.Begin(lease)], ct);
        int sent = 0;
        foreach (Candidate message in window.Where(Verdict.Run))
            sent += await HandleAsync(connection, message, ct);
        NpgsqlBatchCommand[] wake = sent > 0 ? [Statements.WakeLane()] : [];
        await Sql.ExecuteAsync(connection, [.. Settle(window), Statements.Move(window.Position, window.Last), .. wake], ct);
        await transaction.CommitAsync(ct);
        return new RouteStep(window.Messages.Count, window.Where(Verdict.Wait).Count(), sent);
    }

    public override Task RunOneAsync(NpgsqlConnection connection, Candidate message, CancellationToken ct) =>
        HandleAsync(connection, message, ct);

    private async Task<int> HandleAsync(NpgsqlConnection connection, Candidate candidate, CancellationToken ct)
    {
        List<Message> messages = await Sql.ReadLastAsync(connection, [Statements.SetHops(candidate.Hops + 1), Statements.Read(candidate.Id)], row => new Message(
            candidate.Id, row.GetString(0), candidate.Key, row.GetFieldValue<byte[]>(1),
            row.GetFieldValue<DateTimeOffset>(2), row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3)), ct);
        using var limit = new Deadline(Route.Timeout, TimeProvider.System, ct);
        var transaction = new RouteTransaction(connection, Statements, messages[0], candidate.Hops + 1);
        try
        {
            await handler.HandleAsync(messages[0], transaction, limit.Token);
        }
        catch (Exception error) when (!ct.IsCancellationRequested && error is not NpgsqlException)
        {
            throw limit.HasPassed && error is OperationCanceledException
                ? new HandlerFailedException($"The handler did not end within {Route.Timeout.TotalSeconds} s; give its route a longer `timeout:`.", error)
                : DatabaseErrorIn(error) ?? (Exception)new HandlerFailedException($"{error.GetType().Name}: {error.Message}", error);
        }

        return transaction.Sent;
    }

    // Whatever a handler put around it, an error of the database says by its SQLSTATE whom it blames.
    private static NpgsqlException? DatabaseErrorIn(Exception error)
    {
        for (Exception? inner = error.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is NpgsqlException database)
                return database;
        }

        return null;
    }
}

/// <summary>A handler's own exception, which blames the message whatever its type: its time-outs are not the database's.</summary>
internal sealed class HandlerFailedException(string message, Exception inner) : Exception(message, inner);
