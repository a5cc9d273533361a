using SalesforceBridge.Simulator.Events;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Streaming;

/// <summary>An event on its way to a client, under the name of the channel it was subscribed by.</summary>
internal readonly record struct OutgoingEvent(StoredEvent Stored, string Channel);

/// <summary>A client's streaming session: its cookie, its subscriptions and how far each has been delivered.</summary>
internal sealed class BayeuxSession(string clientId, string browser, User user, DateTimeOffset startedAt)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Subscription> _subscriptions = new(StringComparer.Ordinal);
    private TaskCompletionSource? _held;
    private DateTimeOffset _lastReplyAt = startedAt;
    private bool _advised;

    public string ClientId { get; } = clientId;

    /// <summary>The BAYEUX_BROWSER cookie that its requests must carry.</summary>
    public string Browser { get; } = browser;

    public User User { get; } = user;

    public DateTimeOffset StartedAt { get; } = startedAt;

    public IReadOnlyList<string> Channels
    {
        get
        {
            lock (_gate)
                return [.. _subscriptions.Keys];
        }
    }

    /// <summary>Whether a poll is being held.</summary>
    public bool IsPolling
    {
        get
        {
            lock (_gate)
                return _held is not null;
        }
    }

    public bool IsOver(DateTimeOffset now, SimulatorOptions options)
    {
        lock (_gate)
            return now - StartedAt > options.MaxSessionAge || (_held is null && now - _lastReplyAt > options.AbandonTimeout);
    }

    public void Subscribe(EventChannel channel, long after)
    {
        lock (_gate)
            _subscriptions[channel.Name] = new Subscription(channel) { Position = after };
    }

    public bool Unsubscribe(string channel)
    {
        lock (_gate)
            return _subscriptions.Remove(channel);
    }

    /// <summary>Takes the events that are due. They count as delivered from here on, whatever becomes of the reply.</summary>
    public IReadOnlyList<OutgoingEvent> Take(EventBus bus, int max)
    {
        var taken = new List<OutgoingEvent>();
        lock (_gate)
        {
            foreach (Subscription subscription in _subscriptions.Values)
            {
                IReadOnlyList<StoredEvent> due = bus.After(subscription.Channel, subscription.Position, max - taken.Count);
                if (due.Count == 0)
                    continue;
                subscription.Position = due[^1].ReplayId;
                taken.AddRange(due.Where(stored => IsFor(stored, subscription.Channel)).Select(stored => new OutgoingEvent(stored, subscription.Channel.Name)));
            }
        }
        return taken;
    }

    private bool IsFor(StoredEvent stored, EventChannel channel) =>
        stored.Draft.Recipients?.Contains(User.Id) is not false && channel.Filter?.Passes(stored) is not false;

    /// <summary>Begins a poll. What it returns completes when another poll takes its place.</summary>
    public TaskCompletionSource BeginPoll()
    {
        lock (_gate)
        {
            _held?.TrySetResult();
            return _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void EndPoll(TaskCompletionSource poll, DateTimeOffset now)
    {
        lock (_gate)
        {
            _lastReplyAt = now;
            if (_held == poll)
                _held = null;
        }
    }

    /// <summary>True once: the first connect reply carries the advice for all that follow.</summary>
    public bool NeedsAdvice()
    {
        lock (_gate)
        {
            bool needs = !_advised;
            _advised = true;
            return needs;
        }
    }

    private sealed class Subscription(EventChannel channel)
    {
        public EventChannel Channel { get; } = channel;

        public long Position { get; set; }
    }
}
