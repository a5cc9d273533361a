using System.Text.Json;
using SalesforceBridge.Testing.Bayeux;

namespace SalesforceBridge.Bayeux.Tests;

/// <summary>A client being read by a consumer that stores, after each message, the last number of each channel as its position.</summary>
internal sealed class Reading : IAsyncDisposable
{
    public static readonly BayeuxOptions Quick = new()
    {
        RequestLimit = TimeSpan.FromMilliseconds(1500),
        PollTimeout = TimeSpan.FromMilliseconds(200),
        PollAllowance = TimeSpan.FromMilliseconds(1500),
        HandshakeSpacing = TimeSpan.FromMilliseconds(5),
        FirstBackoff = TimeSpan.FromMilliseconds(5),
        LongestBackoff = TimeSpan.FromMilliseconds(40),
        DisconnectLimit = TimeSpan.FromMilliseconds(1500),
    };

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);
    private readonly List<BayeuxMessage> _messages = [];
    private readonly SocketsHttpHandler _handler = BayeuxClient.CreateHandler();
    private readonly Func<BayeuxMessage, Task> _consume;
    private readonly Task _reading;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _taken;

    public Reading(
        FaultyBayeuxServer server, BayeuxOptions? options = null, IBayeuxDialect? dialect = null, Func<BayeuxMessage, Task>? consume = null,
        params string[] channels)
    {
        _consume = consume ?? (_ => Task.CompletedTask);
        Client = new(dialect ?? new NumberedDialect(server.Address, Position), _handler, options ?? Quick, TimeProvider.System);
        Client.Want(channels.Length == 0 ? new HashSet<string> { "/event/A" } : channels.ToHashSet());
        _reading = ReadAsync();
    }

    public BayeuxClient Client { get; }

    public IReadOnlyList<BayeuxMessage> Messages
    {
        get
        {
            lock (_gate)
                return [.. _messages];
        }
    }

    public IReadOnlyList<int> Numbers(string channel = "/event/A") =>
        [.. Messages.OfType<BayeuxMessage.Data>().SelectMany(data => data.Items).Where(item => item.Channel == channel).Select(Number)];

    /// <summary>Waits for the next message of a kind behind the last one waited for.</summary>
    public async Task<T> NextAsync<T>()
        where T : BayeuxMessage
    {
        T? found = null;
        await UntilAsync(reading =>
        {
            int at = reading.Messages.Skip(_taken).TakeWhile(message => message is not T).Count() + _taken;
            found = reading.Messages.ElementAtOrDefault(at) as T;
            _taken = found is null ? _taken : at + 1;
            return found is not null;
        });
        return found!;
    }

    public async Task UntilAsync(Func<Reading, bool> condition)
    {
        while (true)
        {
            Task changed = Volatile.Read(ref _changed).Task;
            if (condition(this))
                return;
            await Task.WhenAny(changed, _reading).WaitAsync(Limit);
            if (_reading.IsCompleted && !changed.IsCompleted && !condition(this))
                throw new InvalidOperationException("The client stopped.", _reading.Exception);
        }
    }

    /// <summary>Ends the reading and waits until the client has said goodbye.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _reading.WaitAsync(Limit);
    }

    /// <summary>Waits until the client stops by itself.</summary>
    public Task EndAsync() => _reading.WaitAsync(Limit);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _handler.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            await foreach (BayeuxMessage message in Client.ReadAsync(_stop.Token))
            {
                lock (_gate)
                    _messages.Add(message);
                Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
                await _consume(message);
                if (message is BayeuxMessage.Data data)
                    Store(data);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private void Store(BayeuxMessage.Data data)
    {
        lock (_gate)
            foreach (BayeuxData item in data.Items)
                _positions[item.Channel] = Number(item);
    }

    // Before anything is stored, everything that the server has.
    private int Position(string channel)
    {
        lock (_gate)
            return _positions.GetValueOrDefault(channel, -2);
    }

    private static int Number(BayeuxData item)
    {
        using JsonDocument json = JsonDocument.Parse(item.Data);
        return json.RootElement.GetProperty("payload").GetProperty("Number__c").GetInt32();
    }
}

/// <summary>A dialect with positions, which goes on after every failure.</summary>
internal sealed class NumberedDialect(Uri address, Func<string, int> position) : IBayeuxDialect
{
    private readonly PlainDialect _plain = new(address);

    public ValueTask<BayeuxEndpoint> OpenAsync(CancellationToken ct) => _plain.OpenAsync(ct);

    public ValueTask<BayeuxSubscription> SubscribeAsync(string channel, CancellationToken ct) => ValueTask.FromResult(
        new BayeuxSubscription(JsonSerializer.SerializeToUtf8Bytes(new { replay = new Dictionary<string, int> { [channel] = position(channel) } })));

    public BayeuxReaction React(BayeuxFailure failure) => _plain.React(failure);
}
