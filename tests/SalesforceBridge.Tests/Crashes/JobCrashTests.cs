using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;
using SalesforceBridge.Tests.Journeys;

namespace SalesforceBridge.Tests.Crashes;

/// <summary>A worker that is killed while a job of its lane is under way in the org.</summary>
[Trait("suite", "crash")]
public sealed class JobCrashTests(PublishedBridge published)
{
    [Fact]
    public async Task A_job_outlives_the_worker_that_sent_it_and_no_record_comes_about_twice()
    {
        await using Bridge bridge = await JobJourneyTests.StartAsync(new SimulatorOptions { BulkPace = TimeSpan.FromSeconds(2) });
        bridge.Org.Publish("Order_Placed__e", new { Amount__c = 3000 });
        await using WorkerDynos workers = await WorkerDynos.OfAsync(published, bridge);
        WorkerDyno worker = await workers.StartWorkingAsync();
        await bridge.UntilAsync("select in_flight like 'job %' from bridge.cursor where name = 'lane loads'");

        await workers.KillAsync(worker);
        await workers.StartWorkingAsync();
        await bridge.UntilAsync("select count(*) = 3000 from bridge.outcome where org_id is not null");

        JobJourneyTests.ShouldHold(bridge, 3000);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        bridge.Org.Ledger.Calls.Count(call => call.Kind is ApiCallKind.BulkCreate).ShouldBeLessThan(3);
    }
}
