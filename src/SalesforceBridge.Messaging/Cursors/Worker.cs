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
    private readonly Dictionary<string, Held> _held = [];
    private readonly Guid _id = Guid.CreateVersion7();

    private readonly string _census = $"""
        select count(*) from {database.Schema}.worker where seen_at > clock_timestamp() - $1
        """;

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
        using var beating = new CancellationTokenSource();
        Task beats = heart.RunAsync(beating.Token);
        try
        {
            await ClaimUntilStoppedAsync(heart, stopping);
        }
        finally
        {
            await EndAllAsync();
            await beating.CancelAsync();
            await beats.ContinueWith(_ => { }, TaskScheduler.Default);
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
                DropIfUnsure(heart);
                await pause.WaitAsync(stopping).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task TendAsync(Heart heart, CancellationToken ct)
    {
        DropIfUnsure(heart);
        await ForgetEndedAsync();
        if (!heart.IsSure)
            await heart.BeatAsync(ct);
        int share = await ShareAsync(ct);
        if (_held.Count > share)
            await GiveBackOneAsync();
        else if (_held.Count < share)
            await TakeAsync(share - _held.Count, ct);
    }

    private async Task<int> ShareAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        List<long> workers = await Sql.ReadLastAsync(connection, [Sql.Command(_census, database.Options.Lease)], row => row.GetInt64(0), ct);
        return (int)Math.Ceiling(works.Count / (double)Math.Max(workers[0], 1));
    }

    private async Task TakeAsync(int most, CancellationToken ct)
    {
        string[] free = [.. works.Select(work => work.Cursor).Where(cursor => !_held.ContainsKey(cursor))];
        foreach (Lease lease in await cursors.ClaimAsync(_id, free, most, ct))
        {
            ILeasedWork work = works.First(work => work.Cursor == lease.Cursor);
            var held = new Held(lease);
            held.Begin(work);
            lock (_held)
                _held[lease.Cursor] = held;
            LogTook(lease.Cursor, lease.Epoch);
        }
    }

    private async Task GiveBackOneAsync()
    {
        Held held = _held.Values.First();
        await held.StopAsync();
        await ReleaseAsync(held);
    }

    private async Task ForgetEndedAsync()
    {
        foreach (Held held in _held.Values.Where(held => held.Work.IsCompleted).ToArray())
        {
            if (held.Work.Exception?.InnerException is { } error and not (LeaseLostException or OperationCanceledException))
                LogEnded(error, held.Lease.Cursor);
            await ReleaseAsync(held);
        }
    }

    private void DropIfUnsure(Heart heart)
    {
        if (heart.IsSure || _held.Count == 0)
            return;
        LogUnsure(_held.Count);
        foreach (Held held in _held.Values)
            held.Drop();
    }

    private async Task EndAllAsync()
    {
        Held[] all = [.. _held.Values];
        await Task.WhenAll(all.Select(held => held.StopAsync()));
    }

    private async Task ReleaseAsync(Held held)
    {
        lock (_held)
            _held.Remove(held.Lease.Cursor);
        held.Dispose();
        await cursors.ReleaseAsync(held.Lease, CancellationToken.None);
    }

    private async Task LeaveAsync(Heart heart)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), time);
        try
        {
            await heart.StopAsync(limit.Token);
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            LogWaiting("leaving");
        }
    }

    private sealed class Held(Lease lease) : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly CancellationTokenSource _lost = new();

        public Lease Lease { get; private set; } = lease;

        public Task Work { get; private set; } = Task.CompletedTask;

        public void Begin(ILeasedWork work)
        {
            Lease = Lease with { Lost = _lost.Token };
            Work = Task.Run(() => work.RunAsync(Lease, _stop.Token));
        }

        public void Drop()
        {
            _lost.Cancel();
            _stop.Cancel();
        }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await Work.ContinueWith(_ => { }, TaskScheduler.Default);
        }

        public void Dispose()
        {
            _stop.Dispose();
            _lost.Dispose();
        }
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
