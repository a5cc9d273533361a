using Npgsql;
using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;
using SalesforceBridge.Org;

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
        services.AddSingleton<RouteCheck>();
        services.AddSingleton<StorageGauge>();
    }

    /// <summary>Adds what runs routes, lanes and streams. Every handler class of this program is a route.</summary>
    public static void AddWorker(this IServiceCollection services, BridgeSettings settings)
    {
        services.AddSingleton<RouteBook>();
        services.AddSingleton<Retention>();
        services.AddSingleton(provider => new WorkerParts(
            settings, provider.GetRequiredService<OrgSession>(), provider.GetRequiredService<StorageGauge>(), provider.GetServices<IRouteHandler>()));
        foreach (Type handler in typeof(WorkServices).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IRouteHandler))))
            services.AddSingleton(typeof(IRouteHandler), handler);
        services.AddHostedService<BridgeWorker>();
    }
}
