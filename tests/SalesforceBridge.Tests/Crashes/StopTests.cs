using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Crashes;

/// <summary>What a dyno does on SIGTERM. Heroku starts its successor at the same time, and kills it 30 s later.</summary>
[Trait("suite", "crash")]
public sealed class StopTests(PublishedBridge published)
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan WithNothingInTheWay = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_worker_that_is_told_to_stop_in_the_middle_of_work_hands_it_over()
    {
        var chance = Chance.New();
        await using Bridge bridge = await Bridge.StartAsync();
        await using OrderFlow flow = await OrderFlow.PrepareAsync(bridge);
        await using WorkerDynos workers = await WorkerDynos.OfAsync(published, bridge);
        WorkerDyno old = await workers.StartWorkingAsync();
        await flow.UntilHeardAsync();
        flow.Begin();

        for (int deploy = 0; deploy < 3; deploy++)
        {
            await bridge.UntilAsync($"select count(*) > {deploy * 100} from bridge.outcome");
            await chance.MomentAsync(TimeSpan.Zero, TimeSpan.FromMilliseconds(300));
            WorkerDyno next = workers.Start();
            TimeSpan taken = await StopAsync(old, signals: deploy + 1);

            chance.Note($"Stopped in {taken.TotalSeconds:F2} s");
            taken.ShouldBeLessThan(WithNothingInTheWay);
            (await bridge.Database.ScalarAsync<long>($"select count(*) from bridge.worker where dyno = '{old.Name}'")).ShouldBe(0);
            long begun = TimeProvider.System.GetTimestamp();
            await bridge.UntilAsync("select not exists (select from bridge.cursor where worker is null and name in ('streams', 'lane order-accepted', 'lane order-counted', 'lane large-order-alert'))");
            chance.Note($"Its successor had everything {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:F2} s later");
            old.Errors.ShouldBeEmpty();
            old = next;
        }

        FlowAccount account = await flow.EndAsync();
        chance.Note($"3 stops: {account}");
        account.ShouldBe(new FlowAccount(flow.Events, 0, 0, 0, 0));
    }

    [Fact]
    public async Task A_worker_stops_while_the_org_hangs()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await using OrderFlow flow = await OrderFlow.PrepareAsync(bridge);
        await using WorkerDynos workers = await WorkerDynos.OfAsync(published, bridge);
        WorkerDyno worker = await workers.StartWorkingAsync();
        await flow.UntilHeardAsync();
        bridge.Org.Faults.Add(new Fault.Delayed(FaultTarget.Api, TimeSpan.FromMinutes(2)));
        flow.Place(100);
        await bridge.UntilAsync("select count(*) = 3 from bridge.cursor where in_flight is not null");

        TimeSpan taken = await StopAsync(worker, signals: 2);

        TestContext.Current.TestOutputHelper?.WriteLine($"Stopped in {taken.TotalSeconds:F2} s");
        worker.Errors.ShouldBeEmpty();
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.cursor where worker is not null")).ShouldBe(0);
        bridge.Org.Faults.Clear();
        await workers.StartWorkingAsync();
        (await flow.EndAsync()).Events.ShouldBe(100);
    }

    [Fact]
    public async Task A_worker_stops_while_the_database_is_away()
    {
        await using PostgresServer server = await PostgresServer.StartAsync(OwnServer.Settings, TestContext.Current.CancellationToken);
        await using Bridge bridge = await Bridge.StartAsync(server: server);
        await using OrderFlow flow = await OrderFlow.PrepareAsync(bridge);
        await using WorkerDynos workers = await WorkerDynos.OfAsync(published, bridge);
        WorkerDyno worker = await workers.StartWorkingAsync();
        await flow.UntilHeardAsync();
        flow.Place(500);
        await server.StopAsync(crash: true, TestContext.Current.CancellationToken);
        await worker.Process.LineWithAsync("at=warn");

        TimeSpan taken = await StopAsync(worker, signals: 1);

        TestContext.Current.TestOutputHelper?.WriteLine($"Stopped in {taken.TotalSeconds:F2} s");
        await server.LaunchAsync(TestContext.Current.CancellationToken);
        await workers.LetLeaseRunOutAsync(worker);
        await workers.StartWorkingAsync();
        (await flow.EndAsync()).Events.ShouldBe(500);
    }

    private static async Task<TimeSpan> StopAsync(WorkerDyno worker, int signals)
    {
        long begun = TimeProvider.System.GetTimestamp();
        for (int n = 0; n < signals; n++)
            await worker.Process.SignalAsync("TERM");
        (await worker.Process.EndAsync()).ShouldBe(0, worker.Process.Output);
        TimeSpan taken = TimeProvider.System.GetElapsedTime(begun);
        taken.ShouldBeLessThan(Promised);
        worker.Process.Output.ShouldContain("event=process_stopped");
        return taken;
    }
}
