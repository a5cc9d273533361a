using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

/// <summary>A field's permission is taken away while many deliveries wait, and given back later.</summary>
public sealed class PermissionJourneyTests
{
    private const int Deliveries = 10_000;

    [Theory]
    [InlineData("-- bulk: no\n", 0)]
    [InlineData("", 2)]
    public async Task Ten_thousand_deliveries_wait_for_a_fields_permission_and_none_is_a_dead_letter(string header, int jobs)
    {
        await using Bridge bridge = await Bridge.StartAsync(new SimulatorOptions());
        bridge.WithRoute("loads", $"""
            -- on: event Order_Placed__e
            -- do: create Order__c
            {header}select 'N-' || n as "External_Id__c", n as "Amount__c", 'note ' || n as "Note__c" from message, generate_series(1, (payload->>'Amount__c')::numeric::int) n
            """);
        ActiveFault hidden = bridge.Org.Faults.Add(new Fault.HiddenField("Order__c", "Note__c"));
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilSubscribedAsync("event Order_Placed__e");
        bridge.Org.Publish("Order_Placed__e", new { Amount__c = Deliveries });

        await bridge.UntilAsync("select stopped like 'INVALID_FIELD%' from bridge.cursor where name = 'lane loads'");
        await bridge.UntilAsync("select true from bridge.alert where name = 'lane loads stopped'");
        int calls = Calls(bridge);
        await bridge.UntilOrgAsync(_ => Calls(bridge) >= calls + 3);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.outbox")).ShouldBe(Deliveries);
        (await bridge.Database.ScalarAsync<long>("select (select count(*) from bridge.failure) + (select count(*) from bridge.outcome)")).ShouldBe(0);

        bridge.Org.Faults.Remove(hidden.Id);
        await bridge.UntilAsync($"select count(*) = {Deliveries} and max(attempts) = 1 from bridge.outcome where error is null");
        await bridge.UntilAsync("select not exists (select from bridge.alert) and not exists (select from bridge.cursor where stopped is not null)");

        JobJourneyTests.ShouldHold(bridge, Deliveries);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        bridge.Org.Ledger.Calls.Count(call => call.Kind is ApiCallKind.BulkCreate).ShouldBe(jobs);
    }

    private static int Calls(Bridge bridge) => bridge.Org.Ledger.Calls.Count(call => call.Kind is ApiCallKind.Create or ApiCallKind.CollectionCreate);
}
