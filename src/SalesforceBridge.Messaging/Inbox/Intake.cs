using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Takes requests over HTTP into the inbox and answers after the commit. Requests that come while a commit runs share the next one, on the one
/// connection that belongs to the intake. What cannot be stored soon is refused at once, so that no more waits in memory than the limits say.
/// </summary>
public sealed partial class Intake(
    BridgeDatabase database, Bells bells, StorageGauge gauge, IntakeLimits limits, TimeProvider time, ILogger<Intake> logger) : IDisposable
{
    private static readonly TimeSpan BetweenMeasurements = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenMeasurementsWhenFull = TimeSpan.FromSeconds(2);

    // Between two measurements no more comes in than a share of what is allowed.
    private const int MeasuredShare = 50;

    private readonly Channel<WaitingRequest> _queue = Channel.CreateUnbounded<WaitingRequest>(new UnboundedChannelOptions { SingleReader = true });
    private readonly IntakeStatement _statement = new(database.Schema);
    private readonly IntakeConnection _connection = new(database, limits.Patience, time);
    private readonly Pause _pause = new(database.Options with { LongestPause = limits.LongestPause }, time);
    private int _waitingRequests;
    private long _waitingBytes;
    private volatile bool _isAway;
    private bool _isToldAway;
    private long _measuredAt;
    private long _bytesSinceMeasured = long.MaxValue;

    /// <summary>Stores a request's messages, all or none, and says what became of them once it is certain.</summary>
    /// <param name="request">The messages, and the idempotency key if there is one.</param>
    /// <param name="ct">Ends the wait; a request that waits already may be stored all the same.</param>
    /// <exception cref="ArgumentException">The request has no message.</exception>
    public async Task<IntakeAnswer> AcceptAsync(IntakeRequest request, CancellationToken ct)
    {
        if (request.Messages.Count == 0)
            throw new ArgumentException("A request without a message has nothing to store.", nameof(request));
        if (_isAway)
            return new IntakeAnswer.DatabaseAway();

        var waiting = new WaitingRequest(request);
        if (!TryQueue(waiting))
            return new IntakeAnswer.Busy();
        try
        {
            return await waiting.Answer.WaitAsync(limits.Patience, time, ct);
        }
        catch (TimeoutException)
        {
            // Until the next commit nobody else has to wait as long to hear the same.
            _isAway = true;
            waiting.Say(new IntakeAnswer.DatabaseAway());
            return await waiting.Answer;
        }
    }

    /// <summary>
    /// What the database says of the bridge, asked on the intake's own connection between two commits: replies may use every other one for as
    /// long as they take. Null while the intake has no connection.
    /// </summary>
    /// <param name="ct">Ends the wait; the connection may be lost with it, and is then opened anew.</param>
    /// <exception cref="NpgsqlException">The database refused the question.</exception>
    public Task<Vitals?> VitalsAsync(CancellationToken ct) => _connection.VitalsAsync(ct);

    /// <summary>Commits what comes until told to stop, then what still waits. One call at a time.</summary>
    /// <param name="open">What must be done before the first commit; tried again until it does not throw.</param>
    /// <param name="ct">Told to stop.</param>
    public async Task RunAsync(Func<CancellationToken, Task> open, CancellationToken ct)
    {
        await using CancellationTokenRegistration closing = ct.Register(() => _queue.Writer.TryComplete());
        bool isOpen = false;
        while (!_queue.Reader.Completion.IsCompleted)
        {
            try
            {
                if (!isOpen)
                    await open(ct);
                isOpen = true;
                await ConnectAsync();
                await ServeAsync();
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                await LeaveAsync(error);
                await _pause.WaitAsync(ct).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }

        await _connection.CloseAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private bool TryQueue(WaitingRequest waiting)
    {
        int requests = Interlocked.Increment(ref _waitingRequests);
        long bytes = Interlocked.Add(ref _waitingBytes, waiting.Bytes);
        bool fits = requests <= limits.WaitingRequests && (bytes <= limits.WaitingBytes || bytes == waiting.Bytes);
        if (fits && _queue.Writer.TryWrite(waiting))
            return true;
        Release(waiting);
        return false;
    }

    private void Release(WaitingRequest waiting)
    {
        Interlocked.Decrement(ref _waitingRequests);
        Interlocked.Add(ref _waitingBytes, -waiting.Bytes);
    }

    private async Task ConnectAsync()
    {
        await _connection.OpenAsync();
        if (_isToldAway)
            LogBack();
        _isToldAway = _isAway = false;
        _pause.Reset();
    }

    private async Task ServeAsync()
    {
        bool isFresh = true;
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            List<WaitingRequest> batch = Gather();
            try
            {
                await StoreAsync(batch);
            }
            catch (Exception error) when (!isFresh && StepErrors.EndedConnection(error))
            {
                // It went while nobody asked it anything, most likely. Who has no idempotency key could not do better than repeat it, too.
                await StoreAsync(batch);
            }
            finally
            {
                Finish(batch);
            }

            (isFresh, _isAway) = (false, false);
        }
    }

    // What fits into one commit. Two requests that may be the same one are never in the same.
    private List<WaitingRequest> Gather()
    {
        List<WaitingRequest> batch = [];
        HashSet<(string, string)> identities = [];
        int messages = 0;
        long bytes = 0;
        while (_queue.Reader.TryPeek(out WaitingRequest? next))
        {
            messages += next.Count;
            bytes += next.Bytes;
            bool fits = batch.Count == 0 || messages <= limits.CommitMessages && bytes <= limits.CommitBytes;
            if (!fits || next.Identity is { } identity && !identities.Add(identity))
                break;
            _queue.Reader.TryRead(out _);
            batch.Add(next);
        }

        return batch;
    }

    private async Task StoreAsync(List<WaitingRequest> batch)
    {
        List<WaitingRequest> wanted = [.. batch.Where(waiting => !waiting.IsAnswered)];
        if (wanted.Count == 0)
            return;
        if (await IsFullAsync())
        {
            wanted.ForEach(waiting => waiting.Say(new IntakeAnswer.StorageFull()));
            return;
        }

        try
        {
            await CommitAsync(wanted);
        }
        catch (Exception error) when (IsOfTheBatch(error, wanted.Count))
        {
            foreach (WaitingRequest waiting in wanted)
                await StoreAloneAsync(waiting);
        }
    }

    private static bool IsOfTheBatch(Exception error, int requests) => StepErrors.BlameFor(error) switch
    {
        Blame.Message => true,
        Blame.TooSlow => requests > 1,
        _ => false,
    };

    // One bad request must not cost its neighbours: each for itself, and the bad one as it came.
    private async Task StoreAloneAsync(WaitingRequest waiting)
    {
        try
        {
            await CommitAsync([waiting]);
        }
        catch (Exception error) when (StepErrors.BlameFor(error) == Blame.Message)
        {
            LogKeptRaw(StepErrors.CodeOf(error) ?? error.GetType().Name);
            waiting.KeepRaw($"The database refused it: {StepErrors.Describe(error)}");
            await StoreRawAsync(waiting);
        }
    }

    private async Task StoreRawAsync(WaitingRequest waiting)
    {
        try
        {
            await CommitAsync([waiting]);
        }
        catch (Exception error) when (StepErrors.BlameFor(error) == Blame.Message)
        {
            LogUnstorable(StepErrors.CodeOf(error) ?? error.GetType().Name);
            waiting.Say(new IntakeAnswer.Unstorable(StepErrors.Describe(error)));
        }
    }

    private async Task CommitAsync(List<WaitingRequest> requests)
    {
        IReadOnlyList<IntakeAnswer> answers = await _connection.AskAsync((connection, ct) => _statement.ExecuteAsync(connection, requests, ct));
        for (int n = 0; n < requests.Count; n++)
            requests[n].Say(answers[n]);
        _bytesSinceMeasured += requests.Sum(request => request.Bytes);
        bells.RingEach(requests.SelectMany(request => request.Messages).Select(message => message.Source).Distinct());
    }

    private async Task<bool> IsFullAsync()
    {
        TimeSpan between = gauge.Level == StorageLevel.Full ? BetweenMeasurementsWhenFull : BetweenMeasurements;
        if (time.GetElapsedTime(_measuredAt) < between && _bytesSinceMeasured < database.Options.Storage / MeasuredShare)
            return gauge.Level == StorageLevel.Full;
        (_measuredAt, _bytesSinceMeasured) = (time.GetTimestamp(), 0);
        return await _connection.AskAsync(gauge.MeasureAsync) == StorageLevel.Full;
    }

    private void Finish(List<WaitingRequest> batch)
    {
        foreach (WaitingRequest waiting in batch)
        {
            waiting.Say(new IntakeAnswer.DatabaseAway());
            Release(waiting);
        }
    }

    private async Task LeaveAsync(Exception error)
    {
        if (!_isToldAway)
            LogAway(error is PostgresException postgres ? postgres.SqlState : error.GetType().Name);
        _isToldAway = _isAway = true;
        database.Source.Clear();
        while (_queue.Reader.TryRead(out WaitingRequest? waiting))
            Finish([waiting]);
        await _connection.CloseAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nothing can be taken in: the database does not store it ({Cause}). Callers are told to come again")]
    private partial void LogAway(string cause);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database is back: callers are taken in again")]
    private partial void LogBack();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database refused a request's messages ({Cause}); they are kept as they came")]
    private partial void LogKeptRaw(string cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database refused a request in every form ({Cause})")]
    private partial void LogUnstorable(string cause);
}
