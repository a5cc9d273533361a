using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;
using SalesforceBridge.Org;
using SalesforceBridge.Routes;
using SalesforceBridge.Sources;

namespace SalesforceBridge.Health;

/// <summary>Whether a part of the bridge works, as the database says: also of other processes than this one.</summary>
internal sealed class BridgeReadiness(string name, DatabaseProbe probe, Func<Vitals, Readiness> judge) : IReadinessCheck
{
    private static readonly Readiness Unknown = new Readiness.Degraded("Nobody knows while the database cannot be asked", "See the check `database`.");

    public string Name => name;

    public Readiness Current => probe.Vitals is { } vitals ? judge(vitals) : Unknown;
}

/// <summary>The judgements behind <c>/readyz</c>. They name no route, host or value: anybody may read them.</summary>
internal static class BridgeJudgements
{
    private static readonly Readiness Ready = new Readiness.Ready();

    /// <summary>Adds the checks. Until the credentials are complete there is no work whose state could be told.</summary>
    public static void AddHealth(this IServiceCollection services, OrgCredentials credentials)
    {
        services.AddSingleton<DatabaseProbe>();
        services.AddHostedService(provider => provider.GetRequiredService<DatabaseProbe>());
        services.AddSingleton<IReadinessCheck>(provider => provider.GetRequiredService<DatabaseProbe>());
        services.AddSingleton<IReadinessCheck, OrgSetup>();
        if (credentials is OrgCredentials.Missing)
            return;
        services.AddCheck("schema", (_, vitals) => Schema(vitals));
        services.AddCheck("worker", (provider, vitals) => Worker(vitals, provider.GetRequiredService<MessagingOptions>()));
        services.AddCheck("org", (_, vitals) => Org(vitals));
        services.AddCheck("routes", (provider, vitals) => Routes(vitals, provider.GetRequiredService<RouteSet>()));
    }

    public static Readiness Schema(Vitals vitals) => vitals.Version >= Migrations.Newest
        ? Ready
        : new Readiness.Degraded("The bridge's tables are missing or older than this program", "Run: bridge migrate");

    public static Readiness Worker(Vitals vitals, MessagingOptions options) => vitals.SecondsSinceWorker < options.Lease.TotalSeconds
        ? Ready
        : new Readiness.Degraded(
            vitals.SecondsSinceWorker is { } seconds ? $"No worker was seen for {Ages.Of(TimeSpan.FromSeconds(seconds))}" : "No worker was ever seen",
            "Start one: heroku ps:scale worker=1, or set BRIDGE_PROCESS=all to work in the web dyno.");

    public static Readiness Org(Vitals vitals) => vitals.Alerts switch
    {
        var alerts when alerts.Contains(OrgGuard.AlertName) => new Readiness.Degraded(
            "The credentials are for another org than the one that this database belongs to", "Correct them, or run: bridge org rebind"),
        var alerts when alerts.Contains(StreamAlerts.OrgAlert) => new Readiness.Degraded("The org refuses the bridge or cannot be reached", "See why: bridge doctor"),
        _ => Ready,
    };

    public static Readiness Routes(Vitals vitals, RouteSet routes)
    {
        HashSet<string> channels = [.. routes.Routes.Where(route => route.Definition.Enabled).Select(route => $"{route.Definition.Source} refused")];
        int refused = routes.Faults.Select(fault => fault.From).Distinct().Count();
        int troubled = vitals.Stopped.Concat(vitals.Alerts.Where(channels.Contains)).Distinct().Count();
        return refused + troubled == 0
            ? Ready
            : new Readiness.Degraded($"{refused + troubled} routes, lanes or channels do not run", "See which and why: bridge routes list, bridge routes check");
    }

    private static void AddCheck(this IServiceCollection services, string name, Func<IServiceProvider, Vitals, Readiness> judge) =>
        services.AddSingleton<IReadinessCheck>(provider =>
            new BridgeReadiness(name, provider.GetRequiredService<DatabaseProbe>(), vitals => judge(provider, vitals)));
}
