using SalesforceBridge.Messaging;

namespace SalesforceBridge.HerokuConnect;

/// <summary>Asks every minute how the mappings are, for whoever in the worker must know it. Without a key there is nobody to ask.</summary>
internal sealed partial class HerokuConnectWatch(
    HerokuConnectApi api, HerokuConnectSettings settings, HerokuConnectStates states, TimeProvider time, ILogger<HerokuConnectWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    private string? _told;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Between, time);
        try
        {
            do
                Tell(await api.AskAsync(settings, stoppingToken));
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Its answers grow old by themselves.
        }
    }

    private void Tell(HerokuConnectHealth health)
    {
        states.Tell(health.States());
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
