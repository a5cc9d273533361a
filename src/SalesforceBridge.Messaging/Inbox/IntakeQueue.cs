using System.Threading.Channels;

namespace SalesforceBridge.Messaging;

/// <summary>The requests that wait for a commit, no more of them than the limits say.</summary>
internal sealed class IntakeQueue(IntakeLimits limits)
{
    private readonly Channel<WaitingRequest> _waiting = Channel.CreateUnbounded<WaitingRequest>();
    private readonly Lock _gathering = new();
    private TaskCompletionSource _isWorthIt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _requests;
    private long _bytes;
    private int _underWay;
    private int _enough;

    /// <summary>Nothing waits any more, and nothing comes.</summary>
    public bool IsDone => _waiting.Reader.Completion.IsCompleted;

    /// <summary>Lets a request wait; false where there is no room for it.</summary>
    public bool TryAdd(WaitingRequest waiting)
    {
        int requests = Interlocked.Increment(ref _requests);
        long bytes = Interlocked.Add(ref _bytes, waiting.Bytes);
        bool fits = requests <= limits.WaitingRequests && (bytes <= limits.WaitingBytes || bytes == waiting.Bytes);
        if (!fits || !_waiting.Writer.TryWrite(waiting))
        {
            Release(waiting);
            return false;
        }

        if (_underWay > 0)
            Tell();
        return true;
    }

    /// <summary>Waits for requests that are worth a commit; false once there will be none, or it is told to end.</summary>
    /// <param name="answered">How many requests were answered by the commit before on the same connection.</param>
    /// <param name="end">Told to end.</param>
    public async ValueTask<bool> WaitAsync(int answered, CancellationToken end)
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(end))
            {
                Task isWorthIt;
                lock (_gathering)
                {
                    if (IsWorthIt(_enough = EnoughAfter(answered)))
                        return true;
                    if (_isWorthIt.Task.IsCompleted)
                        _isWorthIt = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    isWorthIt = _isWorthIt.Task;
                }

                await isWorthIt.WaitAsync(end);
            }

            return false;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>What fits into one commit, maybe nothing. Two requests that may be the same one are never in the same.</summary>
    /// <param name="answered">How many requests were answered by the commit before on the same connection.</param>
    public List<WaitingRequest> Gather(int answered)
    {
        List<WaitingRequest> batch = [];
        HashSet<(string, string)> identities = [];
        int messages = 0;
        long bytes = 0;
        lock (_gathering)
        {
            if (!IsWorthIt(EnoughAfter(answered)))
                return batch;
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

            _underWay += batch.Count;
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

    /// <summary>The commit of what was gathered is over, and each has its answer.</summary>
    public void End(IReadOnlyCollection<WaitingRequest> batch)
    {
        lock (_gathering)
            _underWay -= batch.Count;
        foreach (WaitingRequest waiting in batch)
            Release(waiting);
        Tell();
    }

    /// <summary>Gives back the room of a request that was answered.</summary>
    public void Release(WaitingRequest waiting)
    {
        Interlocked.Decrement(ref _requests);
        Interlocked.Add(ref _bytes, -waiting.Bytes);
    }

    // Beside a commit that is under way another one goes out for half as many requests, and once most of those who were answered last are
    // back: callers come again. Sent for fewer it would be away when the others come, which then wait for it, too.
    private static int EnoughAfter(int answered) => answered * 2 / 3;

    private bool IsWorthIt(int enough) =>
        _underWay == 0 || _waiting.Reader.Count is var waiting && waiting >= enough && waiting * 2 >= _underWay;

    private void Tell()
    {
        lock (_gathering)
        {
            if (IsWorthIt(_enough))
                _isWorthIt.TrySetResult();
        }
    }

    /// <summary>Nothing more comes; what waits is still taken out.</summary>
    public void Close() => _waiting.Writer.TryComplete();
}
