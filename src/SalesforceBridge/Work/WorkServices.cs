using Npgsql;
using SalesforceBridge.Configuration;
using SalesforceBridge.Destinations.Requests;
using SalesforceBridge.HerokuConnect;
using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;
using SalesforceBridge.Schedules;

namespace SalesforceBridge.Work;

/// <summary>The durable middle's part of a process, and the worker's.</summary>
internal static class WorkServices
{
    /// <summary>Adds what reads and writes the bridge's tables.</summary>
    public static void AddMiddle(this IServiceCollection services, BridgeSettings settings)
    {
        services.AddMetrics();
        services.AddSingleton(new MessagingOptions
        {
            Schema = settings.Database.Schema,
            Dyno = settings.Dyno.Dyno ?? Environment.MachineName,
            Version = settings.Dyno.Release ?? "",
            Retention = settings.Retention,
            Storage = settings.Storage,
        });
        services.AddSingleton(provider => new BridgeDatabase(provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<MessagingOptions>()));
        services.AddSingleton(provider => new Migrations(provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<BridgeDatabase>().Schema));
        services.AddSingleton<Bells>();
        services.AddSingleton<Cursors>();
        services.AddSingleton<InboxLog>();
        services.AddSingleton<BackfillLog>();
        services.AddSingleton<OrgBinding>();
        services.AddSingleton<RouteCheck>();
        services.AddSingleton<TableCheck>();
        services.AddSingleton<HerokuConnectCheck>();
        services.AddKeyedSingleton(HerokuConnectApi.Http, (_, _) => HerokuConnectApi.CreateClient());
        services.AddSingleton<HerokuConnectApi>();
        services.AddSingleton<StorageGauge>();
        services.AddSingleton(new CircuitTimes());
        services.AddSingleton(provider => new RequestApis(settings.Requests, provider.GetRequiredService<CircuitTimes>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new CallerTokens(
            provider.GetRequiredService<BridgeDatabase>(), settings.EncryptionKey is { } key ? new CallerSeal(key.Reveal()) : null));
    }

    /// <summary>Adds the routes. Every handler class of this program is one; the bridge's own are in the set already.</summary>
    public static void AddRoutes(this IServiceCollection services, BridgeSettings settings)
    {
        foreach (Type handler in typeof(WorkServices).Assembly.GetTypes().Where(type =>
            type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IRouteHandler)) && type != typeof(PublishRoute)))
            services.AddSingleton(typeof(IRouteHandler), handler);
        services.AddSingleton(provider => RouteSet.Read(
            settings.RoutesFolder, provider.GetServices<IRouteHandler>(), hasKey: settings.EncryptionKey is not null, [.. settings.Requests.Select(api => api.Name)]));
    }

    /// <summary>Adds what runs routes, lanes, streams and schedules.</summary>
    public static void AddWorker(this IServiceCollection services, BridgeSettings settings)
    {
        services.AddSingleton<RouteBook>();
        services.AddSingleton<Retention>();
        services.AddSingleton<ScheduleFires>();
        services.AddSingleton<ScheduleClock>();
        services.AddSingleton<HerokuConnectMetrics>();
        services.AddSingleton<WorkerParts>();
        services.AddHostedService<BridgeWorker>();
        services.AddSingleton<TableReloads>();
        services.AddSingleton<HerokuConnectReloads>();
        if (settings.HerokuConnect is { } connect)
            services.AddHostedService(provider => ActivatorUtilities.CreateInstance<HerokuConnectWatch>(provider, connect));
    }
}
