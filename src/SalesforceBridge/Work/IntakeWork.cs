using SalesforceBridge.Messaging;

namespace SalesforceBridge.Work;

/// <summary>Commits what comes over HTTP, for as long as the process runs.</summary>
internal sealed class IntakeWork(Intake intake) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => intake.RunAsync(stoppingToken);
}
