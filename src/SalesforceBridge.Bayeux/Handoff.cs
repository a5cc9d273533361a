using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace SalesforceBridge.Bayeux;

/// <summary>Where the session loop leaves messages and the consumer takes them. What the consumer has taken counts until it asks for more,
/// since until then it may still be storing it.</summary>
internal sealed class Handoff(BayeuxOptions options, TimeProvider time)
{
    // What a message of no data still takes up.
    private const int MessageOverhead = 100;

    private readonly Channel<BayeuxMessage> _waiting =
        Channel.CreateUnbounded<BayeuxMessage>(new() { SingleReader = true, SingleWriter = true });

    private readonly Channel<bool> _consumed =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private long _unconsumed;
    private long _bytes;

    /// <summary>Leaves a message.</summary>
    public void Put(BayeuxMessage message)
    {
        Interlocked.Increment(ref _unconsumed);
        Interlocked.Add(ref _bytes, Weight(message));
        _waiting.Writer.TryWrite(message);
    }

    /// <summary>Says that there will be no more messages.</summary>
    public void Complete(Exception? because = null) => _waiting.Writer.TryComplete(because);

    /// <summary>Waits until there is room for more data.</summary>
    /// <returns>False if there was none within the limit.</returns>
    public Task<bool> WaitForRoomAsync(TimeSpan limit, CancellationToken ct) =>
        WaitUntilAsync(() => Interlocked.Read(ref _bytes) < options.WaitingBytes, limit, ct);

    /// <summary>Waits until the consumer has consumed everything.</summary>
    public Task WaitUntilConsumedAsync(CancellationToken ct) =>
        WaitUntilAsync(() => Interlocked.Read(ref _unconsumed) == 0, Timeout.InfiniteTimeSpan, ct);

    /// <summary>The messages in order; data that waits is handed over together, so that a busy consumer stores more at once.</summary>
    public async IAsyncEnumerable<BayeuxMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken ct)
    {
        while (await _waiting.Reader.WaitToReadAsync(ct))
        {
            while (_waiting.Reader.TryRead(out BayeuxMessage? message))
            {
                int taken = 1;
                if (message is BayeuxMessage.Data data)
                    message = WithDataBehind(data, ref taken);
                yield return message;
                Interlocked.Add(ref _unconsumed, -taken);
                Interlocked.Add(ref _bytes, -Weight(message));
                _consumed.Writer.TryWrite(true);
            }
        }

        ct.ThrowIfCancellationRequested();
    }

    private BayeuxMessage.Data WithDataBehind(BayeuxMessage.Data first, ref int taken)
    {
        List<BayeuxData>? together = null;
        long weight = Weight(first);
        while (_waiting.Reader.TryPeek(out BayeuxMessage? next) && next is BayeuxMessage.Data more)
        {
            weight += Weight(more);
            if ((together?.Count ?? first.Items.Count) + more.Items.Count > options.BatchMessages || weight > options.BatchBytes)
                break;
            together ??= [.. first.Items];
            together.AddRange(more.Items);
            _waiting.Reader.TryRead(out _);
            taken++;
        }

        return together is null ? first : new(together);
    }

    private async Task<bool> WaitUntilAsync(Func<bool> holds, TimeSpan limit, CancellationToken ct)
    {
        if (holds())
            return true;
        using var late = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        try
        {
            while (!holds())
                await _consumed.Reader.ReadAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return holds();
        }
    }

    private static long Weight(BayeuxMessage message)
    {
        if (message is not BayeuxMessage.Data data)
            return MessageOverhead;
        long weight = 0;
        foreach (BayeuxData item in data.Items)
            weight += item.Data.Length + MessageOverhead;
        return weight;
    }
}
