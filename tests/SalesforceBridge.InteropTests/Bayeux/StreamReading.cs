using Microsoft.Extensions.Logging.Abstractions;
using SalesforceBridge.Bayeux;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Streaming;

namespace SalesforceBridge.InteropTests.Bayeux;

/// <summary>An event stream whose consumer stores the last replay id of its one channel after each message.</summary>
internal sealed class StreamReading : IAsyncDisposable
{
    public const string Channel = "/event/Order_Placed__e";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly SocketsHttpHandler _handler = BayeuxClient.CreateHandler();
    private readonly CancellationTokenSource _stop = new();
    private readonly EventStream _stream;
    private readonly Task _reading;
    private readonly Action<StreamMessage> _note;
    private readonly int _until;
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ReplayFrom _position;

    public StreamReading(ITokenSource tokens, ReplayFrom from, int until, Action<StreamMessage>? note = null)
    {
        (_position, _until, _note) = (from, until, note ?? (_ => { }));
        var quick = new BayeuxOptions
        {
            HandshakeSpacing = TimeSpan.FromMilliseconds(20),
            FirstBackoff = TimeSpan.FromMilliseconds(50),
            LongestBackoff = TimeSpan.FromMilliseconds(200),
        };
        _stream = new(tokens, _handler, (_, _) => ValueTask.FromResult(_position), new EventStreamOptions { Bayeux = quick }, TimeProvider.System,
            NullLogger<EventStream>.Instance);
        _stream.Want(new HashSet<string> { Channel });
        _reading = ReadAsync();
    }

    /// <summary>How many events came.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them did not follow the one before.</summary>
    public int OutOfOrder { get; private set; }

    /// <summary>Waits until so many events came.</summary>
    public async Task ReachedAsync()
    {
        Task first = await Task.WhenAny(_reached.Task, _reading).WaitAsync(Limit);
        await first;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.WaitAsync(Limit);
        _stop.Dispose();
        _handler.Dispose();
    }

    private async Task ReadAsync()
    {
        long last = 0;
        try
        {
            await foreach (StreamMessage message in _stream.ReadAsync(_stop.Token))
            {
                if (message is StreamMessage.Events events)
                    last = Store(events, last);
                _note(message);
                if (Count >= _until)
                    _reached.TrySetResult();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private long Store(StreamMessage.Events events, long last)
    {
        foreach (StreamedEvent streamed in events.Items)
        {
            long number = long.Parse(streamed.ReplayId!.Value.Value);
            OutOfOrder += number == last + 1 ? 0 : 1;
            last = number;
        }

        Count += events.Items.Count;
        _position = new ReplayFrom.After(events.Items[^1].ReplayId!.Value);
        return last;
    }
}
