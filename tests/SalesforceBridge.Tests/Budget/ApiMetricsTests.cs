using SalesforceBridge.Simulator;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Budget;

/// <summary>The calls to the org as metrics, by who makes them.</summary>
public sealed class ApiMetricsTests
{
    [Fact]
    public async Task Calls_are_counted_by_caller_and_held_against_the_budget()
    {
        await using Bridge bridge = await Bridge.StartAsync(new SimulatorOptions { DailyApiRequests = 1000, PollTimeout = TimeSpan.FromSeconds(2) });
        using var measured = new MeasuredCalls();
        string account = bridge.Org.Create("Account", new { Name = "old" });
        bridge.WithRoute("sends", $"-- on: callout orders\n-- do: update Account\n-- key: 'same'\nselect '{account}' as \"Id\", n::text as \"Name\" from message, generate_series(1, 3) n");
        await using TestHost worker = await bridge.RunAsync(change: measured.Replace);

        await bridge.UntilAsync("select true from bridge.cursor where name = 'route sends on callout orders'");
        await bridge.StoreAsync("callout orders", "{}");
        await bridge.UntilAsync("select count(*) = 3 from bridge.outcome");
        await worker.DisposeAsync();

        measured.Of("bridge.api.").ShouldBe(["bridge.api.budget.allowed = 800", "bridge.api.budget.used = 3", "bridge.api.calls {bridge.caller: lane sends} = 3"]);
    }

    [Fact]
    public async Task Calls_that_the_budget_does_not_allow_are_counted_by_who_wanted_them()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithVar("BRIDGE_API_BUDGET", "10");
        using var measured = new MeasuredCalls();
        await bridge.Database.ExecuteAsync("insert into bridge.api_call values (date_trunc('hour', now()), 'lane sends', 9)");

        CommandLine refused = await CommandLine.RunWithAsync(bridge.Vars, measured.Replace, "query", "select Id from Account");

        refused.ExitCode.ShouldBe(1);
        measured.Of("bridge.api.").ShouldBe(["bridge.api.budget.allowed = 10", "bridge.api.budget.used = 9", "bridge.api.refusals {bridge.caller: command query} = 1"]);
    }

    [Fact]
    public async Task What_the_org_does_not_count_is_not_counted()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        using var measured = new MeasuredCalls();

        (await CommandLine.RunWithAsync(bridge.Vars, measured.Replace, "org", "show")).ShouldSucceed();

        measured.Of("bridge.api.calls").ShouldBeEmpty();
    }
}
