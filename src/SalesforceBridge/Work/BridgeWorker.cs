using Npgsql;
using SalesforceBridge.Budget;
using SalesforceBridge.Messaging;
using SalesforceBridge.Org;
using SalesforceBridge.Routes;
using SalesforceBridge.Schedules;
using SalesforceBridge.Sources;
using SalesforceBridge.Sources.Soql;

namespace SalesforceBridge.Work;

/// <summary>The worker's part of a process: it waits for the database and its schema, opens the routes and works until told to stop.</summary>
internal sealed partial class BridgeWorker(
    BridgeDatabase database, Cursors cursors, Bells bells, InboxLog inbox, RouteBook book, Migrations migrations, Retention retention,
    WorkerParts parts, TimeProvider time, ILoggerFactory loggers) : BackgroundService
{
    private readonly ILogger _logger = loggers.CreateLogger<BridgeWorker>();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (RouteFault fault in parts.Routes.Faults)
            LogRefused(fault.From, fault.Why);
        if (await OpenAsync(parts.Routes, stoppingToken) is not { } works)
            return;

        var worker = new Worker(database, cursors, bells, works, time, loggers.CreateLogger<Worker>());
        LogWorking(works.Count, parts.Routes.Routes.Count(route => route.Definition.Enabled));
        // What the start leaves behind would lie there for hours on an idle dyno, which has little memory.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        await Task.WhenAll(worker.RunAsync(stoppingToken), parts.Clock.RunAsync(ScheduledSource.Of(parts.Routes.Routes.Select(route => route.Definition)), stoppingToken));
    }

    private async Task<IReadOnlyList<ILeasedWork>?> OpenAsync(RouteSet routes, CancellationToken ct)
    {
        for (TimeSpan pause = database.Options.FirstPause; !ct.IsCancellationRequested; pause = Longer(pause))
        {
            try
            {
                int version = await migrations.VersionAsync(ct);
                if (version >= Migrations.Newest)
                    return await OpenWorksAsync(routes, ct);
                LogNotMigrated(version, Migrations.Newest);
            }
            catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException)
            {
                LogNoDatabase(error is PostgresException postgres ? postgres.SqlState : error.GetType().Name);
            }

            await Task.Delay(pause, time, ct).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        return null;
    }

    private async Task<IReadOnlyList<ILeasedWork>> OpenWorksAsync(RouteSet routes, CancellationToken ct)
    {
        List<ILeasedWork> works =
        [
            retention,
            .. (await book.OpenAsync(routes.Routes, routes.Unreadable, ct)).Select(work => CursorName.IsLane(work.Cursor) ? OfOrg(work) : work),
            .. SourcesOf([.. routes.Routes.Select(route => route.Definition)]),
        ];
        await cursors.EnrolAsync([.. works.Select(work => (work.Cursor, (string?)null))], ct);
        return works;
    }

    private IEnumerable<ILeasedWork> SourcesOf(IReadOnlyList<RouteDefinition> routes)
    {
        IReadOnlyList<StreamSource> streams = StreamSource.Of(routes);
        if (streams.Count > 0)
            yield return OfOrg(new OrgStreams(streams, database, cursors, inbox, parts.Storage, parts.Session, Untold(streams), time, loggers.CreateLogger<OrgStreams>()));
        IReadOnlyList<TableWatch> tables = TableWatch.Of(routes);
        if (tables.Count > 0)
            yield return new TableDrain(database, cursors, bells, parts.Storage, tables, time, loggers.CreateLogger<TableDrain>());
        RouteDefinition[] onErrors = [.. routes.Where(route => route is { Enabled: true, Source.Kind: SourceKind.HerokuConnectError })];
        if (onErrors.Length > 0)
        {
            bool tellsOld = onErrors.Any(route => route.Replay == RouteReplay.Earliest);
            yield return new HerokuConnectErrors(
                database, cursors, bells, parts.Storage, parts.HerokuConnect, tellsOld, time, loggers.CreateLogger<HerokuConnectErrors>());
        }

        foreach (SoqlSource query in SoqlSource.Of(routes))
            yield return OfOrg(Poll(query));
    }

    private OrgWork OfOrg(ILeasedWork work) => new(work, parts.Tokens, parts.Guard, bells);

    private UntoldRecords? Untold(IReadOnlyList<StreamSource> streams) => streams.Any(source => source.Channel.StartsWith("/data/", StringComparison.Ordinal))
        ? new(new UntoldChanges(database), new Gaps(database), new BackfillLog(database), parts.Calls, new Alerts(database), bells, database.Options, time, loggers.CreateLogger<UntoldRecords>())
        : null;

    private SoqlPoll Poll(SoqlSource source) => new(
        source, new SoqlPass(source, parts.Calls, database, inbox, parts.Storage, time), database, cursors, time, loggers.CreateLogger<SoqlPoll>());

    private TimeSpan Longer(TimeSpan pause) => pause * 2 < database.Options.LongestPause ? pause * 2 : database.Options.LongestPause;

    [LoggerMessage(Level = LogLevel.Information, Message = "Working: {Routes} routes, {Works} cursors to share")]
    private partial void LogWorking(int works, int routes);

    [LoggerMessage(Level = LogLevel.Error, Message = "{File} is no route that can run: {Fault}")]
    private partial void LogRefused(string file, string fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "The database's schema is at version {Version} and this program needs {Newest}: run `bridge migrate`. It is looked at again.")]
    private partial void LogNotMigrated(int version, int newest);

    [LoggerMessage(Level = LogLevel.Error, Message = "The database does not answer ({Cause}); it is tried again")]
    private partial void LogNoDatabase(string cause);
}

/// <summary>What a worker is made of besides the middle.</summary>
internal sealed record WorkerParts(
    OrgSession Session, OrgCalls Calls, BoundTokens Tokens, OrgGuard Guard, StorageGauge Storage, HerokuConnectMetrics HerokuConnect, RouteSet Routes, ScheduleClock Clock);
