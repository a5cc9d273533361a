using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

/// <summary>Routes that start flows and actions of the org.</summary>
public sealed class InvokeJourneyTests
{
    private const string Ann = "ann@example.com", Bob = "bob@example.com";

    private const string Flow = """
        -- on: event Order_Placed__e
        -- do: invoke flow Accept_Order
        select payload->>'Order_Number__c' as "orderId", (payload->>'Amount__c')::numeric as amount from message
        """;

    private const string AsCaller = """
        -- on: callout orders
        -- do: invoke flow Accept_Order
        -- as: caller
        select payload->'record'->>'Id' as "orderId" from message
        """;

    [Fact]
    public async Task A_flow_runs_once_for_each_row()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("accepted", Flow);
        await using TestHost worker = await bridge.RunAsync();
        await HeardAsync(bridge);

        Place(bridge, [.. Enumerable.Range(1, 250).Select(n => $"N-{n} \U0001F600")]);

        await bridge.UntilAsync("select count(*) = 250 from bridge.outcome where error is null");
        bridge.Org.Ledger.ActionRuns.Select(run => run.Input.GetProperty("orderId").GetString()).ShouldBe(Enumerable.Range(1, 250).Select(n => $"N-{n} \U0001F600"));
        bridge.Org.Ledger.ActionRuns.ShouldAllBe(run => run.Action == "flow Accept_Order" && run.Input.GetProperty("amount").GetDecimal() == 5);
        bridge.Org.Ledger.Count(ApiCallKind.Invoke).ShouldBeInRange(2, 20);
        (await FailuresAsync(bridge)).ShouldBe(0);
    }

    [Theory]
    [InlineData("invoke apex OrderNumbers", "(payload->>'Amount__c')::numeric::int as number", "apex OrderNumbers", """{"number": 5}""")]
    [InlineData("invoke action chatterPost", "'hi' as text, 'me' as \"subjectNameOrId\"", "standard chatterPost", """{"text": "hi", "subjectNameOrId": "me"}""")]
    public async Task Apex_and_standard_actions_are_invoked_too(string action, string columns, string run, string input)
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("invoked", $"-- on: event Order_Placed__e\n-- do: {action}\nselect {columns} from message");
        await using TestHost worker = await bridge.RunAsync();
        await HeardAsync(bridge);

        Place(bridge, "N-1");

        await bridge.UntilAsync("select count(*) = 1 from bridge.outcome where error is null");
        ActionRun done = bridge.Org.Ledger.ActionRuns.Single();
        done.Action.ShouldBe(run);
        JsonElement.DeepEquals(done.Input, JsonElement.Parse(input)).ShouldBeTrue(done.Input.GetRawText());
    }

    [Fact]
    public async Task What_a_flow_gave_is_told_to_who_listens_for_results()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table accepted (id text, outcome text)");
        bridge.WithRoute("accepted", Flow).WithRoute("noted", """
            -- on: result of accepted
            insert into accepted select payload->'outputs'->>'acceptedId', payload->>'outcome' from message
            """);
        await using TestHost worker = await bridge.RunAsync();
        await HeardAsync(bridge);

        Place(bridge, "N-1", "broken");

        await bridge.UntilAsync("select array_agg(concat_ws(' ', id, outcome) order by outcome) = '{N-1 delivered,failed}' from accepted");
    }

    [Fact]
    public async Task An_input_that_fails_is_dead_with_its_error_and_the_others_are_delivered()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("accepted", Flow);
        await using TestHost worker = await bridge.RunAsync();
        await HeardAsync(bridge);

        Place(bridge, "N-1", "broken", "N-3");

        await bridge.UntilAsync("select count(*) = 2 from bridge.outcome where error is null");
        await bridge.UntilAsync("""
            select array_agg(concat_ws(' ', state, code, error)) = '{"dead CANNOT_EXECUTE_FLOW_TRIGGER CANNOT_EXECUTE_FLOW_TRIGGER: The order cannot be accepted."}' from bridge.failure
            """);
        bridge.Org.Ledger.ActionRuns.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_run_that_may_do_later_is_tried_again()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("accepted", Flow.Replace("-- do:", "-- retry: 3 from 10ms to 10ms\n-- do:"));
        bridge.Org.Faults.Add(new Fault.FailedAction("UNABLE_TO_LOCK_ROW") { Times = 2 });
        await using TestHost worker = await bridge.RunAsync();
        await HeardAsync(bridge);

        Place(bridge, "N-1");

        await bridge.UntilAsync("select count(*) = 1 from bridge.outcome where error is null");
        bridge.Org.Ledger.ActionRuns.Select(run => run.Error).ShouldBe(["UNABLE_TO_LOCK_ROW", "UNABLE_TO_LOCK_ROW", null]);
        (await FailuresAsync(bridge)).ShouldBe(0);
    }

    [Fact]
    public async Task A_call_that_broke_off_is_parked()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("accepted", Flow);
        bridge.Org.Faults.Add(new Fault.CutApiReply { Call = ApiCallKind.Invoke, Times = 1 });
        await using TestHost worker = await bridge.RunAsync();
        await HeardAsync(bridge);

        Place(bridge, "N-1");
        await bridge.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead' and code = 'in doubt'");
        Place(bridge, "N-2");
        await bridge.UntilAsync("select count(*) = 1 from bridge.outcome where error is null");

        bridge.Org.Ledger.ActionRuns.Select(run => run.Input.GetProperty("orderId").GetString()).ShouldBe(["N-1", "N-2"]);
    }

    [Fact]
    public async Task A_flow_that_is_not_active_stops_the_lane_until_it_is()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("accepted", Flow);
        ActiveFault missing = bridge.Org.Faults.Add(new Fault.MissingAction("Accept_Order"));
        await using TestHost worker = await bridge.RunAsync();
        await HeardAsync(bridge);

        Place(bridge, "N-1", "N-2", "N-3");

        await bridge.UntilAsync("select exists (select from bridge.cursor where name = 'lane accepted' and stopped like 'NOT_FOUND: invoke flow Accept_Order failed%')");
        await bridge.UntilAsync("select exists (select from bridge.alert where name = 'lane accepted stopped')");
        (await FailuresAsync(bridge)).ShouldBe(0);

        bridge.Org.Faults.Remove(missing.Id);
        await bridge.UntilAsync("select count(*) = 3 from bridge.outcome where error is null");
        await bridge.UntilAsync("select not exists (select from bridge.alert) and not exists (select from bridge.cursor where stopped is not null)");
        bridge.Org.Ledger.ActionRuns.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_flow_runs_as_whoever_called()
    {
        await using CalloutCaller apex = await CallersAsync();
        await using TestHost worker = await apex.Bridge.RunAsync();

        await CallAsync(apex, "a1", Ann);
        await CallAsync(apex, "a2", Bob);
        await apex.Bridge.UntilAsync("select count(*) = 2 from bridge.outcome where error is null");

        apex.Bridge.Org.Ledger.ActionRuns.Select(run => (run.User, run.Input.GetProperty("orderId").GetString())).ShouldBe([(Ann, "a1"), (Bob, "a2")]);
    }

    [Fact]
    public async Task A_flow_that_a_caller_does_not_see_is_that_callers_matter()
    {
        await using CalloutCaller apex = await CallersAsync();
        ActiveFault missing = apex.Bridge.Org.Faults.Add(new Fault.MissingAction("Accept_Order"));
        await using TestHost worker = await apex.Bridge.RunAsync();

        await CallAsync(apex, "a1", Ann);
        await apex.Bridge.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead' and code = 'NOT_FOUND' and error like 'As 005%'");
        apex.Bridge.Org.Faults.Remove(missing.Id);
        await CallAsync(apex, "a2", Bob);
        await apex.Bridge.UntilAsync("select count(*) = 1 from bridge.outcome where error is null");

        (await apex.Bridge.Database.ScalarAsync<long>("select count(*) from bridge.cursor where stopped is not null")).ShouldBe(0);
    }

    private static async Task<CalloutCaller> CallersAsync() =>
        await CalloutCaller.OnAsync((await Bridge.StartAsync()).WithRoute("accepted", AsCaller).WithVar("BRIDGE_ENCRYPTION_KEY", "a key of the test, 0123456789"));

    private static async Task CallAsync(CalloutCaller apex, string order, string user)
    {
        CalloutAnswer answer = await apex.SendAsync(CalloutCaller.Request($$"""{"Id":"{{order}}"}""")
            .With("X-Api-Key", CalloutCaller.Secret).With("X-Bridge-Session", apex.Bridge.Org.OpenSession(user)));
        answer.Status.ShouldBe(202, answer.Body);
    }

    private static void Place(Bridge bridge, params string[] orders) =>
        bridge.Org.PublishMany("Order_Placed__e", orders.Select(order => new { Order_Number__c = order, Amount__c = 5 }));

    private static Task HeardAsync(Bridge bridge) =>
        bridge.UntilSubscribedAsync("event Order_Placed__e");

    private static Task<long> FailuresAsync(Bridge bridge) => bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure");
}
