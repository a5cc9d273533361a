using System.Collections.Frozen;
using System.Globalization;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Streaming;

namespace SalesforceBridge.Sources;

/// <summary>A source that is a channel of the org, and where a new subscription of it starts.</summary>
/// <param name="Name">The source's name, as in a route's <c>on:</c> header.</param>
/// <param name="Channel">The org's name for it.</param>
/// <param name="Replay">Where it starts when nothing is stored.</param>
internal sealed record StreamSource(string Name, string Channel, RouteReplay Replay)
{
    /// <summary>The streams that enabled routes listen to.</summary>
    public static IReadOnlyList<StreamSource> Of(IEnumerable<RouteDefinition> routes) =>
    [
        .. routes.Where(route => route is { Enabled: true, Source.IsStream: true })
            .GroupBy(route => route.Source)
            .Select(same => new StreamSource(same.Key.ToString(), StreamChannels.Of(same.Key),
                same.Any(route => route.Replay == RouteReplay.Earliest) ? RouteReplay.Earliest : RouteReplay.Tip)),
    ];
}

/// <summary>
/// How far one channel is stored. The stored text is the replay id of the last event; while there was none it is <c>asked@TIME</c>
/// since the channel is wanted, and <c>tip@TIME</c> once the org has subscribed it.
/// </summary>
internal sealed class StreamPosition(StreamSource source, long epoch, string? stored)
{
    private const string AskedPrefix = "asked@";
    private const string TipPrefix = "tip@";

    // The org's clock and ours differ a little: rather a known event twice than one not at all.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(2);

    private string? _stored = stored;
    private string? _next = stored;
    private bool _isNew;

    public StreamSource Source { get; } = source;

    /// <summary>Whether nothing is stored of a channel that is wanted from now on.</summary>
    public bool IsUnasked => _stored is null && Source.Replay == RouteReplay.Tip;

    /// <summary>Whether it is not stored yet that the org has subscribed it.</summary>
    public bool IsAsked => _stored?.StartsWith(AskedPrefix, StringComparison.Ordinal) is true;

    public SourcePosition AsStored => new(Source.Name, epoch, _next);

    private DateTimeOffset? WantedSince => TimeBehind(AskedPrefix) ?? TimeBehind(TipPrefix);

    /// <summary>
    /// Where to subscribe now. A new channel begins at the tip, once: if its session is lost before the first event, everything that the
    /// org keeps is asked for, and what is older than the moment in which it was first wanted is passed over.
    /// </summary>
    public ReplayFrom TakeStart()
    {
        bool isFirst = _isNew;
        _isNew = false;
        return _stored switch
        {
            _ when isFirst => new ReplayFrom.Tip(),
            null => new ReplayFrom.Earliest(),
            _ when WantedSince is not null => new ReplayFrom.Earliest(),
            var id => new ReplayFrom.After(new ReplayId(id)),
        };
    }

    /// <summary>Whether an event is before the moment from which this channel is wanted.</summary>
    public bool IsTooOld(StreamedEvent streamed) =>
        WantedSince is { } since && StreamMessages.OccurredAt(streamed) is { } occurred && occurred < since - ClockTolerance;

    /// <summary>From this moment on the channel is wanted.</summary>
    public void Ask(DateTimeOffset now) => (_next, _isNew) = (At(AskedPrefix, now), true);

    /// <summary>The org has subscribed it.</summary>
    public void Confirm() => _next = WantedSince is { } since ? TipAt(since) : _next;

    public void MoveTo(ReplayId? id) => _next = id?.Value ?? _next;

    /// <summary>The stored text of a channel that is wanted from a moment on.</summary>
    public static string TipAt(DateTimeOffset moment) => At(TipPrefix, moment);

    public void Stored() => _stored = _next;

    private static string At(string prefix, DateTimeOffset moment) => prefix + moment.ToString("O", CultureInfo.InvariantCulture);

    private DateTimeOffset? TimeBehind(string prefix) => _stored is not null && _stored.StartsWith(prefix, StringComparison.Ordinal)
        ? DateTimeOffset.Parse(_stored.AsSpan(prefix.Length), CultureInfo.InvariantCulture)
        : null;
}

/// <summary>How far the channels of a session are stored.</summary>
internal sealed class StreamPositions(IEnumerable<StreamPosition> positions)
{
    private readonly FrozenDictionary<string, StreamPosition> _byChannel = positions.ToFrozenDictionary(position => position.Source.Channel);

    public IReadOnlySet<string> Channels => _byChannel.Keys.ToHashSet();

    /// <summary>The channels that are wanted from now on and of which nothing is stored yet.</summary>
    public IReadOnlyList<StreamPosition> Unasked => [.. _byChannel.Values.Where(position => position.IsUnasked)];

    public StreamPosition? Find(string channel) => _byChannel.GetValueOrDefault(channel);

    /// <summary>Where a channel goes on: after what was stored last.</summary>
    public ValueTask<ReplayFrom> StartOfAsync(string channel, CancellationToken ct) => ValueTask.FromResult(_byChannel[channel].TakeStart());

    /// <summary>Makes the messages of events, and says which positions move with them.</summary>
    public List<StreamPosition> Take(IReadOnlyList<StreamedEvent> events, List<NewMessage> messages)
    {
        HashSet<StreamPosition> moved = [];
        foreach (StreamedEvent streamed in events)
        {
            // Not ours: a channel that is no longer wanted.
            if (Find(streamed.Channel) is not { } position)
                continue;
            position.MoveTo(streamed.ReplayId);
            moved.Add(position);
            if (!position.IsTooOld(streamed))
                messages.Add(StreamMessages.Of(position.Source.Name, streamed));
        }

        return [.. moved];
    }
}
