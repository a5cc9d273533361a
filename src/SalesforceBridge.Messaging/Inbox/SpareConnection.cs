namespace SalesforceBridge.Messaging;

/// <summary>
/// Whose turn it is on the one connection of a process that is not the intake's own: replies take it, and between them the intake where the
/// database is far away.
/// </summary>
public sealed class SpareConnection : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Waits for a turn; whoever came first is first. The turn ends when what is returned is disposed of.</summary>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IDisposable> TakeTurnAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        return new Turn(_turn);
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
