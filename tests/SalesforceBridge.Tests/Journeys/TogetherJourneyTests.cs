using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

public sealed class TogetherJourneyTests
{
    private const string Lines = """
        -- on: event Order_Placed__e
        -- do: create Order__c
        -- together: yes
        -- retry: 2 from 10ms to 10ms
        select (payload->>'Order_Number__c') || '/' || n as "External_Id__c", 3 - n as "Amount__c" from message, generate_series(1, (payload->>'Amount__c')::numeric::int) n
        """;

    [Fact]
    public async Task If_one_row_of_a_message_is_refused_none_of_it_is_saved_and_other_messages_are()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("lines", Lines);
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilSubscribedAsync("event Order_Placed__e");

        // The fourth row of the second would be negative.
        bridge.Org.PublishMany("Order_Placed__e", [new { Order_Number__c = "A", Amount__c = 3 }, new { Order_Number__c = "B", Amount__c = 4 }, new { Order_Number__c = "C", Amount__c = 2 }]);
        await bridge.UntilAsync("select count(*) = 5 from bridge.outcome");
        await bridge.UntilAsync("select count(*) = 4 from bridge.failure where state = 'dead'");

        Saved(bridge).ShouldBe(["A/1", "A/2", "A/3", "C/1", "C/2"]);
        (await bridge.Database.ColumnAsync<string>("select code from bridge.failure order by id")).ShouldBe(
            ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "ALL_OR_NONE_OPERATION_ROLLED_BACK", "ALL_OR_NONE_OPERATION_ROLLED_BACK", "FIELD_CUSTOM_VALIDATION_EXCEPTION"]);

        await bridge.Database.ExecuteAsync("update bridge.outbox set body = body || '{\"Amount__c\": 1}' where body->>'External_Id__c' = 'B/4'");
        (await CommandLine.RunAsync(bridge.Vars, "dead-letters", "redrive", "lane", "lines", $"{await bridge.Database.ScalarAsync<long>("select min(id) from bridge.failure")}")).ShouldSucceed();
        await bridge.UntilAsync("select count(*) = 9 from bridge.outcome");
        Saved(bridge).ShouldBe(["A/1", "A/2", "A/3", "B/1", "B/2", "B/3", "B/4", "C/1", "C/2"]);
    }

    private static IEnumerable<string?> Saved(Bridge bridge) =>
        bridge.Org.Query("select External_Id__c from Order__c order by External_Id__c").Select(order => order.GetProperty("External_Id__c").GetString());
}
