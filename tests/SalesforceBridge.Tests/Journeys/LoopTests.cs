using SalesforceBridge.Configuration;
using SalesforceBridge.Simulator;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

/// <summary>What a route changes in the org comes back as a change, which says what caused it, or as a callout, which says who.</summary>
public sealed class LoopTests
{
    private const string Stamps = """
        -- on: change Order__c
        -- do: update Order__c
        select payload->'ChangeEventHeader'->'recordIds'->>0 as "Id", 'seen ' || id as "Note__c" from message
        """;

    private const string Answers = """
        -- on: callout accounts
        -- do: update Account
        select payload->'record'->>'Id' as "Id", '0' || id as "Phone" from message
        """;

    [Fact]
    public async Task A_route_that_updates_the_record_it_hears_of_runs_one_pass()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("stamps", Stamps);
        await using TestHost worker = await RunAsync(bridge);

        string order = bridge.Org.Create("Order__c", new { Amount__c = 1 });

        await bridge.UntilAsync("select count(*) = 2 and max(id)::text = (select position from bridge.cursor where name = 'route stamps on change Order__c') from bridge.inbox");
        (await bridge.Database.ColumnAsync<string>("select concat_ws(' ', origin, hops) from bridge.inbox order by id")).ShouldBe(["0", "bridge:stamps 1"]);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.outbox")).ShouldBe(1);
        bridge.Org.Read("Order__c", order)!.Value.GetProperty("Note__c").GetString().ShouldStartWith("seen ");
    }

    [Fact]
    public async Task Two_routes_that_answer_each_others_changes_come_to_an_end()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("ping", Stamps).WithRoute("pong", Stamps.Replace("seen", "heard"));
        await using TestHost worker = await RunAsync(bridge);

        bridge.Org.Create("Order__c", new { Amount__c = 1 });

        await bridge.UntilAsync("select count(*) >= 2 from bridge.failure where code = 'refused' and error like '%a loop'");
        (await bridge.Database.ScalarAsync<int>("select max(hops)::int from bridge.outbox")).ShouldBe(9);
    }

    // The trigger runs after every insert and update, whoever caused it, so what the route does makes the org call again.
    [Fact]
    public async Task A_route_that_updates_the_record_of_a_callout_runs_one_pass_for_each_call_of_somebody_else()
    {
        await using Bridge bridge = await CallingAsync();
        bridge.WithRoute("stamps", Answers).WithRoute("hears", "-- on: callout accounts\ninsert into heard select payload->>'userId' from message");
        await using TestHost worker = await bridge.RunAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        bridge.Org.PointRule("Account_Callout", new Uri(web.Address, "callouts/accounts"));

        string account = bridge.Org.Create("Account", new { Name = "Ann's" });
        await bridge.UntilAsync("select count(*) = 2 from heard");
        bridge.Org.Update("Account", account, new { Name = "Bob's" }, asUser: "bob@example.com");
        await bridge.UntilAsync("select count(*) = 4 from heard");
        await bridge.UntilAsync("select (select max(id)::text from bridge.inbox) = (select position from bridge.cursor where name = 'route stamps on callout accounts')");

        (await bridge.Database.ColumnAsync<string>("select coalesce(origin, '-') from bridge.inbox order by id")).ShouldBe(["-", "bridge", "-", "bridge"]);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.outbox")).ShouldBe(2);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task A_route_that_wants_to_hear_of_the_bridges_own_calls_does()
    {
        await using Bridge bridge = await CallingAsync();
        bridge.WithRoute("stamps", Answers.Replace("accounts", "accounts from anyone") + "\nwhere payload->'record'->>'Phone' is null");
        await using TestHost worker = await bridge.RunAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        bridge.Org.PointRule("Account_Callout", new Uri(web.Address, "callouts/accounts"));

        bridge.Org.Create("Account", new { Name = "Ann's" }, asUser: "bridge@example.com");

        await bridge.UntilAsync("select count(*) = 1 from bridge.outcome");
    }

    private static async Task<Bridge> CallingAsync()
    {
        Bridge bridge = await Bridge.StartAsync(new SimulatorOptions
        {
            RulesYaml = $"apexTriggers:\n  - {{ name: Account_Callout, object: Account, on: [insert, update], headers: {{ X-Api-Key: {CalloutCaller.Secret} }} }}",
        });
        await bridge.Database.ExecuteAsync("create table heard (who text)");
        return bridge.WithVar("BRIDGE_CALLOUT_SECRETS", $"org={CalloutCaller.Secret}");
    }

    private static async Task<TestHost> RunAsync(Bridge bridge)
    {
        TestHost worker = await bridge.RunAsync();
        await bridge.UntilSubscribedAsync("change Order__c");
        return worker;
    }
}
