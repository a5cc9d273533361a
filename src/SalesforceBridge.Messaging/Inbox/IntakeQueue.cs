using System.Threading.Channels;

namespace SalesforceBridge.Messaging;

/// <summary>The requests that wait for a commit, no more of them than the limits say.</summary>
internal sealed class IntakeQueue(IntakeLimits limits)
{
    private readonly Channel<WaitingRequest> _waiting = Channel.CreateUnbounded<WaitingRequest>();
    private readonly Lock _gathering = new();
    private int _requests;
    private long _bytes;

    /// <summary>Nothing waits any more, and nothing comes.</summary>
    public bool IsDone => _waiting.Reader.Completion.IsCompleted;

    /// <summary>Lets a request wait; false where there is no room for it.</summary>
    public bool TryAdd(WaitingRequest waiting)
    {
        int requests = Interlocked.Increment(ref _requests);
        long bytes = Interlocked.Add(ref _bytes, waiting.Bytes);
        bool fits = requests <= limits.WaitingRequests && (bytes <= limits.WaitingBytes || bytes == waiting.Bytes);
        if (fits && _waiting.Writer.TryWrite(waiting))
            return true;
        Release(waiting);
        return false;
    }

    /// <summary>Waits for requests; false once there will be none, or it is told to end.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken end)
    {
        try
        {
            return await _waiting.Reader.WaitToReadAsync(end);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>What fits into one commit, maybe nothing. Two requests that may be the same one are never in the same.</summary>
    public List<WaitingRequest> Gather()
    {
        List<WaitingRequest> batch = [];
        HashSet<(string, string)> identities = [];
        int messages = 0;
        long bytes = 0;
        lock (_gathering)
        {
            while (_waiting.Reader.TryPeek(out WaitingRequest? next))
            {
                messages += next.Count;
                bytes += next.Bytes;
                bool fits = batch.Count == 0 || messages <= limits.CommitMessages && bytes <= limits.CommitBytes;
                if (!fits || next.Identity is { } identity && !identities.Add(identity))
                    break;
                _waiting.Reader.TryRead(out _);
                batch.Add(next);
            }
        }

        return batch;
    }

    /// <summary>Everything that waits.</summary>
    public IReadOnlyList<WaitingRequest> TakeAll()
    {
        List<WaitingRequest> all = [];
        while (_waiting.Reader.TryRead(out WaitingRequest? waiting))
            all.Add(waiting);
        return all;
    }

    /// <summary>Gives back the room of a request that was answered.</summary>
    public void Release(WaitingRequest waiting)
    {
        Interlocked.Decrement(ref _requests);
        Interlocked.Add(ref _bytes, -waiting.Bytes);
    }

    /// <summary>Nothing more comes; what waits is still taken out.</summary>
    public void Close() => _waiting.Writer.TryComplete();
}
