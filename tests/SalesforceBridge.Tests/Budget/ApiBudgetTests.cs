using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Budget;
using SalesforceBridge.Configuration;
using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Budget;

/// <summary>The bridge takes no more of the org's calls than it may, and what has to wait for them is done later.</summary>
public sealed class ApiBudgetTests
{
    private static readonly ApiPace Quick = new()
    {
        Pause = TimeSpan.FromMilliseconds(5),
        Look = TimeSpan.FromMilliseconds(300),
        Note = TimeSpan.FromMilliseconds(50),
    };

    // What the org said is believed for longer than it takes to look at what comes of it, and than there is between two polls.
    private static readonly ApiPace Believing = Quick with { Look = TimeSpan.FromSeconds(5), MostStretch = 2 };

    private static readonly ApiCallKind[] Free = [ApiCallKind.Token, ApiCallKind.Identity, ApiCallKind.Resources, ApiCallKind.Handshake, ApiCallKind.Connect, ApiCallKind.Subscribe, ApiCallKind.Disconnect];

    [Fact]
    public async Task A_thousand_updates_cost_five_calls()
    {
        await using Bridge bridge = await SendingAsync();
        await using TestHost worker = await RunAsync(bridge);

        await OrderAsync(bridge, 1000);
        await bridge.UntilAsync("select count(*) = 1000 from bridge.outcome");

        bridge.Org.Ledger.Count(ApiCallKind.CollectionUpdate).ShouldBe(5);
        await bridge.UntilAsync("select sum(calls) = 5 from bridge.api_call where caller = 'lane sends'");
        CommandLine status = (await CommandLine.RunAsync(bridge.Vars, "status")).ShouldSucceed();
        status.Output.ShouldContain("lane sends: 5");
        status.Output.ShouldContain("budget 80%; the bridge made 6");
    }

    [Fact]
    public async Task Deliveries_wait_while_the_share_is_used_up_and_are_all_made_when_there_is_more()
    {
        await using Bridge bridge = await SendingAsync(new SimulatorOptions { DailyApiRequests = 20 }, key: "same");
        await using TestHost worker = await RunAsync(bridge, Believing);

        await OrderAsync(bridge, 40);
        await worker.LogLineAsync("Deliveries wait until calls of the last 24 hours are a day old");
        await bridge.UntilAsync("select true from bridge.alert where name = 'api budget'");
        long made = Counted(bridge);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        bridge.Org.DailyApiRequests = 1000;
        await bridge.UntilAsync("select count(*) = 40 from bridge.outcome");

        // What was heard is old after a while, and one call asks anew.
        made.ShouldBeInRange(16, 18);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        (await bridge.Database.ScalarAsync<int>("select max(attempts) from bridge.outcome")).ShouldBe(1);
        bridge.Org.Ledger.Calls.ShouldAllBe(call => call.Status < 400);
        await bridge.UntilAsync("select not exists (select from bridge.alert where name = 'api budget')");
    }

