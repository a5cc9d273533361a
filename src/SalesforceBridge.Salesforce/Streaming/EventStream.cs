using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using SalesforceBridge.Bayeux;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Salesforce.Streaming;

/// <summary>The events of an org's channels, for as long as they are read: platform events, change events, topics and generic
/// events.</summary>
/// <remarks>Nothing is lost that the org retains and delivers, if the consumer stores each message's events with their positions
/// before it asks
/// for the next message: every subscription begins at the position stored last. What the org cannot give any more is told as
/// <see cref="StreamMessage.ReplayExpired"/>, <see cref="StreamMessage.Silent"/> or <see
/// cref="StreamMessage.Subscribed.UnwatchedSince"/>.</remarks>
public sealed partial class EventStream
{
    private readonly EventStreamOptions _options;
    private readonly ILogger<EventStream> _logger;
    private readonly SalesforceDialect _dialect;
    private readonly BayeuxClient _client;
    private readonly ChannelWatch _watch;
    private volatile FrozenSet<string> _wanted = [];
    private bool _tokenRejected;

    /// <summary>A stream that subscribes to nothing yet; see <see cref="Want"/>.</summary>
    /// <param name="tokens">Where tokens come from.</param>
    /// <param name="handler">The connections; see <see cref="BayeuxClient.CreateHandler"/>. Not disposed.</param>
    /// <param name="storedPosition">Where a channel goes on: after the id last stored. Asked before every subscribe.</param>
    /// <param name="options">How the stream behaves.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of everything but events.</param>
    public EventStream(
        ITokenSource tokens,
        HttpMessageHandler handler,
        Func<string, CancellationToken, ValueTask<ReplayFrom>> storedPosition,
        EventStreamOptions options,
        TimeProvider time,
        ILogger<EventStream> logger)
    {
        _options = options;
        _logger = logger;
        _dialect = new(tokens, storedPosition, options);
        _client = new(_dialect, handler, options.Bayeux, time);
        _watch = new(options.LongestSilence, time);
    }

    /// <summary>Says which channels are wanted from now on, such as <c>/event/Order_Placed__e</c>. Names are case-sensitive.</summary>
    public void Want(IReadOnlySet<string> channels)
    {
        _wanted = channels.ToFrozenSet(StringComparer.Ordinal);
        _client.Want(channels);
    }

