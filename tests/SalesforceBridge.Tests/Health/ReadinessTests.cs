using System.Text.Json;
using Npgsql;
using SalesforceBridge.Configuration;
using SalesforceBridge.Testing;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Health;

public sealed class ReadinessTests
{
    [Fact]
    public async Task The_web_is_ready_while_a_worker_is_seen_and_says_when_none_is()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithExample("order-accepted");
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using Browser browser = web.Browse();

        JsonElement alone = await ChecksAsync(browser, until: checks => StatusOf(checks, "database") == "ready");
        await using (await bridge.RunAsync())
            await ChecksAsync(browser, until: checks => StatusOf(checks, "worker") == "ready");
        JsonElement left = await ChecksAsync(browser, until: checks => StatusOf(checks, "worker") != "ready");

        alone.GetProperty("worker").GetProperty("why").GetString().ShouldBe("No worker was ever seen");
        left.GetProperty("worker").GetProperty("fix").GetString().ShouldBe("Start one: heroku ps:scale worker=1, or set BRIDGE_PROCESS=all to work in the web dyno.");
        StatusOf(left, "schema").ShouldBe("ready");
    }

    [Fact]
    public async Task One_process_that_does_all_is_ready_and_answers_200()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithExample("order-accepted");
        await using TestHost all = await bridge.RunAsync(ProcessRole.All);
        using Browser browser = all.Browse();

        await ChecksAsync(browser, until: checks => checks.EnumerateObject().All(check => StatusOf(checks, check.Name) == "ready"));

        (await browser.GetAsync("/readyz")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Tables_that_are_missing_are_told_with_the_cure()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        await using TestHost web = await TestHost.StartAsync(ProcessRole.Web, ConfigVars.Complete.With("DATABASE_URL", database.Url));
        using Browser browser = web.Browse();

        JsonElement checks = await ChecksAsync(browser, until: checks => StatusOf(checks, "database") == "ready");

        checks.GetProperty("schema").GetProperty("fix").GetString().ShouldBe("Run: bridge migrate");
    }

    [Fact]
    public async Task An_org_that_refuses_and_routes_that_do_not_run_are_told_without_names()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithExample("order-accepted").WithRoute("typo", "-- in: event Order_Placed__e\nselect 1");
        await bridge.Database.ExecuteAsync("""
            insert into bridge.alert (name, what) values ('org', 'no token for secret-user'), ('event Order_Placed__e refused', 'x'), ('change Account refused', 'of no route');
            insert into bridge.cursor (name, stopped, probe_at) values ('lane order-accepted', 'a field is missing', now());
            """);
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using Browser browser = web.Browse();

        JsonElement checks = await ChecksAsync(browser, until: checks => StatusOf(checks, "database") == "ready");
        (int status, string report) = await browser.GetAsync("/readyz");

        status.ShouldBe(503);
        checks.GetProperty("org").GetProperty("why").GetString().ShouldBe("The org refuses the bridge or cannot be reached");
        checks.GetProperty("routes").GetProperty("why").GetString().ShouldBe("3 routes, lanes or channels do not run");
        report.ShouldNotContain("secret-user");
        report.ShouldNotContain("order-accepted");
    }

    [Fact]
    public async Task While_replies_take_their_time_the_web_goes_on_seeing_how_the_bridge_is()
    {
        Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("answering", "-- on: callout slow\n-- do: reply\n-- timeout: 60s\nselect pg_advisory_xact_lock(7)::text as s from message");
        await using NpgsqlConnection held = await HoldAsync(bridge, 7);
        await using CalloutCaller apex = await CalloutCaller.OnAsync(bridge);
        await ChecksAsync(apex.Http, until: checks => StatusOf(checks, "database") == "ready");
        Task<CalloutAnswer>[] asking = [.. Enumerable.Range(0, 5).Select(_ => apex.PostAsync("{}", name: "slow"))];
        await bridge.UntilAsync("select exists (select from pg_locks where locktype = 'advisory' and not granted)");

        await bridge.Database.ExecuteAsync("insert into bridge.worker (id, dyno, version, seen_at) values (gen_random_uuid(), 'worker.1', '1', now() + interval '1 h')");
        HashSet<string?> seen = [];
        await ChecksAsync(apex.Http, until: checks =>
        {
            seen.Add(StatusOf(checks, "database"));
            return StatusOf(checks, "worker") == "ready";
        });

        seen.ShouldBe(["ready"]);
        (await apex.Http.GetAsync("/healthz")).Status.ShouldBe(200);
        asking.ShouldAllBe(answer => !answer.IsCompleted);
        await held.CloseAsync();
        (await Task.WhenAll(asking)).ShouldAllBe(answer => answer.Status == 200);
    }

    private static async Task<NpgsqlConnection> HoldAsync(Bridge bridge, int advisoryLock)
    {
        NpgsqlConnection held = new(bridge.Database.ConnectionString + ";Pooling=false");
        await held.OpenAsync(TestContext.Current.CancellationToken);
        await using var hold = new NpgsqlCommand($"select pg_advisory_lock({advisoryLock})", held);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return held;
    }

    private static string? StatusOf(JsonElement checks, string check) => checks.GetProperty(check).GetProperty("status").GetString();

    private static async Task<JsonElement> ChecksAsync(Browser browser, Func<JsonElement, bool> until)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            (_, string report) = await browser.GetAsync("/readyz");
            JsonElement checks = JsonElement.Parse(report).GetProperty("checks");
            if (until(checks))
                return checks;
            (await timer.WaitForNextTickAsync(limit.Token)).ShouldBeTrue(report);
        }
    }
}
