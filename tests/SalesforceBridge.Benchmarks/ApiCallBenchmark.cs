using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceBridge.Configuration;
using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Http;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Benchmarks;

/// <summary>What a thousand records cost: calls of the org's API, and bytes on the wire, by a worker's lane, and by a query.</summary>
internal static class ApiCallBenchmark
{
    private const int Records = 1_000;
    private const int CallsOfALane = 5;

    private static readonly (string Name, string Do, string Columns)[] Verbs =
    [
        ("updates", "update Order__c", """payload->>'Id' as "Id", 'Accepted' as "Status__c", (payload->>'Amount__c')::numeric as "Amount__c" """),
        ("creates", "create Order__c", """payload->>'Key' as "External_Id__c", 'Accepted' as "Status__c", (payload->>'Amount__c')::numeric as "Amount__c" """),
        ("upserts", "upsert Order__c by External_Id__c", """payload->>'Key' as "External_Id__c", 'Accepted' as "Status__c", (payload->>'Amount__c')::numeric as "Amount__c" """),
        ("deletes", "delete Order__c", """payload->>'Id' as "Id" """),
        ("publishes", "publish Order_Accepted__e", """payload->>'Key' as "Order__c", (payload->>'Amount__c')::numeric as "Amount__c" """),
    ];

    public static async Task RunAsync(Report report)
    {
        await using PostgresServer postgres = await PostgresServer.StartAsync([], CancellationToken.None);
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(postgres.ConnectionString("postgres") + ";Maximum Pool Size=2");
        await using OrgStub org = await OrgStub.StartAsync();
        await new Migrations(database, new BridgeSchema("bridge")).ApplyAsync(default);
        foreach ((string name, string verb, string columns) in Verbs)
        {
            await FillAsync(database, name);
            string route = $"-- on: callout {name}\n-- do: {verb}\n-- from: earliest\n-- batch: {Records}\nselect {columns}from message";
            await CountAsync(report, org, name, Records, CallsOfALane, () => DeliverAsync(postgres, database, org, name, route));
        }

        await CountAsync(report, org, "records of a query", OrgRecords.Count, 0.5, () => QueryAsync(org));
    }

    // They are all there before the worker is, so that it finds them as a backlog.
    private static Task FillAsync(NpgsqlDataSource database, string name) => ExecuteAsync(database, $$"""
        insert into bridge.inbox (source, payload)
        select 'callout {{name}}', jsonb_build_object('Id', 'a00' || lpad(n::text, 12, '0') || 'AAA', 'Key', 'order-' || n, 'Amount__c', n + 0.25) from generate_series(1, {{Records}}) n
        """);

    private static async Task CountAsync(Report report, OrgStub org, string what, int records, double most, Func<Task> run)
    {
        (long calls, long sent, long answered) = (org.Calls, org.Bytes.Sent, org.Bytes.Answered);
        await run();
        double thousands = records / (double)Records;
        double made = (org.Calls - calls) / thousands;
        report.Line($"API calls for {Records:n0} {what}", $"{made:0.#}, {(org.Bytes.Sent - sent) / thousands / 1000:n0} KB sent, {(org.Bytes.Answered - answered) / thousands / 1000:n0} KB answered",
            made <= most, $"<= {most}");
    }

    private static async Task DeliverAsync(PostgresServer postgres, NpgsqlDataSource database, OrgStub org, string name, string route)
    {
        string routes = Directory.CreateTempSubdirectory("bridge-benchmark-").FullName;
        await File.WriteAllTextAsync(Path.Combine(routes, $"{name}.sql"), route);
        using IHost worker = BridgeHost.Build(ProcessRole.Worker, Settings(postgres.Url("postgres"), org.Address, routes), new MemoryStream());
        await worker.StartAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await ScalarAsync(database, $"select count(*) from bridge.outcome where lane = '{name}' and error is null") < Records)
            await timer.WaitForNextTickAsync(limit.Token);
        await worker.StopAsync();
        Directory.Delete(routes, recursive: true);
    }

    private static async Task QueryAsync(OrgStub org)
    {
        using HttpClient http = SalesforceHttp.Create();
        using var meters = new TestMeters();
        var client = new SalesforceClient(http, new OneToken(org.Address), new SalesforceClientSettings(), meters, TimeProvider.System, NullLogger<SalesforceClient>.Instance);
        int records = 0;
        await foreach (OrgOrder _ in client.QueryAsync("select Id, Name, Amount__c from Order__c", OrgOrderJson.Default.OrgOrder, default))
            records++;
        if (records != OrgRecords.Count)
            throw new InvalidOperationException($"There were {records} records.");
    }

    private static BridgeSettings Settings(string database, Uri org, string routes)
    {
        var vars = new Dictionary<string, string>
        {
            ["DATABASE_URL"] = database,
            ["BRIDGE_ROUTES"] = routes,
            ["SALESFORCE_LOGIN_URL"] = org.ToString(),
            ["SALESFORCE_CLIENT_ID"] = "benchmark",
            ["SALESFORCE_CLIENT_SECRET"] = "benchmark",
        };
        return BridgeSettings.Read(vars) is Reading<BridgeSettings>.Valid valid ? valid.Settings : throw new InvalidOperationException("The benchmark's settings are wrong.");
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using NpgsqlCommand command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> ScalarAsync(NpgsqlDataSource database, string sql)
    {
        await using NpgsqlCommand command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
