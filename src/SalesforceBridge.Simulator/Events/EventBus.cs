using System.Collections.Concurrent;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Events;

/// <summary>A channel that can be subscribed to, and the logs it reads.</summary>
internal sealed record EventChannel(string Name, IReadOnlyList<EventLog> Logs)
{
    /// <summary>What of it a subscriber wants; nothing: all.</summary>
    public TopicFilter? Filter { get; init; }
}

/// <summary>Gives events their replay ids, keeps them for a while, and hands them out by channel.</summary>
internal sealed class EventBus
{
    private readonly Lock _gate = new();
    private readonly SimulatorOptions _options;
    private readonly WakeUp _changed;
    private readonly Dictionary<string, EventLog> _logs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EventChannel> _channels = new(StringComparer.Ordinal);
    private long _lastReplayId;

    public EventBus(OrgSchema schema, SimulatorOptions options, WakeUp changed)
    {
        (_options, _changed) = (options, changed);
        foreach (ObjectType type in schema.Events.Values)
            AddChannel("/event/" + type.Name, type.Name);
        string[] changes = [.. schema.Objects.Values.Where(type => type.ChangeEvents).Select(type => type.ChangeEventName)];
        foreach (string change in changes)
            AddChannel("/data/" + change, change);
        AddChannel("/data/ChangeEvents", changes);
        foreach (CustomChannel channel in schema.Channels.Values)
            AddChannel((channel.CarriesChanges ? "/data/" : "/event/") + channel.Name, [.. channel.Members]);
    }

    /// <summary>Opens the channel of a record; its log may be there already.</summary>
    public void Open(string name, string log)
    {
        lock (_gate)
        {
            _logs.TryAdd(log, new EventLog(_options.LegacyEventRetention));
            _channels[name] = new EventChannel(name, [_logs[log]]);
        }
    }

    /// <summary>From now on nobody can subscribe to it.</summary>
    public void Close(string name) => _channels.TryRemove(name, out _);

    /// <summary>The channel of that exact name.</summary>
    public EventChannel? Find(string name) => _channels.GetValueOrDefault(name);

    /// <summary>Publishes events of one log in order.</summary>
    /// <param name="log">The event type.</param>
    /// <param name="drafts">What they say.</param>
    /// <param name="note">Told of each before a subscriber can see it.</param>
    public void Publish(string log, IReadOnlyList<EventDraft> drafts, Action<StoredEvent>? note = null)
    {
        DateTimeOffset now = _options.TimeProvider.GetUtcNow();
        lock (_gate)
        {
            EventLog target = _logs[log];
            foreach (EventDraft draft in drafts)
            {
                var stored = new StoredEvent(NextReplayId(), draft, now);
                target.Append(stored);
                note?.Invoke(stored);
            }
            target.Trim(_options.KeptEvents, now);
        }
        _changed.Ring();
    }

    /// <summary>Where a channel stands now: only later events come after it.</summary>
    public long Tip
    {
        get
        {
            lock (_gate)
                return _lastReplayId;
        }
    }

    /// <summary>Whether the event of that id is still kept.</summary>
    public bool Keeps(EventChannel channel, long replayId)
    {
        lock (_gate)
        {
            Trim(channel);
            return channel.Logs.Any(log => log.Contains(replayId));
        }
    }

    /// <summary>The channel's events after a position, oldest first.</summary>
    public IReadOnlyList<StoredEvent> After(EventChannel channel, long replayId, int max)
    {
        lock (_gate)
        {
            Trim(channel);
            return channel.Logs.Count == 1
                ? channel.Logs[0].After(replayId, max)
                : [.. channel.Logs.SelectMany(log => log.After(replayId, max)).OrderBy(stored => stored.ReplayId).Take(max)];
        }
    }

    /// <summary>Drops every kept event, as if their time had run out.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            foreach (EventLog log in _logs.Values)
                log.Clear();
        }
    }

    // Real replay ids have gaps; a client that counts on n + 1 shall fail here too.
    private long NextReplayId() => _lastReplayId += _lastReplayId % 10 == 9 ? 3 : 1;

    private void Trim(EventChannel channel)
    {
        DateTimeOffset now = _options.TimeProvider.GetUtcNow();
        foreach (EventLog log in channel.Logs)
            log.Trim(_options.KeptEvents, now);
    }

    private void AddChannel(string name, params string[] logs)
    {
        foreach (string log in logs)
            _logs.TryAdd(log, new EventLog(_options.EventRetention));
        _channels[name] = new EventChannel(name, [.. logs.Select(log => _logs[log])]);
    }
}
