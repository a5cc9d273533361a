using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Takes requests over HTTP into the inbox and answers after the commit. Requests that come while a commit runs share the next one, on the one
/// connection that belongs to the intake; where the database is far away, a second one goes out meanwhile on the spare connection. What cannot be stored soon is refused at once, so that no more waits in memory than the limits say.
/// </summary>
public sealed partial class Intake(
    BridgeDatabase database, Bells bells, StorageGauge gauge, SpareConnection spare, IntakeLimits limits, TimeProvider time, ILogger<Intake> logger) : IDisposable
{
    private static readonly TimeSpan BetweenMeasurements = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenMeasurementsWhenFull = TimeSpan.FromSeconds(2);

    // Between two measurements no more comes in than a share of what is allowed.
    private const int MeasuredShare = 50;

    private readonly IntakeQueue _queue = new(limits);
    private readonly NewcomerStatement _newcomers = new(database.Schema);
    private readonly IntakeStatement _statement = new(database.Schema);
    private readonly IntakeConnection _own = new(database, limits.Patience, time);
    private readonly IntakeConnection _beside = new(database, limits.Patience, time);
    private readonly Pause _pause = new(database.Options with { LongestPause = limits.LongestPause }, time);
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
        if (!_queue.TryAdd(waiting))
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
    public Task<Vitals?> VitalsAsync(CancellationToken ct) => _own.VitalsAsync(ct);

    /// <summary>Commits what comes until told to stop, then what still waits. One call at a time.</summary>
    /// <param name="open">What must be done before the first commit; tried again until it does not throw.</param>
    /// <param name="ct">Told to stop.</param>
    public async Task RunAsync(Func<CancellationToken, Task> open, CancellationToken ct)
    {
        await using CancellationTokenRegistration closing = ct.Register(_queue.Close);
        bool isOpen = false;
        while (!_queue.IsDone)
        {
            try
            {
                if (!isOpen)
                    await open(ct);
                isOpen = true;
                await ConnectAsync();
                await ServeAllAsync();
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                await LeaveAsync(error);
                await _pause.WaitAsync(ct).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }

        await _own.CloseAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _own.Dispose();
        _beside.Dispose();
    }

    private async Task ConnectAsync()
    {
        await _own.OpenAsync();
        if (_isToldAway)
            LogBack();
        _isToldAway = _isAway = false;
        _pause.Reset();
    }

    // What fails on one connection fails for both: they are opened anew together.
    private async Task ServeAllAsync()
    {
        using var end = new CancellationTokenSource();
        Task[] serving = await _own.RoundTripAsync() > limits.FarFrom ? [ServeAsync(end.Token), ServeBesideAsync(end.Token)] : [ServeAsync(end.Token)];
        await Task.WhenAny(serving);
        await end.CancelAsync();
        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(CancellationToken end)
    {
        int answered = 0;
        for (bool isFresh = true; await _queue.WaitAsync(answered, end); isFresh = false)
            answered = await ServeOnceAsync(_own, answered, isFresh);
    }

    // While a commit is on its way to a database far away and back, nothing is done there: another one goes out meanwhile.
    private async Task ServeBesideAsync(CancellationToken end)
    {
        try
        {
            int answered = 0;
            while (await _queue.WaitAsync(answered, end))
            {
                using IDisposable turn = await spare.TakeTurnAsync(end);
                await _beside.OpenAsync();
                answered = await ServeOnceAsync(_beside, answered, isFresh: false);
                await _beside.CloseAsync();
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // It waited for its turn.
        }
    }

    private async Task<int> ServeOnceAsync(IntakeConnection connection, int answered, bool isFresh)
    {
        List<WaitingRequest> batch = _queue.Gather(answered);
        try
        {
            await StoreAsync(connection, batch);
        }
        catch (Exception error) when (!isFresh && StepErrors.EndedConnection(error))
        {
            // It went while nobody asked it anything, most likely. Who has no idempotency key could not do better than repeat it, too.
            await StoreAsync(connection, batch);
        }
        finally
        {
            batch.ForEach(waiting => waiting.Say(new IntakeAnswer.DatabaseAway()));
            _queue.End(batch);
        }

        _isAway = false;
        return batch.Count;
    }

    private async Task StoreAsync(IntakeConnection connection, List<WaitingRequest> batch)
    {
        List<WaitingRequest> wanted = [.. batch.Where(waiting => !waiting.IsAnswered)];
        if (wanted.Count == 0)
            return;
        if (await IsFullAsync(connection))
        {
            wanted.ForEach(waiting => waiting.Say(new IntakeAnswer.StorageFull()));
            return;
        }

        try
        {
            await CommitAsync(connection, wanted);
        }
        catch (Exception error) when (IsOfTheBatch(error, wanted.Count))
        {
            foreach (WaitingRequest waiting in wanted.Where(waiting => !waiting.IsAnswered))
                await StoreAloneAsync(connection, waiting);
        }
    }

    private static bool IsOfTheBatch(Exception error, int requests) => StepErrors.BlameFor(error) switch
    {
        Blame.Message => true,
        Blame.TooSlow => requests > 1,
        _ => false,
    };

    // One bad request must not cost its neighbours: each for itself, and the bad one as it came.
    private async Task StoreAloneAsync(IntakeConnection connection, WaitingRequest waiting)
    {
        try
        {
            await CommitAsync(connection, [waiting]);
        }
        catch (Exception error) when (StepErrors.BlameFor(error) == Blame.Message)
        {
            LogKeptRaw(StepErrors.CodeOf(error) ?? error.GetType().Name);
            waiting.KeepRaw($"The database refused it: {StepErrors.Describe(error)}");
            await StoreRawAsync(connection, waiting);
        }
    }

    private async Task StoreRawAsync(IntakeConnection connection, WaitingRequest waiting)
    {
        try
        {
            await CommitAsync(connection, [waiting]);
        }
        catch (Exception error) when (StepErrors.BlameFor(error) == Blame.Message)
        {
            LogUnstorable(StepErrors.CodeOf(error) ?? error.GetType().Name);
            waiting.Say(new IntakeAnswer.Unstorable(StepErrors.Describe(error)));
        }
    }

    private async Task CommitAsync(IntakeConnection connection, List<WaitingRequest> requests)
    {
        if (NewcomerStatement.Takes(requests))
        {
            Say(requests, await connection.AskAsync((to, ct) => _newcomers.ExecuteAsync(to, requests, ct)));
            requests = [.. requests.Where(request => !request.IsAnswered)];
        }

        if (requests.Count > 0)
            Say(requests, await connection.AskAsync((to, ct) => _statement.ExecuteAsync(to, requests, ct)));
    }

    private void Say(List<WaitingRequest> requests, IReadOnlyList<IntakeAnswer?> answers)
    {
        HashSet<string> stored = [];
        for (int n = 0; n < requests.Count; n++)
        {
            if (answers[n] is not { } answer)
                continue;
            requests[n].Say(answer);
            Interlocked.Add(ref _bytesSinceMeasured, requests[n].Bytes);
            stored.UnionWith(requests[n].Messages.Select(message => message.Source));
        }

        bells.RingEach(stored);
    }

    private async Task<bool> IsFullAsync(IntakeConnection connection)
    {
        TimeSpan between = gauge.Level == StorageLevel.Full ? BetweenMeasurementsWhenFull : BetweenMeasurements;
        if (time.GetElapsedTime(_measuredAt) < between && _bytesSinceMeasured < database.Options.Storage / MeasuredShare)
            return gauge.Level == StorageLevel.Full;
        (_measuredAt, _bytesSinceMeasured) = (time.GetTimestamp(), 0);
        return await connection.AskAsync(gauge.MeasureAsync) == StorageLevel.Full;
    }

    private async Task LeaveAsync(Exception error)
    {
        if (!_isToldAway)
            LogAway(error is PostgresException postgres ? postgres.SqlState : error.GetType().Name);
        _isToldAway = _isAway = true;
        database.Source.Clear();
        foreach (WaitingRequest waiting in _queue.TakeAll())
        {
            waiting.Say(new IntakeAnswer.DatabaseAway());
            _queue.Release(waiting);
        }

        await _own.CloseAsync();
        await _beside.CloseAsync();
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
