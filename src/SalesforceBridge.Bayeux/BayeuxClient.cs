using System.Runtime.CompilerServices;

namespace SalesforceBridge.Bayeux;

/// <summary>A Bayeux client over long polling: one session after another, each with the same wanted channels, for as long as it is
/// read.</summary>
/// <remarks>
/// <para>A reply that was lost, cut or late ends the session, since what it carried does not come again; the next session subscribes
/// to every
/// wanted channel anew, after the consumer has consumed all that came before. So a dialect that subscribes from the position its consumer
/// stored loses nothing.</para>
/// <para>Polling goes on while the consumer works on what came, within the limits of <see cref="BayeuxOptions"/>.</para>
/// </remarks>
/// <param name="dialect">How the server speaks.</param>
/// <param name="handler">The connections; see <see cref="CreateHandler"/>. It must not keep cookies, since each session has its own.
/// Not disposed.</param>
/// <param name="options">Limits.</param>
/// <param name="time">The clock.</param>
public sealed class BayeuxClient(IBayeuxDialect dialect, HttpMessageHandler handler, BayeuxOptions options, TimeProvider time)
{
    private readonly GuardedDialect _dialect = new GuardedDialect(dialect);
    private readonly WantedChannels _wanted = new(time);
    private readonly HandshakePacing _pacing = new(options, time);

    /// <summary>Connections that suit a client: reused, renewed every 15 minutes, without cookies and redirects.</summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(15),
        ConnectTimeout = TimeSpan.FromSeconds(15),
    };

    /// <summary>Says which channels are wanted from now on. A channel that is added ends a poll under way: a subscribe beside a poll could
    /// bring messages out of order. A channel that is taken away is unsubscribed after the poll.</summary>
    public void Want(IReadOnlySet<string> channels) => _wanted.Replace(channels);

    /// <summary>Subscribes to a channel anew when the poll under way has ended.</summary>
    public void SubscribeAgain(string channel) => _wanted.Again(channel);

    /// <summary>Runs sessions and yields what they bring, until <paramref name="ct"/> ends it or the dialect says to stop. Asking for the
    /// next message says that the last one is done with. Only one reading at a time.</summary>
    public async IAsyncEnumerable<BayeuxMessage> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var handoff = new Handoff(options, time);
        Task sessions = RunSessionsAsync(handoff, stop.Token);
        try
        {
            await foreach (BayeuxMessage message in handoff.ReadAllAsync(ct))
                yield return message;
        }
        finally
        {
            await stop.CancelAsync();
            await sessions;
        }
    }

    private async Task RunSessionsAsync(Handoff handoff, CancellationToken ct)
    {
        try
        {
            bool goesOn = true;
            while (goesOn)
                goesOn = await RunNextSessionAsync(handoff, ct);
            handoff.Complete();
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            // However a dialect answers to being cancelled.
            handoff.Complete();
        }
        catch (Exception broken)
        {
            handoff.Complete(broken);
        }
    }

    private async Task<bool> RunNextSessionAsync(Handoff handoff, CancellationToken ct)
    {
        await _wanted.AnyAsync(ct);
        // Subscribing before the consumer is done would ask for its position too early.
        await handoff.WaitUntilConsumedAsync(ct);
        (BayeuxFailure failure, BayeuxSession? session) = await RunSessionAsync(handoff, ct);
        BayeuxReaction reaction = ReactTo(failure);
        if (reaction is BayeuxReaction.Stop)
        {
            handoff.Put(new BayeuxMessage.Stopped(failure));
            return false;
        }

        TimeSpan wait = _pacing.Next(reaction, session is { Worked: true });
        handoff.Put(new BayeuxMessage.SessionEnded(failure, wait, session?.LastConnect));
        await Task.Delay(wait, time, ct);
        return true;
    }

    private async Task<(BayeuxFailure Failure, BayeuxSession? Session)> RunSessionAsync(Handoff handoff, CancellationToken ct)
    {
        BayeuxSession? session = null;
        BayeuxFailure? failure = null;
        // Not an HttpClient: it would end a poll after 100 s, and hold a reply back until all of it is there.
        using var http = new HttpMessageInvoker(handler, disposeHandler: false);
        _pacing.NoteHandshake();
        try
        {
            BayeuxEndpoint endpoint = await _dialect.OpenAsync(ct);
            var transport = new BayeuxTransport(http, endpoint, options, time);
            session = new BayeuxSession(transport, _dialect, _wanted, handoff, options, time);
            await session.RunAsync(endpoint.HandshakeExt, ct);
        }
        catch (BayeuxFailureException ended)
        {
            failure = ended.Failure;
        }
        finally
        {
            if (session is not null && ServerMayKeepTheSession(failure))
                await session.DisconnectAsync();
        }

        return (failure!, session);
    }

    private BayeuxReaction ReactTo(BayeuxFailure failure) => failure switch
    {
        BayeuxFailure.Renewed or BayeuxFailure.SlowConsumer => new BayeuxReaction.Handshake(),
        _ => _dialect.React(failure),
    };

    private static bool ServerMayKeepTheSession(BayeuxFailure? failure) =>
        failure is not (BayeuxFailure.Disconnected or BayeuxFailure.Refused { Subscription: null });
}
