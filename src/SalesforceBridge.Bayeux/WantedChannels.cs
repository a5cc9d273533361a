using System.Collections.Immutable;

namespace SalesforceBridge.Bayeux;

/// <summary>The channels that the consumer wants now, and what the session loop has to know about them.</summary>
internal sealed class WantedChannels(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _leftUntil = new(StringComparer.Ordinal);
    private readonly HashSet<string> _again = new(StringComparer.Ordinal);
    private ImmutableHashSet<string> _wanted = [];
    private int _version;
    private TaskCompletionSource _any = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The channels wanted now.</summary>
    public ImmutableHashSet<string> Now
    {
        get
        {
            lock (_gate)
                return _wanted;
        }
    }

    /// <summary>Raised when a poll under way should not be waited for: a channel was added, or none is left.</summary>
    public event EventHandler? Changed;

    /// <summary>Counts what <see cref="Changed"/> was raised for.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Waits until any channel is wanted.</summary>
    public Task AnyAsync(CancellationToken ct)
    {
        lock (_gate)
            return _any.Task.WaitAsync(ct);
    }

    /// <summary>Says which channels are wanted from now on.</summary>
    public void Replace(IReadOnlySet<string> channels)
    {
        bool changed;
        lock (_gate)
        {
            ImmutableHashSet<string> before = _wanted;
            _wanted = ImmutableHashSet.CreateRange(StringComparer.Ordinal, channels);
            foreach (string gone in before.Except(_wanted))
                _leftUntil.Remove(gone);
            changed = _wanted.Except(before).Count > 0 || _wanted.IsEmpty;
            if (changed)
                _version++;
            if (_wanted.IsEmpty && _any.Task.IsCompleted)
                _any = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_wanted.IsEmpty)
                _any.TrySetResult();
        }

        if (changed)
            Changed?.Invoke(this, EventArgs.Empty);
    }

    /// <summary>Asks for a channel to be subscribed anew.</summary>
    public void Again(string channel)
    {
        lock (_gate)
            _again.Add(channel);
    }

    /// <summary>The channels asked for anew since the last call.</summary>
    public IReadOnlyList<string> TakeAgain()
    {
        lock (_gate)
        {
            if (_again.Count == 0)
                return [];
            string[] again = [.. _again];
            _again.Clear();
            return again;
        }
    }

    /// <summary>Leaves a channel alone for a while, or until it is wanted anew.</summary>
    public void Leave(string channel, TimeSpan? retryAfter)
    {
        lock (_gate)
            _leftUntil[channel] = retryAfter is { } wait ? time.GetUtcNow() + wait : DateTimeOffset.MaxValue;
    }

    /// <summary>Whether a wanted channel may be subscribed now.</summary>
    public bool IsDue(string channel)
    {
        lock (_gate)
            return !_leftUntil.TryGetValue(channel, out DateTimeOffset until) || until <= time.GetUtcNow();
    }
}
