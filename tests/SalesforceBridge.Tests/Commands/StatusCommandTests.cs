using System.Text.Json;
using SalesforceBridge.Simulator;
using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.Commands;

/// <summary>What the status says of the calls to the org.</summary>
public sealed class StatusCommandTests
{
    [Fact]
    public async Task The_status_names_who_made_how_many_calls_in_24_hours_the_most_first()
    {
        await using Bridge bridge = await Bridge.StartAsync(new SimulatorOptions { DailyApiRequests = 1000 });
        await bridge.Database.ExecuteAsync("""
            insert into bridge.api_call values
            (date_trunc('hour', now()), 'lane order-accepted', 5), (date_trunc('hour', now() - interval '20 hours'), 'lane order-accepted', 7),
            (date_trunc('hour', now() - interval '30 hours'), 'lane order-accepted', 100), (date_trunc('hour', now()), 'soql 5m: select Id from Account', 3),
            (date_trunc('hour', now()), 'taken', 50)
            """);
        (await CommandLine.RunAsync(bridge.Vars, "query", "select Id from Account")).ShouldSucceed();

        CommandLine text = (await CommandLine.RunAsync(bridge.Vars, "status")).ShouldSucceed();
        JsonElement api = (await CommandLine.RunAsync(bridge.Vars, "status", "--json")).ShouldSucceed().Json.GetProperty("api");

        text.Output.ShouldEndWith("""
            API      2 of 1000 calls in 24 hours; budget 80%; the bridge made 17
              lane order-accepted: 12
              soql 5m: select Id from Account: 3
              command query: 1
              command status: 1
            """);
        api.GetProperty("usage").GetProperty("used").GetInt64().ShouldBe(3);
        api.GetProperty("usage").GetProperty("allowed").GetInt64().ShouldBe(1000);
        api.GetProperty("toldAgo").GetDouble().ShouldBe(0);
        api.GetProperty("budget").GetString().ShouldBe("80%");
        api.GetProperty("calls").GetInt64().ShouldBe(18);
        api.GetProperty("callers").EnumerateArray().Select(caller => $"{caller.GetProperty("caller")}: {caller.GetProperty("calls")}")
            .ShouldBe(["lane order-accepted: 12", "soql 5m: select Id from Account: 3", "command status: 2", "command query: 1"]);
    }

    [Fact]
    public async Task Where_the_org_cannot_be_asked_the_status_says_what_it_said_last_and_when()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("insert into bridge.org (id, used, allowed, told_at) values ('00DSM0000000001EAA', 700, 1000, now() - interval '3 hours')");

        CommandLine text = (await CommandLine.RunAsync(bridge.Vars.With("SALESFORCE_LOGIN_URL", "http://127.0.0.1:1"), "status")).ShouldSucceed();
        JsonElement api = (await CommandLine.RunAsync(bridge.Vars.With("SALESFORCE_LOGIN_URL", "http://127.0.0.1:1").With("BRIDGE_API_BUDGET", "500"), "status", "--json"))
            .ShouldSucceed().Json.GetProperty("api");

        text.Output.ShouldEndWith("API      700 of 1000 calls in 24 hours, as it was 3 h ago; budget 80%; the bridge made 0");
        api.GetProperty("toldAgo").GetDouble().ShouldBeGreaterThan(10_000);
        api.GetProperty("budget").GetString().ShouldBe("500");
        api.GetProperty("callers").GetArrayLength().ShouldBe(0);
    }
}
