using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// One message at a time, each announced before it runs: the way past a batch whose process or connection ended, since one
/// of its messages may be what ended it. A message that was begun three times and never came to an end is dead.
/// </summary>
internal sealed class CarefulPass(BridgeDatabase database, RouteProgram program, HeldCursor cursor, NpgsqlConnection connection)
{
    private const int Tries = 3;
    private readonly OneByOne _oneByOne = new(program);

    private RouteSql Statements => program.Statements;

    /// <summary>Runs as many messages as a batch holds, failed ones first, and then lets batches run again.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        foreach (Head head in await _oneByOne.ReadHeadsAsync(connection, program.Route.Batch, ct))
            await RunHeadAsync(head, ct);
        for (int n = 0; n < program.Route.Batch && await RunNextAsync(ct); n++)
        {
            // One message, one transaction.
        }

        await cursor.SetCarefulAsync(connection, careful: false, ct);
    }

    private async Task<bool> RunNextAsync(CancellationToken ct)
    {
        Window window = await ReadNextAsync(ct);
        if (window.Messages.Count == 0)
            return false;

        Candidate next = window.Messages[0];
        if (!await TryAsync(next.Id, () => _oneByOne.RunWindowAsync(connection, cursor.Lease, limit: 1, ct), ct))
            await GiveUpAsync([Statements.Fail([Ended(next, attempts: 0)]), Statements.Move(window.Position, next.Id)], ct);
        return true;
    }

    private async Task<Window> ReadNextAsync(CancellationToken ct)
    {
        try
        {
            return await program.ReadWindowAsync(connection, limit: 1, ct);
        }
        catch (PostgresException error) when (StepErrors.BlameFor(error) is Blame.Message or Blame.TooSlow)
        {
            return await program.ReadKeylessAsync(connection, ct);
        }
    }

    private async Task RunHeadAsync(Head head, CancellationToken ct)
    {
        if (!await TryAsync(head.Message.Id, () => _oneByOne.RunHeadAsync(connection, cursor.Lease, head.Message.Id, ct), ct))
            await GiveUpAsync([Statements.Fail([Ended(head.Message, head.Attempts)])], ct);
    }

    /// <returns>False when the message had its tries.</returns>
    private async Task<bool> TryAsync(long id, Func<Task> run, CancellationToken ct)
    {
        // Announced on the connection it runs on, which is then known to live: one that had broken before says nothing of the message.
        if (await cursor.BeginAsync(connection, id, ct) > Tries)
            return false;
        try
        {
            await run();
            return true;
        }
        catch (Exception error) when (ct.IsCancellationRequested || !StepErrors.EndedConnection(error))
        {
            await TakeBackTryAsync();
            throw;
        }
    }

    // Nothing is said against the message: the process stops, or the error blames somebody else.
    private async Task TakeBackTryAsync()
    {
        try
        {
            await using NpgsqlConnection another = await database.OpenAsync(CancellationToken.None);
            await cursor.TakeBackTryAsync(another, CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The try counts then, which alone does no harm.
        }
    }

    private Task GiveUpAsync(NpgsqlBatchCommand[] record, CancellationToken ct) =>
        Sql.ExecuteAsync(connection, [Statements.Begin(cursor.Lease), .. record], ct);

    private Failed Ended(Candidate message, int attempts) => Failed.Dead(attempts + Tries, message.Id, message.Key, program.Route, "ended",
        $"It was begun {Tries} times, and each time the process or the database connection ended before it did.");
}
