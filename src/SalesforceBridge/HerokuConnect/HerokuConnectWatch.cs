namespace SalesforceBridge.HerokuConnect;

/// <summary>Asks every minute how the mappings are, so that a reload is known as one. Without a key there is nobody to ask.</summary>
internal sealed partial class HerokuConnectWatch(
    HerokuConnectApi api, HerokuConnectSettings settings, HerokuConnectReloads reloads, TimeProvider time, ILogger<HerokuConnectWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    // Two answers may fail to come.
    private static readonly TimeSpan Valid = 3 * Between;

    private string? _told;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Between, time);
        try
        {
            do
            {
                HerokuConnectHealth health = await api.AskAsync(settings, stoppingToken);
                Tell(health);
                await reloads.FollowAsync(health.States(), Valid, stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A reload that goes on is over by itself when nobody speaks of it.
        }
    }

    private void Tell(HerokuConnectHealth health)
    {
        string faults = string.Join("; ", health.Faults);
        if (faults == _told)
            return;
        _told = faults;
        if (faults.Length > 0)
            LogUnknown(faults);
        else
            LogKnown(health.Connections.Count);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Heroku Connect does not tell how it is: {Why}")]
    private partial void LogUnknown(string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Heroku Connect tells how its {Count} connections are")]
    private partial void LogKnown(int count);
}
