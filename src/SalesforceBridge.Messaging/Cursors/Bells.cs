using System.Collections.Concurrent;

namespace SalesforceBridge.Messaging;

/// <summary>Wakes whoever waits for a source or a lane. A ring is a hint: whoever misses it looks by itself after a while.</summary>
public sealed class Bells(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<Bell, byte>> _bells = new();

    /// <summary>Wakes all that listen to this name.</summary>
    public void Ring(string name)
    {
        if (!_bells.TryGetValue(name, out ConcurrentDictionary<Bell, byte>? bells))
            return;
        foreach (Bell bell in bells.Keys)
            bell.Ring();
    }

    /// <summary>Wakes all that listen to any of these names.</summary>
    public void RingEach(IEnumerable<string> names)
    {
        foreach (string name in names)
            Ring(name);
    }

    /// <summary>Wakes all.</summary>
    public void RingAll() => RingEach(_bells.Keys);

    /// <summary>A bell that rings whenever one of these names is rung, until it is disposed.</summary>
    public Bell Listen(params string[] names)
    {
        var bell = new Bell(time, bell => Array.ForEach(names, name => _bells[name].TryRemove(bell, out _)));
        foreach (string name in names)
            _bells.GetOrAdd(name, _ => new())[bell] = 0;
        return bell;
    }
}

/// <summary>One listener's bell. Rings while it is busy are kept as one.</summary>
public sealed class Bell : IDisposable
{
    private readonly SemaphoreSlim _rung = new(0, 1);
    private readonly TimeProvider _time;
    private readonly Action<Bell> _leave;

    internal Bell(TimeProvider time, Action<Bell> leave) => (_time, _leave) = (time, leave);

    /// <summary>Waits for a ring, at most <paramref name="atMost"/>.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(atMost, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            await _rung.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Nobody rang: look anyway.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _leave(this);
        _rung.Dispose();
    }

    internal void Ring()
    {
        try
        {
            _rung.Release();
        }
        catch (Exception error) when (error is SemaphoreFullException or ObjectDisposedException)
        {
            // It has rung already, or nobody waits any more.
        }
    }
}
