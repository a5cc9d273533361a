using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

/// <summary>Routes that submit records for approval.</summary>
public sealed class SubmitJourneyTests
{
    private const string Ann = "005SM0000000001";

    private const string Submit = """
        -- on: event Order_Placed__e
        -- do: submit Opportunity for approval
        select payload->>'Order_Id__c' as id, payload->>'Note__c' as comments from message
        """;

    [Fact]
    public async Task A_record_is_submitted_once()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("submitted", Submit);
        await using TestHost worker = await bridge.RunAsync();
        await HeardAsync(bridge);
        string deal = Deal(bridge, 5000);

        Place(bridge, deal, "please");
        await bridge.UntilAsync("select count(*) = 1 from bridge.outcome where error is null and org_id like '04g%'");

        bridge.Org.Ledger.ApprovalSteps.Select(step => (step.Action, step.EntityId, step.Comments)).ShouldBe([("Submit", deal, "please")]);
    }

    [Fact]
    public async Task A_record_that_is_in_process_or_in_none_is_dead_with_the_orgs_word()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("submitted", Submit);
        await using TestHost worker = await bridge.RunAsync();
        await HeardAsync(bridge);
        string small = Deal(bridge, 1), large = Deal(bridge, 5000);

        Place(bridge, large);
        Place(bridge, small);
        Place(bridge, large);
        Place(bridge, "nothing");
        bridge.Org.Publish("Order_Placed__e", new { Note__c = "of nothing at all" });

        await bridge.UntilAsync("""
            select array_agg(code order by id) = '{NO_APPLICABLE_PROCESS,ALREADY_IN_PROCESS,INVALID_CROSS_REFERENCE_KEY,INVALID_CROSS_REFERENCE_KEY}' and bool_and(state = 'dead')
            from bridge.failure
            """);
        await bridge.UntilAsync("select count(*) = 1 from bridge.outcome where error is null");
    }

    [Fact]
    public async Task Every_column_of_a_submission_arrives()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("submitted", $"""
            -- on: event Order_Placed__e
            -- do: submit Order__c for approval
            select payload->>'Order_Id__c' as "Id", 'Any_Order' as "processDefinitionNameOrId", true as "skipEntryCriteria",
                   array['{Ann}'] as "nextApproverIds" from message
            """);
        await using TestHost worker = await bridge.RunAsync();
        await HeardAsync(bridge);
        string order = bridge.Org.Create("Order__c", new { Amount__c = 1 });

        Place(bridge, order);

        await bridge.UntilAsync("select count(*) = 1 from bridge.outcome where error is null");
        bridge.Org.Ledger.ApprovalSteps.Single().EntityId.ShouldBe(order);
    }

    [Fact]
    public async Task A_submission_whose_call_broke_off_is_parked()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("submitted", Submit);
        bridge.Org.Faults.Add(new Fault.CutApiReply { Call = ApiCallKind.Approve, Times = 1 });
        await using TestHost worker = await bridge.RunAsync();
        await HeardAsync(bridge);

        Place(bridge, Deal(bridge, 5000));

        await bridge.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead' and code = 'in doubt'");
        bridge.Org.Ledger.ApprovalSteps.Count.ShouldBe(1);
    }

    private static string Deal(Bridge bridge, decimal amount) =>
        bridge.Org.Create("Opportunity", new { Name = "Deal", StageName = "Prospecting", CloseDate = "2026-12-01", Amount = amount });

    private static void Place(Bridge bridge, string record, string? note = null) =>
        bridge.Org.Publish("Order_Placed__e", new { Order_Id__c = record, Note__c = note });

    private static Task HeardAsync(Bridge bridge) =>
        bridge.UntilSubscribedAsync("event Order_Placed__e");
}
