using Npgsql;
using SalesforceBridge.Configuration;
using SalesforceBridge.Health;
using SalesforceBridge.Http;
using SalesforceBridge.Logging;
using SalesforceBridge.Org;
using SalesforceBridge.Work;

namespace SalesforceBridge;

/// <summary>Puts a process together from its parts.</summary>
internal static class BridgeHost
{
    // Heroku kills 30 s after SIGTERM.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(25);

    /// <summary>
    /// A process ready to be started. <paramref name="log"/> takes its lines in the place of standard output, and
    /// <paramref name="change"/> has the last word about its parts.
    /// </summary>
    public static IHost Build(ProcessRole role, BridgeSettings settings, Stream? log = null, Action<IServiceCollection>? change = null) =>
        role == ProcessRole.Worker ? BuildWorker(settings, log, change) : BuildWeb(role, settings, log, change);

    private static IHost BuildWorker(BridgeSettings settings, Stream? log, Action<IServiceCollection>? change)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        AddCore(builder, ProcessRole.Worker, settings, log);
        change?.Invoke(builder.Services);
        return builder.Build();
    }

    private static WebApplication BuildWeb(ProcessRole role, BridgeSettings settings, Stream? log, Action<IServiceCollection>? change)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        AddCore(builder, role, settings, log);
        builder.AddWebServer(settings);
        builder.Services.AddIntake(settings);
        change?.Invoke(builder.Services);

        WebApplication web = builder.Build();
        if (settings.Dyno.IsBehindRouter)
            web.UseForwardedHeaders();
        web.MapHealth();
        web.MapCallouts();
        web.MapOutboundMessages();
        if (settings.Org.Credentials is OrgCredentials.Missing missing)
            web.MapSetupPage(missing, settings.Dyno.AppName);
        return web;
    }

    private static void AddCore(IHostApplicationBuilder builder, ProcessRole role, BridgeSettings settings, Stream? log)
    {
        builder.Logging.UseLines(settings.Log, log);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);

        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(settings.Database);
        builder.Services.AddSingleton(settings.Org.Credentials);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(settings.Database.ConnectionString(role)));

        builder.Services.AddMiddle(settings);
        builder.Services.AddRoutes(settings);
        builder.Services.AddHealth(settings.Org.Credentials);
        if (settings.Org.Credentials is not OrgCredentials.Missing)
            builder.Services.AddOrg(settings);
        if (settings.Org.Credentials is not OrgCredentials.Missing && role != ProcessRole.Web)
            builder.Services.AddWorker(settings);

        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<Announcement>(services, role));
    }
}
