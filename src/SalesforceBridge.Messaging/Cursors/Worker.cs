using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// One process's part of the work. Any number of workers share it: each takes what nobody holds, up to its share, and
/// gives back what is beyond it; a dead one's cursors are free after a lease's time, a stopped one's at once.
/// </summary>
public sealed partial class Worker(
    BridgeDatabase database, Cursors cursors, Bells bells, IReadOnlyCollection<ILeasedWork> works, TimeProvider time, ILogger<Worker> logger)
{
    // A process is given about half a minute to stop; what has not ended by then is left to the lease.
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(20);

    private readonly Dictionary<string, HeldWork> _held = [];
    private readonly Guid _id = Guid.CreateVersion7();

    private readonly string _census = $"""
        select count(*) from {database.Schema}.worker where seen_at > clock_timestamp() - $1
        """;

    private long _workers;
    private bool _keepsAll;
    private long _lookedForLeftOvers = time.GetTimestamp();

    /// <summary>The worker's id in the <c>worker</c> table.</summary>
    public Guid Id => _id;

    /// <summary>The cursors that this worker holds now.</summary>
    public IReadOnlyCollection<string> Holding
    {
        get
        {
            lock (_held)
                return [.. _held.Keys];
        }
    }

    /// <summary>Works until it is told to stop, then ends what is under way and gives everything back.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var heart = new Heart(database, _id, bells, time, logger);
        using var stop = new Deadline(Timeout.InfiniteTimeSpan, time, stopping);
        using var beating = new CancellationTokenSource();
        Task alive = Task.WhenAll(heart.RunAsync(beating.Token), WatchAsync(beating.Token));
        try
        {
            await ClaimUntilStoppedAsync(heart, stop.Token);
        }
        finally
        {
            await EndAllAsync();
            Deadline.Cancel(beating);
            await alive.ContinueWith(_ => { }, TaskScheduler.Default);
            await LeaveAsync(heart);
        }
    }

    private async Task ClaimUntilStoppedAsync(Heart heart, CancellationToken stopping)
    {
        var pause = new Pause(database.Options, time);
        using var timer = new PeriodicTimer(database.Options.Claim, time);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await TendAsync(heart, stopping);
                pause.Reset();
                await timer.WaitForNextTickAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (StepErrors.BlameFor(error) != Blame.Message)
            {
                LogWaiting(StepErrors.CodeOf(error) ?? error.GetType().Name);
                await pause.WaitAsync(stopping).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    // Apart from the claiming, which may itself be waiting for the database just then.
    private async Task WatchAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(database.Options.Heartbeat / 2, time);
        while (await timer.WaitForNextTickAsync(ct))
            DropWhatIsUnsure();
    }

    private async Task TendAsync(Heart heart, CancellationToken ct)
    {
        await ForgetEndedAsync();
        if (!heart.IsSure)
            await heart.BeatAsync(ct);
        int share = await ShareAsync(ct);
        int working = AllHeld().Count(held => !held.IsEnding);
        if (working > share && !_keepsAll)
            await GiveBackOneAsync();
        else if (working < share)
            await TakeAsync(heart, share - working, TimeSpan.Zero, ct);
        else if (working < works.Count)
            await TakeLeftOversAsync(heart, ct);
    }

    private async Task<int> ShareAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        List<long> workers = await Sql.ReadLastAsync(connection, [Sql.Command(_census, database.Options.Lease)], row => row.GetInt64(0), ct);
        if (workers[0] != _workers)
            (_workers, _keepsAll) = (workers[0], false);
        return (int)Math.Ceiling(works.Count / (double)Math.Max(workers[0], 1));
    }

    private async Task<int> TakeAsync(Heart heart, int most, TimeSpan freeFor, CancellationToken ct)
    {
        long asked = time.GetTimestamp();
        IReadOnlyCollection<string> holding = Holding;
        string[] free = [.. works.Select(work => work.Cursor).Where(cursor => !holding.Contains(cursor))];
        IReadOnlyList<Lease> taken = await cursors.ClaimAsync(_id, free, most, freeFor, ct);
        foreach (Lease lease in taken)
        {
            var held = new HeldWork(lease with { IsSure = () => heart.IsSureSince(asked) });
            held.Begin(works.First(work => work.Cursor == lease.Cursor));
            lock (_held)
                _held[lease.Cursor] = held;
            LogTook(lease.Cursor, lease.Epoch);
        }

        return taken.Count;
    }

    // Not every worker knows every route, as while two versions run: what its share leaves to nobody this one takes and keeps.
    private async Task TakeLeftOversAsync(Heart heart, CancellationToken ct)
    {
        if (time.GetElapsedTime(_lookedForLeftOvers) < database.Options.Lease)
            return;
        _lookedForLeftOvers = time.GetTimestamp();
        if (await TakeAsync(heart, works.Count, database.Options.Lease, ct) > 0)
            _keepsAll = true;
    }

    private async Task GiveBackOneAsync()
    {
        HeldWork held = AllHeld().First(held => !held.IsEnding);
        await held.StopAsync(database.Options.Claim, time);
        if (held.Work.IsCompleted)
            await ReleaseAsync(held);
    }

    private async Task ForgetEndedAsync()
    {
        foreach (HeldWork held in AllHeld().Where(held => held.Work.IsCompleted))
        {
            if (held.Work.Exception?.InnerException is { } error and not (LeaseLostException or OperationCanceledException) && !held.IsEnding)
                LogEnded(error, held.Lease.Cursor);
            await ReleaseAsync(held);
        }
    }

    private void DropWhatIsUnsure()
    {
        HeldWork[] unsure = [.. AllHeld().Where(held => !held.IsEnding && !held.Lease.IsSure())];
        if (unsure.Length == 0)
            return;
        LogUnsure(unsure.Length);
        foreach (HeldWork held in unsure)
            held.Drop();
    }

    private Task EndAllAsync() => Task.WhenAll(AllHeld().Select(held => held.StopAsync(LongestStop, time)));

    private async Task ReleaseAsync(HeldWork held)
    {
        lock (_held)
            _held.Remove(held.Lease.Cursor);
        held.Dispose();
        await cursors.ReleaseAsync(held.Lease, CancellationToken.None);
    }

    private async Task LeaveAsync(Heart heart)
    {
        using var limit = new Deadline(TimeSpan.FromSeconds(5), time);
        try
        {
            await heart.StopAsync(limit.Token);
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            LogWaiting("leaving");
        }
    }

    private HeldWork[] AllHeld()
    {
        lock (_held)
            return [.. _held.Values];
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Took {Cursor} under epoch {Epoch}")]
    private partial void LogTook(string cursor, long epoch);

    [LoggerMessage(Level = LogLevel.Error, Message = "The work of {Cursor} ended with a fault of the bridge and begins anew")]
    private partial void LogEnded(Exception error, string cursor);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database does not answer in time, so {Count} cursors are given up before others take them")]
    private partial void LogUnsure(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The worker waits for the database ({Cause})")]
    private partial void LogWaiting(string cause);
}
