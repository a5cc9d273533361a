namespace SalesforceBridge.Bayeux;

/// <summary>One session with the server: a handshake, the subscriptions, and polls one after another until something ends it. Never two
/// requests at a time, since messages that ride in two replies have no order.</summary>
internal sealed class BayeuxSession(
    BayeuxTransport transport, IBayeuxDialect dialect, WantedChannels wanted, Handoff handoff, BayeuxOptions options, TimeProvider time)
{
    private readonly BayeuxExchange _exchange = new(transport, handoff, options, time);
    private readonly HashSet<string> _subscribed = new(StringComparer.Ordinal);
    private string? _clientId;
    private BayeuxRequest? _poll;
    private bool _polled;

    /// <summary>When the last good reply to a connect came.</summary>
    public DateTimeOffset? LastConnect { get; private set; }

    /// <summary>Whether a poll succeeded or any data came.</summary>
    public bool Worked => _polled || _exchange.Delivered > 0;

    /// <summary>Runs the session until it fails.</summary>
    /// <param name="handshakeExt">The handshake's <c>ext</c>.</param>
    /// <param name="ct">Ends it from outside.</param>
    /// <exception cref="BayeuxFailureException">Always: why it ended.</exception>
    public async Task RunAsync(ReadOnlyMemory<byte> handshakeExt, CancellationToken ct)
    {
        await HandshakeAsync(handshakeExt, ct);
        await ConnectAtOnceAsync(ct);
        while (!wanted.Now.IsEmpty)
        {
            int version = wanted.Version;
            await UnsubscribeAsync([.. wanted.TakeAgain(), .. _subscribed.Except(wanted.Now)], ct);
            await SubscribeAsync([.. wanted.Now.Except(_subscribed).Where(wanted.IsDue)], ct);
            await PauseAsync(ct);
            await PollAsync(version, ct);
        }

        throw new BayeuxFailureException(new BayeuxFailure.Renewed());
    }

    /// <summary>Says goodbye, so that the server keeps nothing for a client that is gone.</summary>
    public async Task DisconnectAsync()
    {
        if (_clientId is null)
            return;
        using var limit = new CancellationTokenSource(options.DisconnectLimit, time);
        try
        {
            BayeuxRequest goodbye = BayeuxRequest.Disconnect(_clientId);
            await foreach (ReplyMessage _ in transport.PostAsync(goodbye, options.DisconnectLimit, CancellationToken.None, limit.Token))
            {
                // Data in this reply comes again with the next session.
            }
        }
        catch (Exception unheard) when (unheard is BayeuxFailureException or OperationCanceledException)
        {
            // The server forgets the session by itself, only later.
        }
    }

    private async Task HandshakeAsync(ReadOnlyMemory<byte> ext, CancellationToken ct)
    {
        MetaReply reply = await RequestAsync(BayeuxRequest.Handshake(ext), ct);
        if (!reply.Successful || reply.ClientId is null)
            throw new BayeuxFailureException(BayeuxTransport.Refused(reply, subscription: null));
        _clientId = reply.ClientId;
        _poll = BayeuxRequest.Connect(_clientId, hold: true);
        handoff.Put(new BayeuxMessage.SessionStarted());
    }

    private async Task UnsubscribeAsync(IReadOnlyCollection<string> channels, CancellationToken ct)
    {
        foreach (string channel in channels)
            if (_subscribed.Remove(channel))
                await RequestAsync(BayeuxRequest.Unsubscribe(_clientId!, channel), ct);
    }

    private async Task SubscribeAsync(IReadOnlyCollection<string> channels, CancellationToken ct)
    {
        foreach (string channel in channels)
        {
            while (await SubscribeAsync(channel, ct) is BayeuxReaction.SubscribeAgain)
            {
                // The dialect has another subscription for a channel only so many times.
            }

            // With many channels, or slow ones, the server must not take the client for gone before the first poll.
            if (time.GetUtcNow() - LastConnect > options.LongestPause / 2)
                await ConnectAtOnceAsync(ct);
        }
    }

    // What to do further about the channel; null if it is subscribed.
    private async Task<BayeuxReaction?> SubscribeAsync(string channel, CancellationToken ct)
    {
        BayeuxSubscription subscription = await dialect.SubscribeAsync(channel, ct);
        MetaReply reply = await RequestAsync(BayeuxRequest.Subscribe(_clientId!, channel, subscription.Ext), ct);
        if (reply.Successful)
        {
            _subscribed.Add(channel);
            handoff.Put(new BayeuxMessage.Subscribed(channel, subscription));
            return null;
        }

        BayeuxFailure.Refused refused = BayeuxTransport.Refused(reply, subscription);
        BayeuxReaction reaction = dialect.React(refused);
        if (reaction is BayeuxReaction.LeaveChannel leave)
            wanted.Leave(channel, leave.RetryAfter);
        else if (reaction is not BayeuxReaction.SubscribeAgain)
            throw new BayeuxFailureException(refused);
        handoff.Put(new BayeuxMessage.SubscriptionRefused(channel, refused, reaction));
        return reaction;
    }

    // Between polls: as long as the server advises, and while the consumer has no room.
    private async Task PauseAsync(CancellationToken ct)
    {
        if (_exchange.Advice.Interval is { } interval && interval > TimeSpan.Zero)
            await Task.Delay(interval, time, ct);
        TimeSpan left = options.LongestPause - _exchange.Paused;
        if (left <= TimeSpan.Zero || !await handoff.WaitForRoomAsync(left, ct))
            throw new BayeuxFailureException(new BayeuxFailure.SlowConsumer(options.LongestPause));
    }

    // A poll may last minutes: channels wanted since the subscriptions were made do not wait for it.
    private async Task PollAsync(int wantedVersion, CancellationToken ct)
    {
        // Not disposed, since whoever changes the channels may be about to cancel it.
        var renew = new CancellationTokenSource();
        wanted.Changed += EndPoll;
        try
        {
            if (wanted.Version == wantedVersion)
                await PollAsync(renew.Token, ct);
        }
        finally
        {
            wanted.Changed -= EndPoll;
        }

        void EndPoll(object? sender, EventArgs e) => renew.Cancel();
    }

    private async Task PollAsync(CancellationToken renew, CancellationToken ct)
    {
        long before = _exchange.Delivered;
        TimeSpan held = _exchange.Advice.Timeout is { } timeout && timeout > TimeSpan.Zero ? timeout : options.PollTimeout;
        await ConnectAsync(_poll!, held + options.PollAllowance, renew, ct);
        _polled = true;
        if (_exchange.Delivered == before)
            handoff.Put(new BayeuxMessage.Quiet());
    }

    private Task ConnectAtOnceAsync(CancellationToken ct) =>
        ConnectAsync(BayeuxRequest.Connect(_clientId!, hold: false), options.RequestLimit, CancellationToken.None, ct);

    private async Task ConnectAsync(BayeuxRequest connect, TimeSpan limit, CancellationToken renew, CancellationToken ct)
    {
        MetaReply reply = await _exchange.PostAsync(connect, limit, renew, ct);
        if (!reply.Successful || reply.Advice?.Reconnect is "handshake" or "none")
            throw new BayeuxFailureException(BayeuxTransport.Refused(reply, subscription: null));
        LastConnect = time.GetUtcNow();
    }

    private Task<MetaReply> RequestAsync(BayeuxRequest request, CancellationToken ct) =>
        _exchange.PostAsync(request, options.RequestLimit, CancellationToken.None, ct);
}
