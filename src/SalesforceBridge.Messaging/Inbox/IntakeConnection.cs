using System.Data;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// A connection of the intake: it is asked one thing at a time, and each within a time limit, since a database that says nothing is away,
/// too.
/// </summary>
internal sealed class IntakeConnection(BridgeDatabase database, TimeSpan patience, TimeProvider time) : IDisposable
{
    // The first may have to wait for whatever is fetched or compiled.
    private const int Samples = 3;

    private readonly SemaphoreSlim _turn = new(1);
    private NpgsqlConnection? _connection;

    /// <summary>Opens it.</summary>
    public async Task OpenAsync() => _connection = await InTimeAsync(ct => database.OpenAsync(ct).AsTask());

    /// <summary>How long the way to the database and back takes.</summary>
    public async Task<TimeSpan> RoundTripAsync()
    {
        var shortest = TimeSpan.MaxValue;
        for (int n = 0; n < Samples; n++)
        {
            long begun = time.GetTimestamp();
            await AskAsync(async (connection, ct) => await Sql.ReadLastAsync(connection, [Sql.Command("select 1")], row => row.GetInt32(0), ct));
            shortest = TimeSpan.FromTicks(Math.Min(shortest.Ticks, time.GetElapsedTime(begun).Ticks));
        }

        return shortest;
    }

    /// <summary>Asks; a connection that went before it was asked is opened anew.</summary>
    public async Task<T> AskAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> ask)
    {
        await _turn.WaitAsync();
        try
        {
            return await InTimeAsync(async ct =>
            {
                NpgsqlConnection connection = _connection ?? throw new InvalidOperationException("The intake asks while it has no connection.");
                if (connection.State != ConnectionState.Open)
                    await ReopenAsync(connection, ct);
                return await ask(connection, ct);
            });
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What the database says of the bridge; null while there is no connection, or where it went unnoticed.</summary>
    public async Task<Vitals?> VitalsAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            return _connection is { State: ConnectionState.Open } connection ? await Vitals.ReadAsync(connection, database.Schema, ct) : null;
        }
        catch (NpgsqlException error) when (StepErrors.EndedConnection(error))
        {
            return null;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Gives it back.</summary>
    public async Task CloseAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (_connection is { } connection)
                await connection.DisposeAsync();
            _connection = null;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task ReopenAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await connection.CloseAsync();
        database.Source.Clear();
        await connection.OpenAsync(ct);
    }

    private async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> ask)
    {
        using var limit = new Deadline(patience, time);
        try
        {
            return await ask(limit.Token);
        }
        catch (OperationCanceledException silence) when (limit.HasPassed)
        {
            throw new TimeoutException($"The database did not answer within {patience.TotalSeconds} s.", silence);
        }
    }
}
