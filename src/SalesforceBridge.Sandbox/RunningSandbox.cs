using System.Net;
using System.Net.Sockets;
using Npgsql;
using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.HerokuConnect;

namespace SalesforceBridge.Sandbox;

/// <summary>An org, a database, and the bridge between them in a process of its own, until it is disposed.</summary>
internal sealed class RunningSandbox : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);
    private static readonly string[] Channels = ["/event/Order_Placed__e", "/data/AccountChangeEvent"];

    // A real org waits half a minute before it sends again; here a killed worker is back before Apex gives up.
    private const double RetrySpeed = 30;

    private readonly string _folder;
    private readonly OrgRules _rules;

    private RunningSandbox(
        SimulatedOrg org, OrgRules rules, SandboxDatabase database, HerokuConnectStandIn herokuConnect, string routesFolder, Action<string> tell, TimeProvider time)
    {
        (Org, _rules, Database, HerokuConnect, RoutesFolder) = (org, rules, database, herokuConnect, routesFolder);
        _folder = Directory.CreateTempSubdirectory("bridge-sandbox-").FullName;
        Uri bridge = new($"http://127.0.0.1:{FreePort()}");
        ReadyUrl = new Uri(bridge, "readyz");
        rules.Point(org, bridge);
        Worker = new WorkerProcess(Vars(bridge.Port), Path.Combine(_folder, "worker.log"), tell, time);
    }

    public SimulatedOrg Org { get; }

    public SandboxDatabase Database { get; }

    /// <summary>What keeps the org's contacts and the app's alike.</summary>
    public HerokuConnectStandIn HerokuConnect { get; }

    public WorkerProcess Worker { get; }

    public string RoutesFolder { get; }

    /// <summary>Where the bridge says how it is.</summary>
    public Uri ReadyUrl { get; }

    /// <summary>Starts everything, and waits until the bridge listens to the org.</summary>
    /// <param name="environment"><c>DATABASE_URL</c> and <c>BRIDGE_ROUTES</c> are read; both may be missing.</param>
    /// <param name="tell">Hears in sentences what happens to the worker.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">Something is missing here; the message says what to do.</exception>
    public static async Task<RunningSandbox> StartAsync(
        IReadOnlyDictionary<string, string> environment, Action<string> tell, TimeProvider time, CancellationToken ct)
    {
        string routes = RouteFiles.Find(environment.GetValueOrDefault("BRIDGE_ROUTES"));
        SandboxDatabase database = await SandboxDatabase.OpenAsync(environment.GetValueOrDefault("DATABASE_URL"), ct);
        var rules = new OrgRules();
        SimulatedOrg org = await SimulatedOrg.StartAsync(new SimulatorOptions { TimeProvider = time, RulesYaml = rules.Yaml, RetrySpeed = RetrySpeed }, ct);
        HerokuConnectStandIn herokuConnect = await SyncedContacts.StartAsync(org, database, ct);
        var sandbox = new RunningSandbox(org, rules, database, herokuConnect, routes, tell, time);
        try
        {
            await sandbox.WhenListeningAsync(ct);
            return sandbox;
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends everything in order, the worker first, since it says goodbye to the others.</summary>
    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await HerokuConnect.DisposeAsync();
        await Org.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task WhenListeningAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(StartLimit);
        try
        {
            foreach (string channel in Channels)
                await Org.WhenSubscribedAsync(channel, limit.Token);
            await WhenWatchingAsync(limit.Token);
        }
        catch (OperationCanceledException late) when (!ct.IsCancellationRequested)
        {
            string log = await File.ReadAllTextAsync(Worker.LogFile, ct);
            throw new InvalidOperationException($"The worker did not come to listen to the org within {StartLimit.TotalSeconds} s. It says:\n{log}", late);
        }
    }

    // What happened to a table before its triggers stood is no message, and neither is an error from before the first look at the log.
    private async Task WhenWatchingAsync(CancellationToken ct)
    {
        await using NpgsqlCommand watched = Database.Source.CreateCommand(
            $"""
            select exists (select from {Database.Schema}.watch where source = 'table {SandboxDatabase.SyncedSchema}.contact' and due is null)
               and exists (select from {Database.Schema}.cursor where name = 'connect-error' and position is not null)
            """);
        using var timer = new PeriodicTimer(Glance, TimeProvider.System);
        while (await watched.ExecuteScalarAsync(ct) is not true)
            await timer.WaitForNextTickAsync(ct);
    }

    private Dictionary<string, string> Vars(int port) => new()
    {
        ["DATABASE_URL"] = Database.Url,
        ["BRIDGE_SCHEMA"] = Database.Schema,
        ["BRIDGE_ROUTES"] = RoutesFolder,
        ["SALESFORCE_LOGIN_URL"] = Org.Url.ToString(),
        ["SALESFORCE_CLIENT_ID"] = "sandbox-consumer-key",
        ["SALESFORCE_CLIENT_SECRET"] = "sandbox-consumer-secret",
        ["PORT"] = $"{port}",
        ["BRIDGE_CALLOUT_SECRETS"] = _rules.CalloutSecrets,
    };

    // A port of its own and not just any: the bridge has the same address after it was killed.
    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
