namespace SalesforceBridge.Bayeux;

/// <summary>A request and its whole reply: the data that rides in it goes to the consumer, the answer to the session.</summary>
internal sealed class BayeuxExchange(BayeuxTransport transport, Handoff handoff, BayeuxOptions options, TimeProvider time)
{
    private List<BayeuxData> _batch = [];
    private int _batchBytes;

    /// <summary>The server's advice so far.</summary>
    public BayeuxAdvice Advice { get; private set; } = BayeuxAdvice.None;

    /// <summary>How many data messages the session has brought.</summary>
    public long Delivered { get; private set; }

    /// <summary>How long the last reply waited for the consumer.</summary>
    public TimeSpan Paused { get; private set; }

    /// <summary>Posts a request and gives the server's answer to it.</summary>
    /// <param name="request">The message to post.</param>
    /// <param name="limit">How long the server may take to begin its answer.</param>
    /// <param name="renew">Ends the wait for the answer's beginning.</param>
    /// <param name="ct">Ends everything.</param>
    /// <exception cref="BayeuxFailureException">The reply was lost, or it ended the session.</exception>
    public async Task<MetaReply> PostAsync(BayeuxRequest request, TimeSpan limit, CancellationToken renew, CancellationToken ct)
    {
        MetaReply? answer = null;
        bool disconnected = false;
        Paused = TimeSpan.Zero;
        try
        {
            await foreach (ReplyMessage message in transport.PostAsync(request, limit, renew, ct))
            {
                if (message.Meta is not { } meta)
                    await AddAsync(message.Data, ct);
                else
                    Note(meta);
            }
        }
        catch (BayeuxFailureException)
        {
            // What arrived whole is good, and the next session begins behind it.
            await HandOverAsync(ct);
            throw;
        }

        await HandOverAsync(ct);
        if (disconnected)
            throw new BayeuxFailureException(new BayeuxFailure.Disconnected());
        return answer ?? throw new BayeuxFailureException(new BayeuxFailure.ReplyLost(request.MetaChannel, "it has no answer"));

        void Note(MetaReply meta)
        {
            Advice = Advice.UpdatedBy(meta.AdviceGiven);
            if (meta.Channel == request.MetaChannel)
                answer ??= meta;
            else
                disconnected |= meta.Channel == BayeuxChannels.Disconnect;
        }
    }

    private async ValueTask AddAsync(BayeuxData data, CancellationToken ct)
    {
        _batch.Add(data);
        _batchBytes += data.Data.Length;
        Delivered++;
        if (_batch.Count >= options.BatchMessages || _batchBytes >= options.BatchBytes)
            await HandOverAsync(ct);
    }

    // The reply waits in the network while the consumer has no room.
    private async ValueTask HandOverAsync(CancellationToken ct)
    {
        if (_batch.Count == 0)
            return;
        long began = time.GetTimestamp();
        await handoff.WaitForRoomAsync(Timeout.InfiniteTimeSpan, ct);
        Paused += time.GetElapsedTime(began);
        handoff.Put(new BayeuxMessage.Data(_batch));
        (_batch, _batchBytes) = ([], 0);
    }
}
