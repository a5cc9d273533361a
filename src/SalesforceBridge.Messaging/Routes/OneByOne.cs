using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// The slow way through messages, for when a batch failed and somebody has to be blamed: one transaction, a savepoint
/// around each message. Whatever does not blame a message is thrown, and nothing of the step remains.
/// </summary>
internal sealed class OneByOne(RouteProgram program)
{
    private RouteSql Statements => program.Statements;

    /// <summary>The next messages of the window; those that fail are recorded, and later ones with their key wait.</summary>
    public async Task<RouteStep> RunWindowAsync(NpgsqlConnection connection, Lease lease, int limit, CancellationToken ct)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await Sql.ExecuteAsync(connection, [Statements.Begin(lease)], ct);
        Window window = await program.ReadWindowAsync(connection, limit, ct);
        if (window.Messages.Count == 0)
            return default;

        List<Failed> failed = [];
        HashSet<string> held = [];
        foreach (Candidate message in window.Where(Verdict.Run))
        {
            if (message.Key is { } key && held.Contains(key))
                failed.Add(Failed.Behind(message.Id, key));
            else if (await TryAsync(connection, transaction, message, attempts: 1, ct) is { } failure)
            {
                failed.Add(failure);
                if (failure is { Key: { } failedKey, Holds: true })
                    held.Add(failedKey);
            }
        }

        NpgsqlBatchCommand[] failures = failed.Count == 0 ? [] : [Statements.Fail(failed)];
        await Sql.ExecuteAsync(connection, [.. failures, .. program.Settle(window), Statements.Move(window.Position, window.Last), Statements.WakeLane()], ct);
        await transaction.CommitAsync(ct);
        return new RouteStep(window.Messages.Count, failed.Count, Sent: 1);
    }

    /// <summary>The messages that failed before and may run now, each the first of its key.</summary>
    /// <returns>How many ran, well or not.</returns>
    public async Task<int> RunHeadsAsync(NpgsqlConnection connection, Lease lease, int limit, CancellationToken ct)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await Sql.ExecuteAsync(connection, [Statements.Begin(lease)], ct);
        List<(Candidate Message, int Attempts)> heads = await ReadHeadsAsync(connection, limit, ct);
        if (heads.Count == 0)
            return 0;

        List<Failed> failed = [];
        List<long> done = [];
        foreach ((Candidate message, int attempts) in heads)
        {
            if (await TryAsync(connection, transaction, message, attempts + 1, ct) is { } failure)
                failed.Add(failure);
            else
                done.Add(message.Id);
        }

        NpgsqlBatchCommand[] failures = failed.Count == 0 ? [] : [Statements.Fail(failed)];
        await Sql.ExecuteAsync(connection, [.. failures, Statements.Succeed(done), Statements.WakeLane()], ct);
        await transaction.CommitAsync(ct);
        return heads.Count;
    }

    public Task<List<(Candidate Message, int Attempts)>> ReadHeadsAsync(NpgsqlConnection connection, int limit, CancellationToken ct) =>
        Sql.ReadLastAsync(connection, [Statements.Heads(limit)], row => (
            new Candidate(row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetInt16(3), Verdict.Run, null), row.GetInt32(2)), ct);

    private async Task<Failed?> TryAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Candidate message, int attempts, CancellationToken ct)
    {
        await transaction.SaveAsync("message", ct);
        try
        {
            await program.RunOneAsync(connection, message, ct);
            await transaction.ReleaseAsync("message", ct);
            return null;
        }
        catch (Exception error) when (!ct.IsCancellationRequested && StepErrors.BlameFor(error) is Blame.Message or Blame.TooSlow)
        {
            await transaction.RollbackAsync("message", ct);
            return Failed.After(attempts, message.Id, message.Key, program.Route, StepErrors.CodeOf(error), StepErrors.Describe(error));
        }
    }
}