    [Fact]
    public async Task A_number_is_never_exceeded_by_all_processes_together()
    {
        await using Bridge bridge = await SendingAsync(key: "many");
        bridge.WithVar("BRIDGE_API_BUDGET", "100");
        await using TestHost one = await RunAsync(bridge);
        await using TestHost other = await RunAsync(bridge);

        await OrderAsync(bridge, 130, route: "sends");
        await OrderAsync(bridge, 130, route: "too");
        await bridge.UntilAsync("select sum(calls) = 100 from bridge.api_call where caller <> 'taken' having sum(calls) >= 100");
        await bridge.UntilAsync("select true from bridge.alert where name = 'api budget'");

        Counted(bridge).ShouldBe(100);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.outcome")).ShouldBe(100);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task A_process_that_starts_again_goes_on_counting()
    {
        await using Bridge bridge = await SendingAsync(key: "same");
        bridge.WithVar("BRIDGE_API_BUDGET", "10");
        await using (TestHost worker = await RunAsync(bridge))
        {
            await OrderAsync(bridge, 6);
            await bridge.UntilAsync("select count(*) = 6 from bridge.outcome");
        }

        (await bridge.Database.ScalarAsync<decimal>("select sum(calls) from bridge.api_call")).ShouldBe(6);
        await using TestHost again = await RunAsync(bridge);
        await OrderAsync(bridge, 6);
        await again.LogLineAsync("Deliveries wait until");

        Counted(bridge).ShouldBe(10);
    }

    [Fact]
    public async Task Calls_that_are_a_day_old_do_not_count()
    {
        await using Bridge bridge = await SendingAsync(key: "same");
        bridge.WithVar("BRIDGE_API_BUDGET", "10");
        await bridge.Database.ExecuteAsync("""
            insert into bridge.api_call values (date_trunc('hour', now() - interval '26 hours'), 'lane old', 10), (date_trunc('hour', now() - interval '23 hours'), 'lane old', 7)
            """);
        await using TestHost worker = await RunAsync(bridge);

        await OrderAsync(bridge, 5);
        await worker.LogLineAsync("Deliveries wait until");

        Counted(bridge).ShouldBe(3);
    }

    [Fact]
    public async Task A_command_refuses_with_a_sentence_before_deliveries_slow_down()
    {
        await using Bridge bridge = await SendingAsync(new SimulatorOptions { DailyApiRequests = 20 }, key: "same");
        Action<IServiceCollection> patient = services => services.AddSingleton(new ApiPace());
        await using (TestHost worker = await RunAsync(bridge))
        {
            await OrderAsync(bridge, 13);
            await bridge.UntilAsync("select count(*) = 13 from bridge.outcome");
        }

        CommandLine refused = await CommandLine.RunWithAsync(bridge.Vars, patient, "query", "select Id from Account");
        CommandLine status = (await CommandLine.RunWithAsync(bridge.Vars, patient, "status")).ShouldSucceed();
        CommandLine doctor = await CommandLine.RunWithAsync(bridge.Vars, patient, "doctor");

        refused.ShouldRefuse(
            "query failed: API_BUDGET: 13 of the 16 API calls that BRIDGE_API_BUDGET (80%) leaves to the bridge are used. Commands stop first, so that deliveries go on. " +
            "It is possible again when calls of the last 24 hours are a day old, or with a larger budget.");
        status.Output.ShouldContain("API      13 of 20 calls in 24 hours");
        doctor.Output.ShouldContain("warn  api budget: 13 of the 16 calls of 24 hours that BRIDGE_API_BUDGET (80%) allows are used, and everybody made 13 of the org's 20. Commands are refused, and polls are slower");
        Counted(bridge).ShouldBe(13);
    }

    [Fact]
    public async Task A_user_without_view_setup_learns_the_quota_from_the_header()
    {
        await using Bridge bridge = await SendingAsync(new SimulatorOptions { DailyApiRequests = 1000 });
        bridge.Org.Faults.Add(new Fault.HiddenLimits());

        CommandLine status = (await CommandLine.RunAsync(bridge.Vars, "status")).ShouldSucceed();
        CommandLine doctor = await CommandLine.RunAsync(bridge.Vars, "doctor");

        status.Output.ShouldContain("API      1 of 1000 calls in 24 hours; budget 80%");
        doctor.Output.ShouldContain("ok    api budget: 3 of the 800 calls of 24 hours that BRIDGE_API_BUDGET (80%) allows are used, and everybody made 3 of the org's 1000");
    }

    [Fact]
    public async Task A_budget_that_was_used_up_is_looked_at_with_a_question_and_not_with_a_delivery()
    {
        await using Bridge bridge = await SendingAsync(new SimulatorOptions { DailyApiRequests = 20 }, key: "same");
        await using TestHost worker = await RunAsync(bridge);

        await OrderAsync(bridge, 40);
        await UntilAskedAsync(bridge, 3);
        int made = bridge.Org.Ledger.Writes.Count;
        await UntilAskedAsync(bridge, 6);

        made.ShouldBeInRange(13, 16);
        bridge.Org.Ledger.Writes.Count.ShouldBe(made);
        await bridge.UntilAsync("select calls >= 6 from bridge.api_call where caller = 'limits'");
        bridge.Org.DailyApiRequests = 1000;
        await bridge.UntilAsync("select count(*) = 40 from bridge.outcome");
    }

    [Fact]
    public async Task An_org_that_does_not_say_with_its_answers_how_much_is_used_is_asked()
    {
        await using Bridge bridge = await SendingAsync(new SimulatorOptions { DailyApiRequests = 30 }, key: "same");
        bridge.Org.Faults.Add(new Fault.UntoldUsage());
        await using TestHost worker = await RunAsync(bridge, Believing);

        await OrderAsync(bridge, 60);
        await worker.LogLineAsync("Deliveries wait until calls of the last 24 hours are a day old");

        bridge.Org.Ledger.Count(ApiCallKind.Limits).ShouldBe(1);
        bridge.Org.Ledger.Writes.Count.ShouldBeInRange(20, 24);
        await bridge.UntilAsync("select used > 0 and allowed = 30 from bridge.org");
        await bridge.UntilAsync($"select calls = {bridge.Org.Ledger.Writes.Count} from bridge.api_call where caller = 'lane sends'");
    }

    [Fact]
    public async Task Where_nobody_may_see_the_limits_and_no_answer_tells_of_them_deliveries_go_on()
    {
        await using Bridge bridge = await SendingAsync(new SimulatorOptions { DailyApiRequests = 100 }, key: "same");
        bridge.Org.Faults.Add(new Fault.UntoldUsage());
        bridge.Org.Faults.Add(new Fault.HiddenLimits());
        await using TestHost worker = await RunAsync(bridge);

        await OrderAsync(bridge, 40);
        await bridge.UntilAsync("select count(*) = 40 from bridge.outcome");

        bridge.Org.Ledger.Count(ApiCallKind.Limits).ShouldBeGreaterThan(0);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task Polls_stretch_and_stop_and_go_on()
    {
        await using Bridge bridge = await Bridge.StartAsync(new SimulatorOptions { DailyApiRequests = 20, PollTimeout = TimeSpan.FromSeconds(2) });
        await bridge.Database.ExecuteAsync("create table told (name text)");
        bridge.WithRoute("polls", "-- on: soql 1s: select Id, Name from Account\ninsert into told select payload->'record'->>'Name' from message");
        await using TestHost worker = await RunAsync(bridge, Believing);

        await worker.LogLineAsync("waits for the org (API_BUDGET)");
        long made = Counted(bridge);
        bridge.Org.DailyApiRequests = 100_000;
        bridge.Org.Create("Account", new { Name = "late" });
        await bridge.UntilAsync("select substring(position from 'polled (.*)$')::timestamptz > now() - interval '2 s' from bridge.cursor where name like 'soql %'");

        made.ShouldBeInRange(16, 18);
        bridge.Org.Ledger.Calls.ShouldAllBe(call => call.Status < 400);
    }

    [Fact]
    public async Task A_limit_of_calls_at_one_time_is_no_limit_of_a_day()
    {
        await using Bridge bridge = await SendingAsync();
        bridge.Org.Faults.Add(new Fault.QuotaExceeded(QuotaKind.Concurrent) { Times = 3 });
        await using TestHost worker = await RunAsync(bridge);

        await OrderAsync(bridge, 10);
        await bridge.UntilAsync("select count(*) = 10 from bridge.outcome");

        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.alert where name = 'api budget'")).ShouldBe(0);
        (await bridge.Database.ScalarAsync<int>("select max(attempts) from bridge.outcome")).ShouldBe(1);
    }

    /// <param name="options">The org's.</param>
    /// <param name="key">none: 200 deliveries a call; same or many: one a call.</param>
    private static async Task<Bridge> SendingAsync(SimulatorOptions? options = null, string key = "none")
    {
        Bridge bridge = await Bridge.StartAsync(options);
        string account = bridge.Org.Create("Account", new { Name = "old" });
        string header = key == "none" ? "" : "-- key: 'same'\n";
        string rows = key == "none" ? "r.id" : $"'{account}'";
        foreach (string route in key == "many" ? ["sends", "too"] : new[] { "sends" })
        {
            bridge.WithRoute(route, $"""
                -- on: callout {route}
                -- do: update Account
                {header}select {rows} as "Id", n::text as "Name" from message, generate_series(1, (payload->>'n')::int) n{(key == "none" ? ", lateral (select ids.id from ids where ids.n = n.n) r" : "")}
                """);
        }

        if (key == "none")
            await CreateAccountsAsync(bridge);
        return bridge;
    }

    private static async Task CreateAccountsAsync(Bridge bridge)
    {
        string[] ids = bridge.Org.Change(transaction => Enumerable.Range(0, 1000).Select(n => transaction.Create("Account", new { Name = $"A{n}" })).ToArray());
        await bridge.Database.ExecuteAsync($"create table ids as select row_number() over ()::int as n, id from unnest(array['{string.Join("','", ids)}']) t(id)");
    }

    // What comes before a route has begun is not for it.
    private static async Task OrderAsync(Bridge bridge, int count, string route = "sends")
    {
        await bridge.UntilAsync($"select true from bridge.cursor where name = 'route {route} on callout {route}'");
        await bridge.StoreAsync($"callout {route}", $$"""{"n":{{count}}}""");
    }

    private static Task UntilAskedAsync(Bridge bridge, int times) => PolledOrg.UntilAsync(() => bridge.Org.Ledger.Count(ApiCallKind.Limits) >= times);

    private static Task<TestHost> RunAsync(Bridge bridge, ApiPace? pace = null) => bridge.RunAsync(ProcessRole.Worker, services => services.AddSingleton(pace ?? Quick));

    private static long Counted(Bridge bridge) => bridge.Org.Ledger.Calls.Count(call => !Free.Contains(call.Kind));
}
