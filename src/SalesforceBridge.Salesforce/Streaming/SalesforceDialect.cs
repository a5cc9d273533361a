using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Bayeux;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Salesforce.Streaming;

/// <summary>A subscription and the position that it asks for.</summary>
internal sealed record ReplaySubscription(string Channel, ReplayFrom From) : BayeuxSubscription(ReplayMap(Channel, From))
{
    // Only the channel's own position: a map of all would outgrow the org's limit for requests.
    private static byte[] ReplayMap(string channel, ReplayFrom from)
    {
        JsonEncodedText name = JsonEncodedText.Encode(SalesforceDialect.WithoutFilter(channel));
        return Encoding.UTF8.GetBytes($$$"""{"replay":{"{{{name}}}":{{{from.Token}}}}}""");
    }
}

/// <summary>How Salesforce speaks Bayeux: a bearer token per session, a position per subscription, and errors with a meaning of their
/// own.</summary>
internal sealed class SalesforceDialect(
    ITokenSource tokens, Func<string, CancellationToken, ValueTask<ReplayFrom>> storedPosition, EventStreamOptions options) : IBayeuxDialect
{
    private static readonly byte[] AsksForReplay = """{"replay":true}"""u8.ToArray();

    // Positions that lead nowhere, by channel, and where to go on instead for as long as they are the stored ones.
    private readonly ConcurrentDictionary<string, (ReplayId Id, ReplayFrom Instead)> _abandoned = new(StringComparer.Ordinal);
    private AccessToken? _token;
    private AccessToken? _rejected;

    /// <summary>A channel's name without the filter that a topic may carry.</summary>
    public static string WithoutFilter(string channel) => channel.Split('?', 2)[0];

    /// <inheritdoc/>
    public async ValueTask<BayeuxEndpoint> OpenAsync(CancellationToken ct)
    {
        _token = _rejected is null ? await tokens.GetAsync(ct) : await tokens.RenewAsync(_rejected, ct);
        _rejected = null;
        var headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Authorization"] = $"Bearer {_token.Value}" };
        return new(new Uri(_token.InstanceUrl, $"/cometd/{options.ApiVersion}"), headers, AsksForReplay);
    }

    /// <inheritdoc/>
    public async ValueTask<BayeuxSubscription> SubscribeAsync(string channel, CancellationToken ct)
    {
        ReplayFrom from = await storedPosition(channel, ct);
        bool leadsNowhere = _abandoned.TryGetValue(channel, out (ReplayId Id, ReplayFrom Instead) abandoned)
            && from is ReplayFrom.After(var id) && id == abandoned.Id;
        return new ReplaySubscription(channel, leadsNowhere ? abandoned.Instead : from);
    }

    /// <summary>From now on subscribes from elsewhere if the stored position is this one.</summary>
    public void Abandon(string channel, ReplayId position, ReplayFrom instead) => _abandoned[channel] = (position, instead);

    /// <inheritdoc/>
    public BayeuxReaction React(BayeuxFailure failure)
    {
        StreamErrorRow row = StreamErrorTable.Find(failure);
        TimeSpan wait = Longer(row.Delay(options.Delays), RetryAfter(failure));
        var subscription = (failure as BayeuxFailure.Refused)?.Subscription as ReplaySubscription;
        return row.Remedy switch
        {
            StreamRemedy.Handshake => new BayeuxReaction.Handshake(),
            StreamRemedy.RenewToken => RejectToken(),
            StreamRemedy.Stop => new BayeuxReaction.Stop(),
            StreamRemedy.FollowReplayPolicy when subscription?.From is ReplayFrom.After(var id) =>
                FollowReplayPolicy(subscription.Channel, id),
            _ when subscription is not null => new BayeuxReaction.LeaveChannel(wait),
            StreamRemedy.Wait => new BayeuxReaction.BackOff(wait),
            _ => new BayeuxReaction.BackOff(RetryAfter(failure)),
        };
    }

    private BayeuxReaction.Handshake RejectToken()
    {
        _rejected = _token;
        return new();
    }

    private BayeuxReaction FollowReplayPolicy(string channel, ReplayId rejected)
    {
        if (PositionInstead(options.WhenReplayExpired) is not { } instead)
            return new BayeuxReaction.LeaveChannel(RetryAfter: null);
        Abandon(channel, rejected, instead);
        return new BayeuxReaction.SubscribeAgain();
    }

    /// <summary>Where a policy goes on; null if it stops.</summary>
    public static ReplayFrom? PositionInstead(ReplayExpiredPolicy policy) => policy switch
    {
        ReplayExpiredPolicy.Earliest => new ReplayFrom.Earliest(),
        ReplayExpiredPolicy.Tip => new ReplayFrom.Tip(),
        _ => null,
    };

    private static TimeSpan RetryAfter(BayeuxFailure failure) => failure switch
    {
        BayeuxFailure.Refused { RetryAfter: { } wait } => wait,
        BayeuxFailure.HttpStatus { RetryAfter: { } wait } => wait,
        BayeuxFailure.DialectFailed { Exception: OAuthException { RetryAfter: { } wait } } => wait,
        _ => TimeSpan.Zero,
    };

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
