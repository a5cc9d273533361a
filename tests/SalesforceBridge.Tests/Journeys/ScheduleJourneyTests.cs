using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Configuration;
using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

public sealed class ScheduleJourneyTests
{
    private const string EverySecond = "-- on: every 1s\ninsert into ticked select payload->>'scheduledAt', (payload->>'missed')::int from message";

    [Fact]
    public async Task A_route_works_each_second_once_however_many_workers_there_are()
    {
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("ticking", EverySecond);
        await using (TestHost one = await bridge.RunAsync())
        await using (TestHost other = await bridge.RunAsync())
            await bridge.UntilAsync("select count(*) >= 5 from ticked");

        await ShouldHaveEachSecondOnceAsync(bridge);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task A_database_that_is_away_over_a_fire_costs_none()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using PostgresServer server = await PostgresServer.StartAsync(["fsync=off", "max_connections=100"], ct);
        await using Bridge bridge = await Bridge.StartAsync(server: server);
        await bridge.Database.ExecuteAsync("create table ticked (at text, missed int)");
        bridge.WithRoute("ticking", EverySecond);
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync("select count(*) >= 1 from ticked");

        await server.StopAsync(crash: true, ct);
        await worker.LogLineAsync("every 1s waits for the database").WaitAsync(TimeSpan.FromSeconds(20), ct);
        await server.LaunchAsync(ct);

        long before = await bridge.Database.ScalarAsync<long>("select count(*) from ticked");
        await bridge.UntilAsync($"select count(*) >= {before + 3} from ticked");
        await ShouldHaveEachSecondOnceAsync(bridge);
    }

    [Theory]
    [InlineData("once", new[] { "2026-11-22T14:00:00Z 1" })]
    [InlineData("all", new[] { "2026-11-22T13:00:00Z 0", "2026-11-22T14:00:00Z 0" })]
    [InlineData("skip", new string[0])]
    public async Task Fires_that_no_worker_was_there_for_follow_the_routes_policy(string misfire, string[] made)
    {
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("hourly", $"-- misfire: {misfire}\n{EverySecond.Replace("every 1s", "cron 0 0 * * * ?", StringComparison.Ordinal)}");
        await using (TestHost first = await RunAtAsync(bridge, "2026-11-22T12:30:00Z"))
            await bridge.UntilAsync("select position = '2026-11-22T12:30:00Z' from bridge.cursor where name = 'cron 0 0 * * * ?'");

        await using (TestHost next = await RunAtAsync(bridge, "2026-11-22T14:30:00Z"))
            await bridge.UntilAsync($"select position = '2026-11-22T14:00:00Z' and (select count(*) = {made.Length} from ticked) from bridge.cursor where name = 'cron 0 0 * * * ?'");

        (await bridge.Database.ColumnAsync<string>("select at || ' ' || missed from ticked order by at")).ShouldBe(made);
    }

    [Fact]
    public async Task A_fire_that_the_machine_slept_through_is_made_within_half_a_minute()
    {
        var clock = new OffsetClock();
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("yearly", EverySecond.Replace("every 1s", "every 365d", StringComparison.Ordinal));
        await using TestHost worker = await bridge.RunAsync(change: clock.Replace);
        await bridge.UntilAsync("select count(*) = 1 from bridge.cursor where name = 'every 365d'");

        clock.Offset = TimeSpan.FromDays(366);

        await bridge.UntilAsync("select count(*) >= 1 from ticked");
    }

    [Fact]
    public async Task A_web_process_has_no_clock()
    {
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("ticking", EverySecond);
        await using (TestHost web = await bridge.RunAsync(ProcessRole.Web))
            await bridge.UntilAsync("select exists (select from bridge.cursor where name = 'route ticking')");

        (await bridge.Database.ScalarAsync<bool>("select exists (select from bridge.cursor where name = 'every 1s')")).ShouldBeFalse();
    }

    private static async Task<Bridge> StartAsync()
    {
        Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table ticked (at text, missed int)");
        return bridge;
    }

    private static Task<TestHost> RunAtAsync(Bridge bridge, string now) =>
        bridge.RunAsync(change: services => services.AddSingleton<TimeProvider>(new StoppedClock(FiringWorker.Moment(now))));

    private static async Task ShouldHaveEachSecondOnceAsync(Bridge bridge)
    {
        List<DateTime> seconds = await bridge.Database.ColumnAsync<DateTime>("select occurred_at from bridge.inbox where source = 'every 1s' order by id");
        seconds.ShouldBe(Enumerable.Range(0, seconds.Count).Select(second => seconds[0].AddSeconds(second)));
        (await bridge.Database.ScalarAsync<bool>("select count(*) = count(distinct at) from ticked")).ShouldBeTrue();
    }
}
