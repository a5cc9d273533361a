using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Crashes;

[Trait("suite", "crash")]
public sealed class PauseTests(PublishedBridge published)
{
    // All that can tell that somebody wrote: how far each cursor is, and how many rows there are.
    private const string Written = """
        select concat_ws(' ', name, position) from bridge.cursor
        union all select 'inbox ' || count(*) from bridge.inbox
        union all select 'outbox ' || count(*) from bridge.outbox
        union all select 'outcome ' || count(*) from bridge.outcome
        union all select 'archive ' || sum(events) from order_archive order by 1
        """;

    /// <param name="knows">
    /// Paused for a whole lease, a worker knows by its own clock that it may have lost everything. Paused for less while the
    /// database's clock says otherwise, it still believes that it holds its cursors, and only the epoch keeps it from writing.
    /// </param>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_worker_that_was_paused_until_another_took_over_writes_nothing(bool knows)
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await using OrderFlow flow = await OrderFlow.PrepareAsync(bridge);
        await using WorkerDynos workers = await WorkerDynos.OfAsync(published, bridge);
        WorkerDyno paused = await workers.StartWorkingAsync();
        await flow.UntilHeardAsync();
        flow.Begin();
        await bridge.UntilAsync("select count(*) > 50 from bridge.outcome");

        // It is paused while a call to the org and a poll are under way, and more events come.
        bridge.Org.Faults.Add(new Fault.Delayed(FaultTarget.Api, TimeSpan.FromMilliseconds(300)) { Times = 20 });
        await bridge.UntilAsync("select exists (select from bridge.cursor where in_flight is not null)");
        await paused.Process.SignalAsync("STOP");
        WorkerDyno heir = workers.Start();
        if (!knows)
            await workers.LetLeaseRunOutAsync(paused);
        await bridge.UntilAsync($"select not exists (select from bridge.cursor where {HeldBy(paused)}) and exists (select from bridge.cursor where {HeldBy(heir)})");
        await flow.DrainAsync();
        List<string> written = await bridge.Database.ColumnAsync<string>(Written);
        int calls = bridge.Org.Ledger.Writes.Count;

        await paused.Process.SignalAsync("CONT");

        // It has noticed, and takes its share anew.
        await bridge.UntilAsync($"select exists (select from bridge.cursor where {HeldBy(paused)})");
        (await bridge.Database.ColumnAsync<string>(Written)).ShouldBe(written);

        // The database is fenced; a call that was leaving when the process was stopped leaves when it goes on, and is at most one.
        bridge.Org.Ledger.Writes.Count.ShouldBeLessThanOrEqualTo(calls + 200);
        flow.Place(200);
        FlowAccount account = await flow.EndAsync();
        paused.Process.HasEnded.ShouldBeFalse();
        // To a process that was stopped the database seemed away.
        paused.Errors.ShouldAllBe(line => line.Contains("event=database_unreachable"));
        TestContext.Current.TestOutputHelper?.WriteLine($"1 pause: {account}");
    }

    private static string HeldBy(WorkerDyno worker) => $"worker = (select id from bridge.worker where dyno = '{worker.Name}')";
}
