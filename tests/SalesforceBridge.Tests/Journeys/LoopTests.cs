using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

/// <summary>What a route changes in the org comes back as a change, which says what caused it.</summary>
public sealed class LoopTests
{
    private const string Stamps = """
        -- on: change Order__c
        -- do: update Order__c
        select payload->'ChangeEventHeader'->'recordIds'->>0 as "Id", 'seen ' || id as "Note__c" from message
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

    private static async Task<TestHost> RunAsync(Bridge bridge)
    {
        TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync("select exists (select from bridge.cursor where name = 'change Order__c' and position is not null)");
        return worker;
    }
}
