using Npgsql;
using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Health;

/// <summary>
/// Asks the database every few seconds whether it is there, and what it says of the bridge. A process without a database
/// stays up and keeps trying. Where there is an intake, it is asked on its connection: a reply may hold the only other one for a while.
/// </summary>
internal sealed partial class DatabaseProbe(
    BridgeDatabase database, DatabaseSettings settings, TimeProvider time, ILogger<DatabaseProbe> logger, Intake? intake = null) : BackgroundService, IReadinessCheck
{
    // Often at first: whoever waits for a new dyno waits for this.
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private Vitals? _vitals;
    private Readiness _current = new Readiness.Degraded("The database was not asked yet", "Wait a second.");

    public string Name => "database";

    public Readiness Current => Volatile.Read(ref _current);

    /// <summary>What the database said of the bridge when it was asked last; null while it does not answer.</summary>
    public Vitals? Vitals => Volatile.Read(ref _vitals);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(FirstInterval, time);
        do
        {
            Note(await AskAsync(stoppingToken));
            timer.Period = timer.Period * 2 < LongestInterval ? timer.Period * 2 : LongestInterval;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<DatabaseProblem?> AskAsync(CancellationToken stopping)
    {
        using var limit = new Deadline(Patience, time, stopping);
        try
        {
            Volatile.Write(ref _vitals, await ReadAsync(limit.Token));
            return null;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return DatabaseProblem.Of(new TimeoutException());
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return DatabaseProblem.Of(error);
        }
    }

    private async Task<Vitals> ReadAsync(CancellationToken ct)
    {
        if (intake is not null && await intake.VitalsAsync(ct) is { } vitals)
            return vitals;
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await Vitals.ReadAsync(connection, database.Schema, ct);
    }

    // One line when it changes, not one for every try.
    private void Note(DatabaseProblem? problem)
    {
        if (problem is not null)
            Volatile.Write(ref _vitals, null);
        Readiness found = problem is null ? new Readiness.Ready() : new Readiness.Degraded($"The database {problem.Why}", problem.Fix);
        if (found == Current)
            return;
        Volatile.Write(ref _current, found);
        if (problem is null)
            DatabaseReachable(settings.Url.Address);
        else
            DatabaseUnreachable(settings.Url.Address, problem.Why, problem.Fix);
    }

    [LoggerMessage(LogLevel.Information, "The database {Database} is reachable.")]
    private partial void DatabaseReachable(string database);

    [LoggerMessage(LogLevel.Error, "The database {Database} {Why}. {Fix} It is tried again every few seconds.")]
    private partial void DatabaseUnreachable(string database, string why, string fix);
}
