using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

public sealed class JobJourneyTests
{
    // One message of 3,000 rows. Every hundredth has an empty text, which CSV cannot say, and the others what is hard to write.
    internal const string Loads = """
        -- on: event Order_Placed__e
        -- do: create Order__c
        -- retry: 3 from 10ms to 10ms
        select 'N-' || n as "External_Id__c", n as "Amount__c", case when n % 100 = 0 then '' else E'a "quoted", \n𝄞 line' end as "Note__c"
        from message, generate_series(1, (payload->>'Amount__c')::numeric::int) n
        """;

    [Fact]
    public async Task A_backlog_goes_as_a_job_with_few_calls_and_each_record_comes_about_once()
    {
        await using Bridge bridge = await StartAsync(new SimulatorOptions());

        bridge.Org.Publish("Order_Placed__e", new { Amount__c = 3000 });
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync("select count(*) = 3000 from bridge.outcome where org_id is not null");

        ShouldHold(bridge, 3000);
        ApiCallKind[] calls = [.. bridge.Org.Ledger.Calls.Select(call => call.Kind)];
        calls.Count(kind => kind is ApiCallKind.BulkCreate).ShouldBe(1);
        // One for each 400 deliveries that are looked through for those that the job left.
        calls.Count(kind => kind is ApiCallKind.Create or ApiCallKind.CollectionCreate).ShouldBeLessThan(10);
        bridge.Org.Query("select Note__c from Order__c where External_Id__c = 'N-1'").ShouldHaveSingleItem()
            .GetProperty("Note__c").GetString().ShouldBe("a \"quoted\", \n𝄞 line");
    }

    [Fact]
    public async Task What_a_job_that_fails_half_way_did_not_reach_goes_by_calls()
    {
        await using Bridge bridge = await StartAsync(new SimulatorOptions());
        bridge.Org.Faults.Add(new Fault.FailedBulkJob(1000) { Times = 1 });

        bridge.Org.Publish("Order_Placed__e", new { Amount__c = 3000 });
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync("select count(*) = 3000 from bridge.outcome where org_id is not null");

        ShouldHold(bridge, 3000);
        bridge.Org.Ledger.Calls.Count(call => call.Kind is ApiCallKind.BulkCreate).ShouldBe(1);
    }

    [Fact]
    public async Task Rows_that_the_org_does_not_take_for_a_job_go_by_calls()
    {
        await using Bridge bridge = await StartAsync(new SimulatorOptions());
        bridge.Org.Faults.Add(new Fault.RefusedCall(413, "EXCEEDED_MAX_SIZE_REQUEST") { Call = ApiCallKind.BulkUpload });

        bridge.Org.Publish("Order_Placed__e", new { Amount__c = 3000 });
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync("select count(*) = 3000 from bridge.outcome where org_id is not null");

        ShouldHold(bridge, 3000);
        bridge.Org.Ledger.Calls.Count(call => call.Kind is ApiCallKind.BulkCreate).ShouldBe(1);
    }

    [Fact]
    public async Task A_row_that_the_org_refuses_in_a_job_is_a_dead_letter_with_its_code()
    {
        await using Bridge bridge = await StartAsync(new SimulatorOptions());
        bridge.WithRoute("loads", Loads.Replace("n as \"Amount__c\"", "n - 10 as \"Amount__c\""));

        bridge.Org.Publish("Order_Placed__e", new { Amount__c = 3000 });
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync("select count(*) = 2991 from bridge.outcome");

        (await bridge.Database.ColumnAsync<string>("select distinct code || ' ' || state from bridge.failure")).ShouldBe(["FIELD_CUSTOM_VALIDATION_EXCEPTION dead"]);
        ShouldHold(bridge, 2991);
    }

    internal static async Task<Bridge> StartAsync(SimulatorOptions options)
    {
        Bridge bridge = await Bridge.StartAsync(options);
        bridge.WithRoute("loads", Loads);
        await using TestHost first = await bridge.RunAsync();
        await bridge.UntilSubscribedAsync("event Order_Placed__e");
        return bridge;
    }

    internal static void ShouldHold(Bridge bridge, int orders)
    {
        string?[] ids = [.. bridge.Org.Query("select External_Id__c from Order__c").Select(order => order.GetProperty("External_Id__c").GetString())];
        ids.Length.ShouldBe(orders);
        ids.ShouldBeUnique();
    }
}