    /// <summary>Reads until <paramref name="ct"/> ends it, or until only a changed configuration can help. Asking for the next message
    /// says that
    /// the last one is stored. Only one reading at a time.</summary>
    public async IAsyncEnumerable<StreamMessage> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (BayeuxMessage message in _client.ReadAsync(ct))
        {
            StreamMessage translated = Translate(message);
            Log(translated);
            yield return translated;
            foreach (StreamMessage.Silent silent in FindSilent())
            {
                Log(silent);
                yield return silent;
            }
        }
    }

    private StreamMessage Translate(BayeuxMessage message)
    {
        switch (message)
        {
            case BayeuxMessage.Data data:
                return Events(data);
            case BayeuxMessage.Quiet:
                _tokenRejected = false;
                return new StreamMessage.Quiet();
            case BayeuxMessage.SessionStarted:
                return new StreamMessage.SessionStarted();
            case BayeuxMessage.Subscribed(var channel, ReplaySubscription(_, var from)):
                return new StreamMessage.Subscribed(channel, from, _watch.NoteSubscribed(channel, from));
            case BayeuxMessage.SubscriptionRefused refused:
                return Refused(refused);
            case BayeuxMessage.SessionEnded ended:
                _watch.NoteSessionLost(ended.LastConnect);
                return SessionLost(ended.Failure, ended.NextAttempt);
            case BayeuxMessage.Stopped(var failure):
                return new StreamMessage.Stopped(StreamErrorTable.Find(failure).Error, StreamErrorTable.Text(failure));
            default:
                throw new InvalidOperationException($"{message.GetType().Name} has no meaning here.");
        }
    }

    private StreamMessage.Events Events(BayeuxMessage.Data data)
    {
        var events = new StreamedEvent[data.Items.Count];
        for (int i = 0; i < events.Length; i++)
            events[i] = StreamedEventReader.Read(data.Items[i]);
        _watch.NoteEvents(events);
        _tokenRejected = false;
        return new(events);
    }

    private StreamMessage Refused(BayeuxMessage.SubscriptionRefused refused)
    {
        StreamErrorRow row = StreamErrorTable.Find(refused.Failure);
        ReplayFrom? from = (refused.Failure.Subscription as ReplaySubscription)?.From;
        if (row.Error == StreamError.ReplayIdInvalid && from is ReplayFrom.After(var id))
            return new StreamMessage.ReplayExpired(refused.Channel, id, SalesforceDialect.PositionInstead(_options.WhenReplayExpired));
        TimeSpan? retryAfter = (refused.Reaction as BayeuxReaction.LeaveChannel)?.RetryAfter;
        return new StreamMessage.Refused(refused.Channel, row.Error, StreamErrorTable.Text(refused.Failure), retryAfter);
    }

    private StreamMessage SessionLost(BayeuxFailure failure, TimeSpan next)
    {
        StreamErrorRow row = StreamErrorTable.Find(failure);
        if (failure is BayeuxFailure.DialectFailed { Exception: OAuthException denied })
            return new StreamMessage.AuthFailed(denied.Message, denied.IsFatal, next);
        // A token may end at any time; that its successor is not accepted either needs a person's eye.
        if (row.Error == StreamError.AuthenticationInvalid && _tokenRejected)
            return new StreamMessage.AuthFailed($"The org rejects new tokens too: {StreamErrorTable.Text(failure)}", IsFatal: false, next);
        _tokenRejected = row.Error == StreamError.AuthenticationInvalid;
        return new StreamMessage.SessionLost(row.Error, StreamErrorTable.Text(failure), next);
    }

    private IEnumerable<StreamMessage.Silent> FindSilent()
    {
        ReplayFrom? instead = _options.WhenSilent switch
        {
            SilencePolicy.Earliest => new ReplayFrom.Earliest(),
            SilencePolicy.Tip => new ReplayFrom.Tip(),
            _ => null,
        };
        _watch.Keep(_wanted);
        foreach ((string channel, ReplayId position, DateTimeOffset since) in _watch.TakeSilent())
        {
            if (instead is not null)
            {
                _dialect.Abandon(channel, position, instead);
                _client.SubscribeAgain(channel);
            }

            yield return new(channel, position, since, instead);
        }
    }

    private void Log(StreamMessage message)
    {
        switch (message)
        {
            case StreamMessage.SessionStarted:
                LogSessionStarted();
                break;
            case StreamMessage.SessionLost lost:
                LogSessionLost(lost.IsRoutine ? LogLevel.Information : LogLevel.Warning, lost.Error, lost.Text, lost.NextAttempt);
                break;
            case StreamMessage.Subscribed subscribed:
                LogSubscribed(subscribed.Channel, subscribed.From.Token, subscribed.UnwatchedSince);
                break;
            case StreamMessage.Refused refused:
                LogRefused(refused.Channel, refused.Error, refused.Text, refused.RetryAfter);
                break;
            case StreamMessage.ReplayExpired expired:
                LogReplayExpired(expired.Channel, expired.Rejected, expired.GoesOnFrom?.Token ?? "nowhere");
                break;
            case StreamMessage.Silent silent:
                LogSilent(silent.Channel, silent.Position, silent.Since, silent.GoesOnFrom?.Token ?? "the same position");
                break;
            case StreamMessage.AuthFailed failed:
                LogAuthFailed(failed.Text, failed.IsFatal, failed.NextAttempt);
                break;
            case StreamMessage.Stopped stopped:
                LogStopped(stopped.Error, stopped.Text);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Streaming session started")]
    private partial void LogSessionStarted();

    [LoggerMessage(Message = "Streaming session lost ({Error}): {Text}; next attempt in {NextAttempt}")]
    private partial void LogSessionLost(LogLevel level, StreamError error, string text, TimeSpan nextAttempt);

    [LoggerMessage(Level = LogLevel.Information, Message = "Subscribed to {Channel} from {From}; unwatched since {UnwatchedSince}")]
    private partial void LogSubscribed(string channel, string from, DateTimeOffset? unwatchedSince);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Channel} was refused ({Error}): {Text}; next attempt in {RetryAfter}")]
    private partial void LogRefused(string channel, StreamError error, string text, TimeSpan? retryAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Channel}: stored replay id {Rejected} has expired; the stream goes on from {From}")]
    private partial void LogReplayExpired(string channel, ReplayId rejected, string from);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Channel}: nothing has come behind replay id {Position} since {Since}; the stream goes on from {From}")]
    private partial void LogSilent(string channel, ReplayId position, DateTimeOffset since, string from);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "No streaming session, since there is no token: {Text}; a person must act: {IsFatal}; next attempt in {NextAttempt}")]
    private partial void LogAuthFailed(string text, bool isFatal, TimeSpan nextAttempt);

    [LoggerMessage(Level = LogLevel.Error, Message = "The stream stopped ({Error}): {Text}")]
    private partial void LogStopped(StreamError error, string text);
}
