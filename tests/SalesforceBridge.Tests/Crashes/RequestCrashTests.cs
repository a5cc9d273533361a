using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;
using SalesforceBridge.Tests.Journeys;

namespace SalesforceBridge.Tests.Crashes;

/// <summary>A worker that is killed between a request and the record of its answer.</summary>
[Trait("suite", "crash")]
public sealed class RequestCrashTests(PublishedBridge published)
{
    [Fact]
    public async Task A_request_that_nobody_recorded_waits_for_a_person_and_is_told_once_and_a_redrive_sends_it_under_its_old_key()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        await using Bridge bridge = await RequestJourneyTests.StartAsync(api);
        await bridge.Database.ExecuteAsync("create table told (outcome text, code text)");
        bridge
            .WithRoute("booked", "-- on: event Order_Placed__e\n-- do: request book-keeping\nselect payload->>'Order_Number__c' as number from message")
            .WithRoute("told", "-- on: result of booked\ninsert into told select payload->>'outcome', payload->>'code' from message");
        api.Answer = (_, context) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        await using WorkerDynos workers = await WorkerDynos.OfAsync(published, bridge);
        WorkerDyno worker = await workers.StartWorkingAsync();
        await bridge.UntilSubscribedAsync("event Order_Placed__e");
        bridge.Org.PublishMany("Order_Placed__e", Enumerable.Range(0, 3).Select(n => new { Order_Number__c = $"N-{n}" }));
        await bridge.UntilAsync("select in_flight is not null from bridge.cursor where name = 'lane booked'");

        await workers.KillAsync(worker);
        api.Answer = (_, _) => Task.CompletedTask;
        await workers.StartWorkingAsync();
        await bridge.UntilAsync("select count(*) = 3 from (select from bridge.failure where code = 'in doubt' union all select from bridge.outcome) settled");
        await bridge.UntilAsync("select count(*) = 3 from told");
        (await CommandLine.RunAsync(bridge.Vars, "dead-letters", "redrive", "lane", "booked", "--all")).ShouldSucceed();
        await bridge.UntilAsync("select count(*) = 3 from bridge.outcome");
        await bridge.UntilAsync("select count(*) = 3 from told where outcome = 'delivered'");

        (await bridge.Database.ScalarAsync<bool>("select bool_and(n = 1) from (select count(*) as n from bridge.inbox where source = 'result of booked' group by dedupe_key) t")).ShouldBeTrue();
        api.Requests.Select(request => request["Idempotency-Key"]).Distinct().Count().ShouldBe(3);
    }
}
