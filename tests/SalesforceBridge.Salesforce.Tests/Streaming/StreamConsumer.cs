using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceBridge.Bayeux;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Streaming;
using SalesforceBridge.Testing.Bayeux;

namespace SalesforceBridge.Salesforce.Tests.Streaming;

/// <summary>Reads an event stream, and stores the last replay id of each channel after each message.</summary>
internal sealed class StreamConsumer : IAsyncDisposable
{
    public static readonly EventStreamOptions Quick = new()
    {
        Delays = new()
        {
            ServerBusy = TimeSpan.FromMilliseconds(30),
            TooManyClients = TimeSpan.FromMilliseconds(40),
            DailyLimit = TimeSpan.FromMilliseconds(50),
            RefusedChannel = TimeSpan.FromMilliseconds(60),
            TokenRefused = TimeSpan.FromMilliseconds(70),
        },
        Bayeux = new()
        {
            RequestLimit = TimeSpan.FromSeconds(3),
            PollTimeout = TimeSpan.FromMilliseconds(200),
            PollAllowance = TimeSpan.FromSeconds(3),
            HandshakeSpacing = TimeSpan.FromMilliseconds(5),
            FirstBackoff = TimeSpan.FromMilliseconds(5),
            LongestBackoff = TimeSpan.FromMilliseconds(40),
            DisconnectLimit = TimeSpan.FromSeconds(3),
        },
    };

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly CancellationTokenSource _stop = new();
    private readonly SocketsHttpHandler _handler = BayeuxClient.CreateHandler();
    private readonly ConcurrentQueue<StreamMessage> _messages = new();
    private readonly Task _reading;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _taken;

    public StreamConsumer(
        FaultyBayeuxServer server, EventStreamOptions? options = null, ITokenSource? tokens = null, ReplayFrom? from = null, params string[] channels)
    {
        Stream = new(tokens ?? new CountingTokens(server.Host), _handler, PositionAsync, options ?? Quick, TimeProvider.System,
            NullLogger<EventStream>.Instance);
        string[] wanted = channels.Length == 0 ? ["/event/A"] : channels;
        foreach (string channel in wanted)
            Positions[channel] = from ?? new ReplayFrom.Earliest();
        Stream.Want(wanted.ToHashSet());
        _reading = ReadAsync();
    }

    public EventStream Stream { get; }

    public ConcurrentDictionary<string, ReplayFrom> Positions { get; } = new();

    public IReadOnlyList<StreamMessage> Messages => [.. _messages];

    public IReadOnlyList<string> Ids(string channel = "/event/A") => [.. Messages.OfType<StreamMessage.Events>()
        .SelectMany(events => events.Items).Where(streamed => streamed.Channel == channel).Select(streamed => streamed.ReplayId?.Value ?? "")];

    /// <summary>Waits for the next message of a kind behind the last one waited for.</summary>
    public async Task<T> NextAsync<T>()
        where T : StreamMessage
    {
        T? found = null;
        await UntilAsync(consumer =>
        {
            int at = consumer.Messages.Skip(_taken).TakeWhile(message => message is not T).Count() + _taken;
            found = consumer.Messages.ElementAtOrDefault(at) as T;
            _taken = found is null ? _taken : at + 1;
            return found is not null;
        });
        return found!;
    }

    public async Task UntilAsync(Func<StreamConsumer, bool> condition)
    {
        while (true)
        {
            Task changed = Volatile.Read(ref _changed).Task;
            if (condition(this))
                return;
            await Task.WhenAny(changed, _reading).WaitAsync(Limit);
            if (_reading.IsCompleted && !changed.IsCompleted && !condition(this))
                throw new InvalidOperationException("The stream ended.", _reading.Exception);
        }
    }

    /// <summary>Waits until the stream ends by itself.</summary>
    public Task EndAsync() => _reading.WaitAsync(Limit);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.WaitAsync(Limit);
        _handler.Dispose();
        _stop.Dispose();
    }

    private ValueTask<ReplayFrom> PositionAsync(string channel, CancellationToken ct) => ValueTask.FromResult(Positions[channel]);

    private async Task ReadAsync()
    {
        try
        {
            await foreach (StreamMessage message in Stream.ReadAsync(_stop.Token))
            {
                if (message is StreamMessage.Events events)
                    Store(events);
                _messages.Enqueue(message);
                Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private void Store(StreamMessage.Events events)
    {
        foreach (StreamedEvent streamed in events.Items)
            if (streamed.ReplayId is { } id)
                Positions[streamed.Channel] = new ReplayFrom.After(id);
    }
}

/// <summary>Gives token 1, and the next number when one is rejected.</summary>
internal sealed class CountingTokens(Uri host) : ITokenSource
{
    private int _number = 1;

    public int Renewals => _number - 1;

    /// <summary>What is thrown instead, once each.</summary>
    public Queue<OAuthException> Failures { get; } = new();

    public ValueTask<AccessToken> GetAsync(CancellationToken ct) =>
        Failures.TryDequeue(out OAuthException? failure) ? throw failure : ValueTask.FromResult(new AccessToken($"token{_number}", host));

    public ValueTask<AccessToken> RenewAsync(AccessToken rejected, CancellationToken ct)
    {
        rejected.Value.ShouldBe($"token{_number}");
        _number++;
        return GetAsync(ct);
    }
}
