namespace SalesforceBridge.Salesforce.Streaming;

/// <summary>Watches for what the protocol calls success and may still be loss: a channel that stays silent, and one that was at the
/// tip when its session was lost.</summary>
internal sealed class ChannelWatch(TimeSpan longestSilence, TimeProvider time)
{
    private readonly Dictionary<string, Watched> _channels = new(StringComparer.Ordinal);
    private IReadOnlySet<string>? _kept;
    private DateTimeOffset _watchedUntil = DateTimeOffset.MinValue;

    /// <summary>Notes that a session was lost, and until when it was known to be good.</summary>
    public void NoteSessionLost(DateTimeOffset? lastConnect) => _watchedUntil = lastConnect ?? _watchedUntil;

    /// <summary>Notes that these channels brought events.</summary>
    public void NoteEvents(IReadOnlyList<StreamedEvent> events)
    {
        string? last = null;
        foreach (StreamedEvent streamed in events)
        {
            if (ReferenceEquals(streamed.Channel, last))
                continue;
            last = streamed.Channel;
            foreach ((string channel, Watched watched) in _channels)
                if (channel == last || SalesforceDialect.WithoutFilter(channel) == last)
                    watched.IsQuiet = false;
        }
    }

    /// <summary>Notes a subscription.</summary>
    /// <returns>Since when events may have been missed, if it was at the tip before and is there again.</returns>
    public DateTimeOffset? NoteSubscribed(string channel, ReplayFrom from)
    {
        DateTimeOffset now = time.GetUtcNow();
        _channels.TryGetValue(channel, out Watched? before);
        // The same position again means that the search for it began again: the silence goes on.
        bool goesOn = before is { IsQuiet: true } && before.From == from;
        _channels[channel] = goesOn
            ? before! with { SubscribedAt = now }
            : new(from, now) { SubscribedAt = now };
        return before?.From is ReplayFrom.Tip && from is ReplayFrom.Tip
            ? (before.SubscribedAt > _watchedUntil ? before.SubscribedAt : _watchedUntil)
            : null;
    }

    /// <summary>The channels whose silence has become too long, each once.</summary>
    public IReadOnlyList<(string Channel, ReplayId Position, DateTimeOffset Since)> TakeSilent()
    {
        List<(string, ReplayId, DateTimeOffset)>? silent = null;
        foreach ((string channel, Watched watched) in _channels)
        {
            if (!watched.IsQuiet || watched.IsReported || watched.From is not ReplayFrom.After(var id)
                || time.GetUtcNow() - watched.QuietSince < longestSilence)
                continue;
            watched.IsReported = true;
            (silent ??= []).Add((channel, id, watched.QuietSince));
        }

        return silent ?? [];
    }

    /// <summary>Forgets the channels that are not wanted any more.</summary>
    public void Keep(IReadOnlySet<string> wanted)
    {
        if (ReferenceEquals(wanted, _kept))
            return;
        _kept = wanted;
        foreach (string gone in _channels.Keys.Where(channel => !wanted.Contains(channel)).ToArray())
            _channels.Remove(gone);
    }

    private sealed record Watched(ReplayFrom From, DateTimeOffset QuietSince)
    {
        public required DateTimeOffset SubscribedAt { get; init; }

        public bool IsQuiet { get; set; } = true;

        public bool IsReported { get; set; }
    }
}
