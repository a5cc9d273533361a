using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

public sealed class RouteJourneyTests
{
    private const string Update = """
        -- on:  event Order_Placed__e
        -- do:  update Order__c
        -- key: payload->>'Order_Id__c'
        select payload->>'Order_Id__c' as "Id", (payload->>'Amount__c')::numeric as "Amount__c", payload->>'Note__c' as "Note__c" from message
        """;

    private const string Upsert = """
        -- on:  event Order_Placed__e
        -- do:  upsert Order__c by External_Id__c
        -- key: payload->>'Order_Number__c'
        select payload->>'Order_Number__c' as "External_Id__c", (payload->>'Amount__c')::numeric as "Amount__c" from message
        """;

    private const string CopyToTable = """
        -- on: event Order_Placed__e
        insert into placed (order_number) select payload->>'Order_Number__c' from message
        """;

    [Fact]
    public async Task Changes_of_one_record_in_one_poll_are_made_in_order()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("order-upserted", Upsert);
        await using TestHost worker = await bridge.RunAsync();
        await HeardAsync(bridge);

        bridge.Org.PublishMany("Order_Placed__e", Enumerable.Range(1, 60).Select(n => new { Order_Number__c = $"N-{n % 3}", Amount__c = n }));

        await bridge.UntilAsync("select count(*) = 60 from bridge.outcome");
        foreach (IGrouping<string?, ReceivedWrite> order in bridge.Org.Ledger.Writes.GroupBy(write => write.Fields.GetProperty("External_Id__c").GetString()))
            order.Select(write => write.Fields.GetProperty("Amount__c").GetDecimal()).ShouldBe(Enumerable.Range(1, 60).Where(n => $"N-{n % 3}" == order.Key).Select(n => (decimal)n));
        bridge.Org.Query("select Amount__c from Order__c").Select(order => order.GetProperty("Amount__c").GetDecimal()).ShouldBe([58, 59, 60], ignoreOrder: true);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Theory]
    [InlineData("with n as (select payload->>'Order_Number__c' as number from message) insert into placed (order_number) select number from n")]
    [InlineData("insert into placed (order_number) select payload->>'Order_Number__c' from message;")]
    [InlineData("insert into placed (order_number) select payload->>'Order_Number__c' from message --")]
    [InlineData("insert into placed (order_number) select payload->>'Order_Number__c' from message; -- the end;\n")]
    [InlineData("/* first; */ with n as materialized (select * from message) insert into placed (order_number) select n.payload->>'Order_Number__c' from n ;\n-- end")]
    public async Task A_statement_runs_as_people_write_it(string sql)
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table placed (order_number text)");
        bridge.WithRoute("placed", $"-- on: event Order_Placed__e\n{sql}");
        await using TestHost worker = await bridge.RunAsync();
        await HeardAsync(bridge);

        PlaceNumbered(bridge, 1, 3);

        await bridge.UntilAsync("select array_agg(order_number order by order_number) = '{N-1,N-2,N-3}' from placed");
    }

    [Fact]
    public async Task A_route_whose_table_is_dropped_stops_without_dead_letters_and_goes_on_when_the_table_is_back()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table placed (order_number text)");
        bridge.WithRoute("placed", CopyToTable);
        await using TestHost worker = await bridge.RunAsync();
        await HeardAsync(bridge);
        PlaceNumbered(bridge, 1, 50);
        await bridge.UntilAsync("select count(*) = 50 from placed");

        await bridge.Database.ExecuteAsync("drop table placed");
        PlaceNumbered(bridge, 51, 50);

        await bridge.UntilAsync("select exists (select from bridge.cursor where name = 'route placed' and stopped like '%placed%')");
        await bridge.UntilAsync("select exists (select from bridge.alert where name = 'route placed stopped')");
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);

        await bridge.Database.ExecuteAsync("create table placed (order_number text)");
        await bridge.UntilAsync("select count(*) = 50 and min(substr(order_number, 3)::int) = 51 from placed");
        await bridge.UntilAsync("select not exists (select from bridge.alert) and not exists (select from bridge.cursor where stopped is not null)");
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task A_permission_taken_away_stops_the_lane_and_costs_no_delivery()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("order-amount", Update);
        await using TestHost worker = await bridge.RunAsync();
        await HeardAsync(bridge);
        ActiveFault hidden = bridge.Org.Faults.Add(new Fault.HiddenField("Order__c", "Note__c"));

        string[] orders = [.. Enumerable.Range(0, 300).Select(_ => bridge.Org.Create("Order__c", new { Amount__c = 1 }))];
        bridge.Org.PublishMany("Order_Placed__e", orders.Select(order => new { Order_Id__c = order, Amount__c = 2, Note__c = "seen" }));

        await bridge.UntilAsync("select exists (select from bridge.cursor where name = 'lane order-amount' and stopped like 'INVALID_FIELD%')");
        await bridge.UntilAsync("select exists (select from bridge.alert where name = 'lane order-amount stopped')");
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);

        bridge.Org.Faults.Remove(hidden.Id);
        await bridge.UntilAsync("select count(*) = 300 from bridge.outcome where error is null");
        orders.ShouldAllBe(order => NoteOf(bridge.Org.Read("Order__c", order)!.Value) == "seen");
        await bridge.UntilAsync("select not exists (select from bridge.alert) and not exists (select from bridge.cursor where stopped is not null)");
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    private static string? NoteOf(JsonElement order) => order.GetProperty("Note__c").GetString();

    private static Task HeardAsync(Bridge bridge) =>
        bridge.UntilSubscribedAsync("event Order_Placed__e");

    private static void PlaceNumbered(Bridge bridge, int first, int count) =>
        bridge.Org.PublishMany("Order_Placed__e", Enumerable.Range(first, count).Select(n => new { Order_Number__c = $"N-{n}" }));
}
