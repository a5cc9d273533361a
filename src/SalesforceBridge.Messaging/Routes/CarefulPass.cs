using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// One message at a time, each announced before it runs: the way past a batch whose process or connection ended, since one
/// of its messages may be what ended it. A message that was begun three times and never came to an end is dead.
/// </summary>
internal sealed class CarefulPass(BridgeDatabase database, RouteProgram program, HeldCursor cursor)
{
    private const int Tries = 3;
    private readonly OneByOne _oneByOne = new(program);

    private RouteSql Statements => program.Statements;

    /// <summary>Runs as many messages as a batch holds, failed ones first, and then lets batches run again.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        foreach (Head head in await ReadHeadsAsync(ct))
            await RunHeadAsync(head, ct);
        for (int n = 0; n < program.Route.Batch && await RunNextAsync(ct); n++)
        {
            // One message, one transaction.
        }

        await cursor.SetCarefulAsync(careful: false, ct);
    }

    private async Task<bool> RunNextAsync(CancellationToken ct)
    {
        Window window = await ReadNextAsync(ct);
        if (window.Messages.Count == 0)
            return false;

        Candidate next = window.Messages[0];
        if (!await TryAsync(next.Id, connection => _oneByOne.RunWindowAsync(connection, cursor.Lease, limit: 1, ct), ct))
            await GiveUpAsync([Statements.Fail([Ended(next, attempts: 0)]), Statements.Move(window.Position, next.Id)], ct);
        return true;
    }

    private async Task<List<Head>> ReadHeadsAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await _oneByOne.ReadHeadsAsync(connection, program.Route.Batch, ct);
    }

    private async Task<Window> ReadNextAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
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
        if (!await TryAsync(head.Message.Id, connection => _oneByOne.RunHeadAsync(connection, cursor.Lease, head.Message.Id, ct), ct))
            await GiveUpAsync([Statements.Fail([Ended(head.Message, head.Attempts)])], ct);
    }

    /// <returns>False when the message had its tries.</returns>
    private async Task<bool> TryAsync(long id, Func<NpgsqlConnection, Task> run, CancellationToken ct)
    {
        if (await cursor.BeginAsync(id, ct) > Tries)
            return false;
        try
        {
            await using NpgsqlConnection connection = await database.OpenAsync(ct);
            await run(connection);
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
            await cursor.TakeBackTryAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The try counts then, which alone does no harm.
        }
    }

    private async Task GiveUpAsync(NpgsqlBatchCommand[] record, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection, [Statements.Begin(cursor.Lease), .. record], ct);
    }

    private Failed Ended(Candidate message, int attempts) => Failed.Dead(attempts + Tries, message.Id, message.Key, program.Route, "ended",
        $"It was begun {Tries} times, and each time the process or the database connection ended before it did.");
}
