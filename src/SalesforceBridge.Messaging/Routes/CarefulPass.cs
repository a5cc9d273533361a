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

    /// <summary>Runs as many messages as a batch holds, failed ones first, and then lets batches run again.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        foreach ((Candidate head, int attempts) in await _oneByOne.ReadHeadsAsync(connection, program.Route.Batch, ct))
            await RunHeadAsync(connection, head, attempts, ct);
        for (int n = 0; n < program.Route.Batch && await RunNextAsync(connection, ct); n++)
        {
            // One message, one transaction.
        }

        await cursor.SetCarefulAsync(careful: false, ct);
    }

    private async Task<bool> RunNextAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        Window window = await program.ReadWindowAsync(connection, limit: 1, ct);
        if (window.Messages.Count == 0)
            return false;

        Candidate next = window.Messages[0];
        if (next.Verdict != Verdict.Run || await AnnounceAsync(next.Id, ct))
            await _oneByOne.RunWindowAsync(connection, cursor.Lease, limit: 1, ct);
        else
            await Sql.ExecuteAsync(connection,
                [program.Statements.Begin(cursor.Lease), program.Statements.Fail([Ended(next, attempts: 0)]), program.Statements.Move(window.Position, next.Id)], ct);
        return true;
    }

    private async Task RunHeadAsync(NpgsqlConnection connection, Candidate head, int attempts, CancellationToken ct)
    {
        if (await AnnounceAsync(head.Id, ct))
            await _oneByOne.RunHeadsAsync(connection, cursor.Lease, limit: 1, ct);
        else
            await Sql.ExecuteAsync(connection, [program.Statements.Begin(cursor.Lease), program.Statements.Fail([Ended(head, attempts)])], ct);
    }

    /// <returns>False when the message had its tries.</returns>
    private async Task<bool> AnnounceAsync(long id, CancellationToken ct)
    {
        CursorState state = await cursor.ReadAsync(ct);
        int tries = state.InFlight == $"{id}" ? state.Tries : 0;
        if (tries >= Tries)
            return false;
        await cursor.BeginAsync(id, tries + 1, ct);
        return true;
    }

    private Failed Ended(Candidate message, int attempts) => Failed.Dead(attempts + Tries, message.Id, message.Key, program.Route, "ended",
        $"It was begun {Tries} times, and each time the process or the database connection ended before it did.");
}
