using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;

namespace SalesforceBridge.Http;

/// <summary>
/// Runs the intake. Before its first commit the cursors of the routes exist, or a route that starts with this release would miss what came
/// before its worker.
/// </summary>
internal sealed partial class IntakeService(
    Intake intake, Migrations migrations, Cursors cursors, RouteSet routes, ILogger<IntakeService> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => intake.RunAsync(OpenAsync, stoppingToken);

    private async Task OpenAsync(CancellationToken ct)
    {
        int version = await migrations.VersionAsync(ct);
        if (version < Migrations.Newest)
        {
            LogNotMigrated(version, Migrations.Newest);
            throw new NotMigratedException();
        }

        await new RouteCursors(cursors).OpenAsync(routes.Routes, routes.Unreadable, ct);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The database's schema is at version {Version} and this program needs {Newest}; nothing is taken in until `bridge migrate` ran")]
    private partial void LogNotMigrated(int version, int newest);

    private sealed class NotMigratedException : Exception;
}
