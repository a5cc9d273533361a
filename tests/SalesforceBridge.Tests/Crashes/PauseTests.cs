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

    // Holds the first worker back right after it has said what it is about to send.
    private const string HoldBack = """
        create function hold_back() returns trigger language plpgsql as $$
        begin if current_setting('application_name') = 'bridge worker.1' then perform pg_sleep(2); end if; return null; end $$;
        create trigger hold_back after update on bridge.cursor for each row
            when (new.name = 'lane order-counted' and new.in_flight is not null) execute function hold_back();
        """;

    [Fact]
    public async Task A_worker_that_was_paused_before_a_call_until_another_took_over_does_not_make_it()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await using OrderFlow flow = await OrderFlow.PrepareAsync(bridge);
        await using WorkerDynos workers = await WorkerDynos.OfAsync(published, bridge);
        WorkerDyno paused = await workers.StartWorkingAsync();
        await flow.UntilHeardAsync();
        flow.Begin();
        await bridge.UntilAsync("select count(*) > 50 from bridge.outcome");

        await bridge.Database.ExecuteAsync(HoldBack);
        await bridge.UntilAsync($"select exists (select from pg_stat_activity where datname = current_database() and application_name = 'bridge {paused.Name}' and wait_event = 'PgSleep')");
        await paused.Process.SignalAsync("STOP");

        // The lease runs out by itself.
        await AnotherTakesOverAsync(bridge, workers, paused, flow);
        await WakesUpAndWritesNothingAsync(bridge, paused, flow);
    }

    [Fact]
    public async Task A_worker_that_wakes_up_believing_in_its_leases_is_kept_from_writing_by_their_epochs()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await using OrderFlow flow = await OrderFlow.PrepareAsync(bridge);
        await using WorkerDynos workers = await WorkerDynos.OfAsync(published, bridge);
        WorkerDyno paused = await workers.StartWorkingAsync();
        await flow.UntilHeardAsync();
        flow.Place(50);
        await bridge.UntilAsync("select count(*) = 100 from bridge.outcome");

        // What is placed now reaches its poll, and waits in its socket until it wakes up.
        await paused.Process.SignalAsync("STOP");
        flow.Place(200);
        await workers.LetLeaseRunOutAsync(paused);

        await AnotherTakesOverAsync(bridge, workers, paused, flow);
        await WakesUpAndWritesNothingAsync(bridge, paused, flow);
    }

    private static async Task AnotherTakesOverAsync(Bridge bridge, WorkerDynos workers, WorkerDyno paused, OrderFlow flow)
    {
        WorkerDyno heir = workers.Start();
        await bridge.UntilAsync($"select not exists (select from bridge.cursor where {HeldBy(paused)}) and exists (select from bridge.cursor where {HeldBy(heir)})");
        await flow.DrainAsync();
    }

    private static async Task WakesUpAndWritesNothingAsync(Bridge bridge, WorkerDyno paused, OrderFlow flow)
    {
        List<string> written = await bridge.Database.ColumnAsync<string>(Written);
        int calls = bridge.Org.Ledger.Writes.Count;

        await paused.Process.SignalAsync("CONT");

        // It has noticed, and takes its share anew.
        await bridge.UntilAsync($"select exists (select from bridge.cursor where {HeldBy(paused)})");
        (await bridge.Database.ColumnAsync<string>(Written)).ShouldBe(written);
        bridge.Org.Ledger.Writes.Count.ShouldBe(calls);
        flow.Place(200);
        TestContext.Current.TestOutputHelper?.WriteLine($"1 pause: {await flow.EndAsync()}");
        paused.Process.HasEnded.ShouldBeFalse();
        paused.Errors.ShouldBeEmpty();
    }

    private static string HeldBy(WorkerDyno worker) => $"worker = (select id from bridge.worker where dyno = '{worker.Name}')";
}
