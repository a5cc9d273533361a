using System.Globalization;
using System.Text.RegularExpressions;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Crashes;

/// <summary>What the published program takes: the smallest dyno has 512 MB, the smallest database 20 connections.</summary>
[Trait("suite", "crash")]
public sealed partial class FootprintTests(PublishedBridge published)
{
    private const int Megabyte = 1024;

    [Fact]
    public async Task One_process_for_everything_starts_quickly_and_stays_small()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await using OrderFlow flow = await OrderFlow.PrepareAsync(bridge, orders: 2000);
        bridge.WithExample("account-mirrored");
        Dyno dyno = await DynoOfAsync(bridge);

        long begun = TimeProvider.System.GetTimestamp();
        await using RunningProcess all = dyno.With("BRIDGE_PROCESS", "all").With("DYNO", "web.1").Start("web");
        using var browser = new Browser(await Dyno.AddressOf(all));
        TimeSpan ready = await ReadyAsync(browser, begun);
        TimeSpan processorTime = all.ProcessorTime;
        await flow.UntilHeardAsync();
        await bridge.UntilAsync("select count(*) >= 10 from bridge.cursor where worker is not null and (name not like '% on %' and name not like 'event %' and name not like 'change %')");
        int idle = KilobytesOf(all, "VmRSS") / Megabyte;
        (await File.ReadAllTextAsync($"/proc/{all.Id}/maps", TestContext.Current.CancellationToken)).ShouldNotContain("Quartz");

        flow.Place(10_000);
        await flow.EndAsync();
        int loaded = KilobytesOf(all, "VmHWM") / Megabyte;

        TestContext.Current.TestOutputHelper?.WriteLine($"Ready in {ready.TotalSeconds:F2} s, {processorTime.TotalSeconds:F2} s of it at work; {idle} MB idle; at most {loaded} MB with 10,000 events");
        // How long it takes by the clock is the machine's business too.
        processorTime.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        ready.ShouldBeLessThan(TimeSpan.FromSeconds(2) + processorTime * 4);
        idle.ShouldBeLessThan(100);
        loaded.ShouldBeLessThan(200);
    }

    [Fact]
    public async Task With_a_schedule_it_stays_small_too()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await using OrderFlow flow = await OrderFlow.PrepareAsync(bridge, orders: 10);
        bridge.WithRoute("nightly", "-- on: cron 0 0 3 * * ? Europe/Berlin\nselect 1 from message");
        Dyno dyno = await DynoOfAsync(bridge);

        await using RunningProcess all = dyno.With("BRIDGE_PROCESS", "all").With("DYNO", "web.1").Start("web");
        using var browser = new Browser(await Dyno.AddressOf(all));
        await ReadyAsync(browser, TimeProvider.System.GetTimestamp());
        await flow.UntilHeardAsync();
        await bridge.UntilAsync("select count(*) > 0 from bridge.cursor where name like 'cron %' and position is not null");
        int idle = KilobytesOf(all, "VmRSS") / Megabyte;

        TestContext.Current.TestOutputHelper?.WriteLine($"{idle} MB idle with a schedule");
        // Quartz, which nothing else loads, takes 6 to 9 of them.
        idle.ShouldBeLessThan(105);
    }

    [Fact]
    public async Task Web_and_worker_take_five_connections_together()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await using OrderFlow flow = await OrderFlow.PrepareAsync(bridge);
        await using RunningProcess web = (await DynoOfAsync(bridge)).With("DYNO", "web.1").Start("web");
        await using RunningProcess worker = (await DynoOfAsync(bridge)).With("DYNO", "worker.1").Start("worker");
        using var browser = new Browser(await Dyno.AddressOf(web));
        await flow.UntilHeardAsync();

        flow.Place(1_000);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => browser.GetAsync("/readyz")));
        long busy = await CountConnectionsAsync(bridge);
        await flow.EndAsync();

        long after = await CountConnectionsAsync(bridge);
        TestContext.Current.TestOutputHelper?.WriteLine($"{busy} connections at work, {after} after it");
        busy.ShouldBeInRange(2, 5);
        after.ShouldBeInRange(2, 5);
    }

    private static async Task<TimeSpan> ReadyAsync(Browser browser, long begun)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            (int status, string report) = await browser.GetAsync("/readyz");
            TimeSpan taken = TimeProvider.System.GetElapsedTime(begun);
            if (status == 200)
                return taken;
            taken.ShouldBeLessThan(TimeSpan.FromSeconds(30), report);
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private async Task<Dyno> DynoOfAsync(Bridge bridge)
    {
        Dyno dyno = new Dyno(await published.FolderAsync()).With("PORT", "0").With("LOG_FORMAT", "logfmt");
        foreach ((string variable, string value) in bridge.Vars)
            dyno.With(variable, value);
        return dyno.With("LOG_LEVEL", "info");
    }

    private static Task<long> CountConnectionsAsync(Bridge bridge) => bridge.Database.ScalarAsync<long>(
        "select count(*) from pg_stat_activity where datname = current_database() and application_name like 'bridge%'");

    private static int KilobytesOf(RunningProcess process, string measure)
    {
        string status = File.ReadAllText($"/proc/{process.Id}/status");
        return int.Parse(Line().Matches(status).Single(line => line.Groups["name"].Value == measure).Groups["kilobytes"].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^(?<name>\w+):\s+(?<kilobytes>\d+) kB$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Line();
}
