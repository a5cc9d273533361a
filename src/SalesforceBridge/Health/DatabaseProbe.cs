using Npgsql;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Health;

/// <summary>Asks the database every few seconds whether it is there. A process without one stays up and keeps trying.</summary>
internal sealed partial class DatabaseProbe(
    NpgsqlDataSource database, DatabaseSettings settings, TimeProvider time, ILogger<DatabaseProbe> logger) : BackgroundService, IReadinessCheck
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private Readiness _current = new Readiness.Degraded("The database was not asked yet", "Wait a second.");

    public string Name => "database";

    public Readiness Current => Volatile.Read(ref _current);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            Note(await AskAsync(stoppingToken));
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<DatabaseProblem?> AskAsync(CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, limit.Token);
        try
        {
            await using NpgsqlCommand command = database.CreateCommand("select 1");
            await command.ExecuteScalarAsync(either.Token);
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

    // One line when it changes, not one for every try.
    private void Note(DatabaseProblem? problem)
    {
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
