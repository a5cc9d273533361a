using Npgsql;
using SalesforceBridge.Messaging;
using SalesforceBridge.Org;
using SalesforceBridge.Salesforce.Streaming;

namespace SalesforceBridge.Sources;

/// <summary>
/// The org's channels, into the inbox: one session for all of them, so one lease. Events and the position behind them are
/// one statement; the stream is asked to go on only from what is stored.
/// </summary>
internal sealed partial class OrgStreams(
    IReadOnlyCollection<StreamSource> sources, BridgeDatabase database, Cursors cursors, InboxLog inbox, StorageGauge storage,
    OrgSession session, UntoldRecords? untold, TimeProvider time, ILogger logger) : ILeasedWork
{
    /// <summary>The cursor whose holder listens to the org.</summary>
    public const string CursorOfStreams = "streams";

    private readonly StreamAlerts _alerts = new(database);

    /// <inheritdoc/>
    public string Cursor => CursorOfStreams;

    /// <inheritdoc/>
    public async Task RunAsync(Lease lease, CancellationToken ct)
    {
        StreamPositions positions = await JoinAsync(lease, ct);
        await AskAsync(positions.Unasked, ct);
        EventStream stream = session.OpenStream(positions.StartOfAsync);
        stream.Want(positions.Channels);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task reading = untold?.RunAsync(ending.Token) ?? Task.CompletedTask;
        try
        {
            await foreach (StreamMessage message in stream.ReadAsync(ct))
            {
                if (message is StreamMessage.Events events)
                    await StoreAsync(positions, events.Items, ct);
                else
                    await HeedAsync(positions, message, ct);
            }
        }
        finally
        {
            await ending.CancelAsync();
            await reading.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private async Task<StreamPositions> JoinAsync(Lease lease, CancellationToken ct)
    {
        var joined = await cursors.JoinAsync(lease, [.. sources.Select(source => source.Name)], ct);
        return new StreamPositions(joined.Select(cursor => new StreamPosition(
            sources.First(source => source.Name == cursor.Lease.Cursor), cursor.Lease.Epoch, cursor.Position)));
    }

    private async Task StoreAsync(StreamPositions positions, IReadOnlyList<StreamedEvent> events, CancellationToken ct)
    {
        List<NewMessage> messages = new(events.Count);
        List<StreamPosition> moved = positions.Take(events, messages);
        if (moved.Count == 0)
            return;
        foreach (StreamedEvent streamed in events.Where(UntoldRecords.IsUntold))
            await NoteAsync(positions, streamed, ct);
        SourcePosition[] next = [.. moved.Select(position => position.AsStored)];
        await RepeatAsync(async () =>
        {
            // While there is no room nothing is asked of the stream, and the org keeps what it would send for 72 hours.
            await storage.WaitForRoomAsync(time, ct);
            await inbox.AcceptAsync(next, messages, ct);
        }, ct);
        moved.ForEach(position => position.Stored());
    }

    private async Task NoteAsync(StreamPositions positions, StreamedEvent streamed, CancellationToken ct)
    {
        if (untold is not null && positions.Find(streamed.Channel) is { } position && !position.IsTooOld(streamed))
            await RepeatAsync(() => untold.NoteAsync(position.Source.Name, streamed, ct), ct);
    }

    private async Task HeedAsync(StreamPositions positions, StreamMessage message, CancellationToken ct)
    {
        if (message is StreamMessage.Subscribed { Channel: var channel } && positions.Find(channel) is { IsAsked: true } position)
        {
            position.Confirm();
            await RepeatAsync(() => KeepAsync([position], ct), ct);
        }

        await RepeatAsync(() => _alerts.TellAsync(positions, message, ct), ct);
    }

    // Before the org is asked: until the first event comes there is no replay id to go on from, and this process may end at any time.
    private async Task AskAsync(IReadOnlyList<StreamPosition> positions, CancellationToken ct)
    {
        if (positions.Count == 0)
            return;
        foreach (StreamPosition position in positions)
            position.Ask(time.GetUtcNow());
        await RepeatAsync(() => KeepAsync(positions, ct), ct);
    }

    private async Task KeepAsync(IReadOnlyList<StreamPosition> positions, CancellationToken ct)
    {
        await inbox.AcceptAsync([.. positions.Select(position => position.AsStored)], [], ct);
        foreach (StreamPosition position in positions)
            position.Stored();
    }

    private async Task RepeatAsync(Func<Task> store, CancellationToken ct)
    {
        for (int failures = 0; ; failures++)
        {
            try
            {
                await store();
                return;
            }
            catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException && !ct.IsCancellationRequested)
            {
                LogWaits(error is PostgresException postgres ? postgres.SqlState : error.GetType().Name);
                TimeSpan pause = database.Options.FirstPause * Math.Pow(2, Math.Min(failures, 10));
                await Task.Delay(pause < database.Options.LongestPause ? pause : database.Options.LongestPause, time, ct);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events wait for the database ({Cause}); the org keeps what is not stored")]
    private partial void LogWaits(string cause);
}
