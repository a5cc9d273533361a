using System.Data;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A failed message that may run now.</summary>
/// <param name="Message">The message; its verdict is to run.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="IsGone">It is not in the inbox any more.</param>
internal sealed record Head(Candidate Message, int Attempts, bool IsGone);

/// <summary>
/// The slow way through messages, for when a batch failed and somebody has to be blamed: one transaction, a savepoint
/// around each message. Whatever does not blame a message is thrown, and nothing of the step remains.
/// </summary>
internal sealed class OneByOne(RouteProgram program)
{
    private RouteSql Statements => program.Statements;

    /// <summary>The next messages of the window; those that fail are recorded, and later ones with their key wait.</summary>
    /// <returns>How many are behind the position now.</returns>
    public async Task<int> RunWindowAsync(NpgsqlConnection connection, Lease lease, int limit, CancellationToken ct)
    {
        try
        {
            return await RunTogetherAsync(connection, lease, limit, ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested && BlamesMessages(connection, error))
        {
            // Not running a message failed but telling its key, so all of them are to blame until each is alone.
            return limit > 1 ? await RunApartAsync(connection, lease, limit, ct) : await PassNextAsync(connection, lease, error, ct);
        }
    }

    /// <summary>The messages that failed before and may run now, each the first of its key.</summary>
    /// <returns>How many ran, well or not.</returns>
    public async Task<int> RunHeadsAsync(NpgsqlConnection connection, Lease lease, int limit, CancellationToken ct)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await Sql.ExecuteAsync(connection, [Statements.Begin(lease)], ct);
        List<Head> heads = await ReadHeadsAsync(connection, limit, ct);
        return await RunHeadsAsync(connection, transaction, heads, ct);
    }

    /// <summary>One of them, if it still may run.</summary>
    public async Task RunHeadAsync(NpgsqlConnection connection, Lease lease, long id, CancellationToken ct)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await Sql.ExecuteAsync(connection, [Statements.Begin(lease)], ct);
        List<Head> heads = await ReadHeadsAsync(connection, int.MaxValue, ct);
        await RunHeadsAsync(connection, transaction, heads.FindAll(head => head.Message.Id == id), ct);
    }

    /// <summary>The failed messages that may run now.</summary>
    public Task<List<Head>> ReadHeadsAsync(NpgsqlConnection connection, int limit, CancellationToken ct) =>
        Sql.ReadLastAsync(connection, [Statements.Heads(limit)], row => new Head(
            new Candidate(row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetInt16(2), Verdict.Run, null),
            row.GetInt32(3), row.GetBoolean(4)), ct);

    private async Task<int> RunTogetherAsync(NpgsqlConnection connection, Lease lease, int limit, CancellationToken ct)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await Sql.ExecuteAsync(connection, [Statements.Begin(lease)], ct);
        Window window = await program.ReadWindowAsync(connection, limit, ct);
        if (window.Messages.Count == 0)
            return 0;

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

        await EndAsync(connection, transaction,
            [.. Record(failed), .. program.Settle(window), Statements.Move(window.Position, window.Last), Statements.WakeLane()], ct);
        return window.Messages.Count;
    }

    private async Task<int> RunApartAsync(NpgsqlConnection connection, Lease lease, int limit, CancellationToken ct)
    {
        int taken = 0;
        while (taken < limit && await RunWindowAsync(connection, lease, limit: 1, ct) > 0)
            taken++;
        return taken;
    }

    private async Task<int> PassNextAsync(NpgsqlConnection connection, Lease lease, Exception error, CancellationToken ct)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await Sql.ExecuteAsync(connection, [Statements.Begin(lease)], ct);
        Window window = await program.ReadKeylessAsync(connection, ct);
        if (window.Messages.Count == 0)
            return 0;
        Failed[] failed = [.. window.Where(Verdict.Run).Select(message => FailureOf(message, attempts: 1, error))];
        await EndAsync(connection, transaction, [.. Record(failed), .. program.Settle(window), Statements.Move(window.Position, window.Last)], ct);
        return 1;
    }

    private async Task<int> RunHeadsAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, List<Head> heads, CancellationToken ct)
    {
        if (heads.Count == 0)
            return 0;

        List<Failed> failed = [];
        List<long> done = [];
        foreach (Head head in heads)
        {
            if (head.IsGone)
                failed.Add(Failed.Dead(head.Attempts, head.Message.Id, head.Message.Key, program.Route, "gone", "The message is not in the inbox any more.") with { Holds = false });
            else if (await TryAsync(connection, transaction, head.Message, head.Attempts + 1, ct) is { } failure)
                failed.Add(failure);
            else
                done.Add(head.Message.Id);
        }

        await EndAsync(connection, transaction, [.. Record(failed), Statements.Succeed(done), Statements.WakeLane()], ct);
        return heads.Count;
    }

    private async Task<Failed?> TryAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Candidate message, int attempts, CancellationToken ct)
    {
        await transaction.SaveAsync("message", ct);
        try
        {
            await program.RunOneAsync(connection, message, ct);
            // What is checked only at the end of the transaction would blame all messages at once.
            await Sql.ExecuteAsync(connection, [new("set constraints all immediate"), new("release savepoint message"), new("set constraints all deferred")], ct);
            return null;
        }
        catch (Exception error) when (!ct.IsCancellationRequested && BlamesMessages(connection, error))
        {
            await transaction.RollbackAsync("message", ct);
            return FailureOf(message, attempts, error);
        }
    }

    private static bool BlamesMessages(NpgsqlConnection connection, Exception error) =>
        connection.State == ConnectionState.Open && StepErrors.BlameFor(error) is Blame.Message or Blame.TooSlow;

    private Failed FailureOf(Candidate message, int attempts, Exception error) =>
        Failed.After(attempts, message.Id, message.Key, program.Route, StepErrors.CodeOf(error), StepErrors.Describe(error));

    private NpgsqlBatchCommand[] Record(IReadOnlyCollection<Failed> failed) => failed.Count == 0 ? [] : [Statements.Fail(failed)];

    private static async Task EndAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, IEnumerable<NpgsqlBatchCommand> commands, CancellationToken ct)
    {
        await Sql.ExecuteAsync(connection, commands, ct);
        await transaction.CommitAsync(ct);
    }
}
