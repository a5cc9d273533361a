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
/// How far one channel is stored. The stored text is the replay id of the last event, or <c>tip@TIME</c> while there was none
/// since the channel was subscribed at that time.
/// </summary>
internal sealed class StreamPosition(StreamSource source, long epoch, string? stored)
{
    private const string TipPrefix = "tip@";

    // The org's clock and ours differ a little: rather a known event twice than one not at all.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(2);

    private string? _stored = stored;
    private string? _next = stored;

    public StreamSource Source { get; } = source;

    public bool HasPosition => _stored is not null;

    public SourcePosition AsStored => new(Source.Name, epoch, _next);

    /// <summary>Where to subscribe now.</summary>
    public ReplayFrom Start => _stored switch
    {
        null when Source.Replay == RouteReplay.Tip => new ReplayFrom.Tip(),
        null => new ReplayFrom.Earliest(),
        _ when TipTime is not null => new ReplayFrom.Earliest(),
        var id => new ReplayFrom.After(new ReplayId(id)),
    };

    private DateTimeOffset? TipTime =>
        _stored is not null && _stored.StartsWith(TipPrefix, StringComparison.Ordinal)
            ? DateTimeOffset.Parse(_stored.AsSpan(TipPrefix.Length), CultureInfo.InvariantCulture)
            : null;

    /// <summary>Whether an event is before the moment from which this channel is wanted.</summary>
    public bool IsBeforeTip(StreamedEvent streamed) =>
        TipTime is { } tip && StreamMessages.OccurredAt(streamed) is { } occurred && occurred < tip - ClockTolerance;

    public void MoveTo(ReplayId? id) => _next = id?.Value ?? _next;

    public void RememberTip(DateTimeOffset now) => _next = TipAt(now);

    /// <summary>The stored text of a channel that is wanted from a moment on.</summary>
    public static string TipAt(DateTimeOffset moment) => TipPrefix + moment.ToString("O", CultureInfo.InvariantCulture);

    public void Stored() => _stored = _next;
}

/// <summary>How far the channels of a session are stored.</summary>
internal sealed class StreamPositions(IEnumerable<StreamPosition> positions)
{
    private readonly FrozenDictionary<string, StreamPosition> _byChannel = positions.ToFrozenDictionary(position => position.Source.Channel);

    public IReadOnlySet<string> Channels => _byChannel.Keys.ToHashSet();

    public StreamPosition? Find(string channel) => _byChannel.GetValueOrDefault(channel);

    /// <summary>Where a channel goes on: after what was stored last.</summary>
    public ValueTask<ReplayFrom> StartOfAsync(string channel, CancellationToken ct) => ValueTask.FromResult(_byChannel[channel].Start);

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
            if (!position.IsBeforeTip(streamed))
                messages.Add(StreamMessages.Of(position.Source.Name, streamed));
        }

        return [.. moved];
    }
}
