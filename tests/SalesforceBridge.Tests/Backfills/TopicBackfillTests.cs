using System.Text.Json;
using SalesforceBridge.Simulator;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Backfills;

/// <summary>A route on a push topic is told what the topic's query finds.</summary>
public sealed class TopicBackfillTests
{
    private const string FirstPage = "order by Id limit";
    private const string Telling = "-- on: topic Mine\ninsert into told (route, id, name, payload) select 'telling', payload->>'Id', payload->>'Name', payload from message";

    [Fact]
    public async Task Records_of_the_query_are_told_to_one_route_in_the_shape_of_notifications()
    {
        await using Bridge bridge = await BridgeAsync();
        bridge.WithRoute("other", Telling.Replace("'telling'", "'other'", StringComparison.Ordinal));
        string[] accounts = Customers(bridge.Org, 3);
        bridge.Org.Create("Account", new { Name = "no customer", Type = "Partner" });
        await using TestHost worker = await RunAsync(bridge);

        JsonElement report = (await CommandLine.RunAsync(bridge.Vars, "backfill", "telling", "--json")).ShouldSucceed().Json;
        await bridge.UntilAsync("select count(*) = 3 from told");
        bridge.Org.Update("Account", accounts[1], new { Phone = "1" });
        await bridge.UntilAsync("select count(*) = 5 from told");

        (report.GetProperty("stored").GetInt32(), report.GetProperty("deleted").GetInt32(), report.GetProperty("total").GetInt32()).ShouldBe((3, 0, 3));
        (await bridge.Database.ColumnAsync<string>("select route || ' ' || name from told order by n limit 3")).ShouldBe(["telling A0", "telling A1", "telling A2"]);
        (await bridge.Database.ScalarAsync<long>($"select count(distinct payload) from told where id = '{accounts[1]}'")).ShouldBe(1);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox where for_route = 'telling' and occurred_at is not null")).ShouldBe(3);
    }

    [Fact]
    public async Task Of_a_record_that_changes_while_its_page_is_under_way_the_new_state_comes_last_and_a_deleted_one_stays_deleted()
    {
        await using Bridge bridge = await BridgeAsync();
        string[] accounts = Customers(bridge.Org, 4);
        await using TestHost worker = await RunAsync(bridge);

        CommandLine command = await CommandLine.RunWithAsync(bridge.Vars, services => OrgDetour.Replace(services, FirstPage, async () =>
        {
            bridge.Org.Update("Account", accounts[1], new { Name = "changed" });
            bridge.Org.Delete("Account", accounts[2]);
            await bridge.UntilAsync("select count(*) = 2 from bridge.inbox");
        }), "backfill", "telling", "--json");
        JsonElement report = command.ShouldSucceed().Json;
        await bridge.UntilAsync("select count(*) = 5 from told");

        (report.GetProperty("stored").GetInt32(), report.GetProperty("putOff").GetInt32()).ShouldBe((3, 2));
        (await bridge.Database.ColumnAsync<string>("select coalesce(name, 'deleted') from told order by n")).ShouldBe(["changed", "deleted", "A0", "A3", "changed"]);
    }

    [Fact]
    public async Task A_gap_is_healed_when_each_route_on_the_topic_is_through()
    {
        await using Bridge bridge = await BridgeAsync();
        string[] accounts = Customers(bridge.Org, 2);
        await using (TestHost first = await RunAsync(bridge))
        {
            bridge.Org.Update("Account", accounts[0], new { Name = "heard" });
            await bridge.UntilAsync("select count(*) = 1 from told");
        }

        bridge.Org.Update("Account", accounts[1], new { Name = "unheard" });
        bridge.Org.ForgetEventHistory();
        await using TestHost second = await bridge.RunAsync();
        await bridge.UntilAsync("select exists (select from bridge.alert where name = 'gap in topic Mine' and what like '%`bridge backfill ROUTE`%')");
        (await CommandLine.RunAsync(bridge.Vars, "backfill", "telling")).ShouldSucceed();

        await bridge.UntilAsync("select count(*) = 3 from told");
        (await bridge.Database.ColumnAsync<string>("select name from told order by n")).ShouldBe(["heard", "heard", "unheard"]);
        (await bridge.Database.ScalarAsync<string>("select healed from bridge.gap")).ShouldBe("every record was told again by `bridge backfill`; deletes were not told");
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.alert")).ShouldBe(0);
    }

    [Fact]
    public async Task Some_records_are_told_by_a_condition_beside_that_of_the_topic()
    {
        await using Bridge bridge = await BridgeAsync();
        Customers(bridge.Org, 3);
        bridge.Org.Create("Account", new { Name = "A1", Type = "Partner" });
        await using TestHost worker = await RunAsync(bridge);

        JsonElement report = (await CommandLine.RunAsync(bridge.Vars, "backfill", "telling", "--where", "Name = 'A1' or Name = 'A2'", "--json")).ShouldSucceed().Json;

        report.GetProperty("stored").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task A_topic_that_the_org_has_no_more_cannot_be_read()
    {
        await using Bridge bridge = await BridgeAsync();
        await using TestHost worker = await RunAsync(bridge);
        bridge.Org.Delete("PushTopic", bridge.Org.Query("select Id from PushTopic where Name = 'Mine'")[0].GetProperty("Id").GetString()!);

        CommandLine command = await CommandLine.RunAsync(bridge.Vars, "backfill", "telling");

        command.ShouldRefuse("The org has no PushTopic Mine, or the integration user may not see it.");
    }

    private static async Task<Bridge> BridgeAsync()
    {
        Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table told (n bigint generated always as identity, route text, id text, name text, payload jsonb)");
        bridge.Org.Create("PushTopic", new { Name = "Mine", Query = "select Id, Name, CreatedDate from Account where Type = 'Customer'", ApiVersion = 62.0, NotifyForFields = "All" });
        return bridge.WithRoute("telling", Telling);
    }

    private static string[] Customers(SimulatedOrg org, int count) =>
        [.. Enumerable.Range(0, count).Select(n => org.Create("Account", new { Name = $"A{n}", Type = "Customer" }))];

    private static async Task<TestHost> RunAsync(Bridge bridge)
    {
        TestHost worker = await bridge.RunAsync();
        // The org knows of the subscription a moment before it is stored.
        await bridge.UntilSubscribedAsync("topic Mine");
        return worker;
    }
}
