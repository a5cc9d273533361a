using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SalesforceBridge.Configuration;
using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Messaging;
using SalesforceBridge.Simulator;
using SalesforceBridge.Testing;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Drivers;

/// <summary>An org, a migrated database, and a folder of routes: what the bridge stands between.</summary>
internal sealed class Bridge : IAsyncDisposable
{
    private readonly ConfigVars _more = [];
    private readonly string _routes = Directory.CreateTempSubdirectory("bridge-routes-").FullName;

    private Bridge(SimulatedOrg org, TestDatabase database) => (Org, Database) = (org, database);

    public SimulatedOrg Org { get; }

    public TestDatabase Database { get; }

    public static MessagingOptions Quick { get; } = new()
    {
        Heartbeat = TimeSpan.FromMilliseconds(200),
        Lease = TimeSpan.FromSeconds(2),
        Claim = TimeSpan.FromMilliseconds(50),
        Idle = TimeSpan.FromMilliseconds(500),
        FirstPause = TimeSpan.FromMilliseconds(20),
        LongestPause = TimeSpan.FromMilliseconds(500),
        RouteProbe = TimeSpan.FromMilliseconds(300),
        LaneProbe = TimeSpan.FromMilliseconds(300),
    };

    public ConfigVars Vars => new(_more)
    {
        ["DATABASE_URL"] = Database.Url,
        ["SALESFORCE_LOGIN_URL"] = Org.Url.ToString(),
        ["SALESFORCE_CLIENT_ID"] = "sandbox-consumer-key",
        ["SALESFORCE_CLIENT_SECRET"] = "sandbox-consumer-secret",
        ["BRIDGE_ROUTES"] = _routes,
        ["LOG_LEVEL"] = "debug",
    };

    /// <param name="options">The org's; with short times unless given.</param>
    /// <param name="server">A server for its database; the shared one unless given.</param>
    public static async Task<Bridge> StartAsync(SimulatorOptions? options = null, PostgresServer? server = null)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        SimulatedOrg org = await SimulatedOrg.StartAsync(options ?? new SimulatorOptions { PollTimeout = TimeSpan.FromSeconds(2), AbandonTimeout = TimeSpan.FromSeconds(10) }, ct);
        TestDatabase database = server is null ? await TestDatabase.CreateAsync() : await TestDatabase.CreateAsync(server);
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(database.ConnectionString + ";Pooling=false");
        await new Migrations(source, new BridgeSchema("bridge")).ApplyAsync(ct);
        return new Bridge(org, database);
    }

    public Bridge WithRoute(string name, string text)
    {
        File.WriteAllText(Path.Combine(_routes, $"{name}.sql"), text);
        return this;
    }

    public Bridge WithVar(string name, string value)
    {
        _more[name] = value;
        return this;
    }

    /// <summary>One of the routes that come with the repository.</summary>
    public Bridge WithExample(string name) => WithRoute(name, File.ReadAllText(Repository.PathOf($"sql/routes/{name}.sql")));

    /// <summary>A process inside the test's own, with short times.</summary>
    public Task<TestHost> RunAsync(ProcessRole role = ProcessRole.Worker, Action<IServiceCollection>? change = null) => TestHost.StartAsync(role, Vars, services =>
    {
        services.AddSingleton(Quick);
        change?.Invoke(services);
    });

    /// <summary>Stores a message as any source may.</summary>
    /// <returns>Its id.</returns>
    public async Task<long> StoreAsync(string source, string payload)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using NpgsqlDataSource connections = NpgsqlDataSource.Create(Database.ConnectionString + ";Pooling=false");
        var middle = new BridgeDatabase(connections, new MessagingOptions());
        await new Cursors(middle).EnrolAsync([(source, null)], ct);
        long epoch = await Database.ScalarAsync<long>($"select epoch from bridge.cursor where name = '{source}'");
        await new InboxLog(middle, new Bells(TimeProvider.System)).AcceptAsync(
            [new SourcePosition(source, epoch, null)], [new NewMessage(source, Encoding.UTF8.GetBytes(payload))], ct);
        return await Database.ScalarAsync<long>("select max(id) from bridge.inbox");
    }

    /// <summary>Waits until it is stored that the org has subscribed a source: what is published from now on is heard.</summary>
    public Task UntilSubscribedAsync(string source) => UntilAsync($"select exists (select from bridge.cursor where name = '{source}' and position not like 'asked@%')");

    /// <summary>Waits until a query says true; no row is not true.</summary>
    public async Task UntilAsync(string sql)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        long begun = TimeProvider.System.GetTimestamp();
        while (!await Database.ScalarAsync<bool>($"select coalesce(({sql}), false)"))
        {
            if (TimeProvider.System.GetElapsedTime(begun) > TimeSpan.FromSeconds(60))
                throw new TimeoutException($"This did not come true: {sql}\n{await StateAsync()}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Where everything stands, for a test that failed.</summary>
    public async Task<string> StateAsync() => string.Join('\n', await Database.ColumnAsync<string>("""
        select concat_ws(' ', 'cursor', name, 'position', position, 'in flight', in_flight, 'epoch', epoch, 'careful', careful, 'stopped', stopped,
            'held by', (select dyno || ' seen ' || clock_timestamp() - seen_at from bridge.worker w where w.id = c.worker)) from bridge.cursor c
        union all (select concat_ws(' ', 'failure', cursor, id, key, state, attempts, next_attempt, code, error) from bridge.failure order by id limit 20)
        union all select concat_ws(' ', 'alert', name, what) from bridge.alert
        union all select concat_ws(' ', 'inbox', source, count(*), max(id)) from bridge.inbox group by source
        union all select concat_ws(' ', 'outbox', lane, count(*), max(id)) from bridge.outbox group by lane
        union all select concat_ws(' ', 'outcome', lane, count(*), max(id)) from bridge.outcome group by lane
        """));

    /// <summary>Waits until the org is as a condition says.</summary>
    public async Task UntilOrgAsync(Func<SimulatedOrg, bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await Org.WhenAsync(condition, limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Org.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(_routes, recursive: true);
    }
}
