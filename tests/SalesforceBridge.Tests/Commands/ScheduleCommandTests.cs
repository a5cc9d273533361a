using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands;

public sealed class ScheduleCommandTests(PublishedBridge published)
{
    private const string Yearly = "-- on: every 366d\n-- misfire: skip\ninsert into woken select 'yearly', payload->>'missed' from message";
    private const string AlsoYearly = "-- on: every 366d\n-- misfire: skip\ninsert into woken select 'also-yearly', payload->>'missed' from message";

    [Fact]
    public async Task The_list_tells_when_each_schedule_fires_next_and_what_it_does_about_missed_fires()
    {
        await using Bridge bridge = await StartAsync();
        bridge
            .WithRoute("yearly", Yearly)
            .WithRoute("off", "-- on: cron 0 0 9 24 12 ? 2125\n-- enabled: no\nselect 1 from message")
            .WithRoute("over", "-- on: cron 0 0 9 24 12 ? 2020\nselect 1 from message")
            .WithExample("order-archived");
        CommandLine before = (await CommandLine.RunAsync(bridge.Vars, "schedules", "list", "--json")).ShouldSucceed();
        await using (TestHost worker = await bridge.RunAsync())
        {
            await worker.LogLineAsync("cron 0 0 9 24 12 ? 2020");
            await bridge.UntilAsync("select worker is not null from bridge.cursor where name = 'route yearly'");
            CommandLine during = (await CommandLine.RunAsync(bridge.Vars, "schedules", "list", "--json")).ShouldSucceed();
            Property(during, "yearly", "state").ShouldBe("running");
        }

        await bridge.Database.ExecuteAsync("update bridge.cursor set position = '2020-01-01T00:00:00Z' where name = 'every 366d'");
        CommandLine after = (await CommandLine.RunAsync(bridge.Vars, "schedules", "list")).ShouldSucceed();

        before.Json.EnumerateArray().Select(schedule => schedule.GetProperty("route").GetString()).ShouldBe(["off", "over", "yearly"]);
        Property(before, "yearly", "state").ShouldBe("not begun: no worker has opened it yet");
        Property(before, "yearly", "misfire").ShouldBe("skip");
        Property(before, "off", "state").ShouldBe("disabled");
        Property(before, "off", "next").ShouldBe("2125-12-24T09:00:00+00:00");
        after.Output.ShouldContain("over    cron 0 0 9 24 12 ? 2020  never ");
        after.Output.ShouldContain("late since 2020-02-08 00:00:00Z: no worker makes it");
    }

    [Fact]
    public async Task Without_schedules_the_list_says_how_one_begins()
    {
        await using Bridge bridge = await Bridge.StartAsync();

        (await CommandLine.RunAsync(bridge.Vars, "schedules", "list")).ShouldSucceed().Output
            .ShouldBe("No route is on a schedule. One begins with `-- on: every 5m` or `-- on: cron 0 0 9 ? * MON-FRI`.");
    }

    [Fact]
    public async Task A_run_wakes_every_route_on_the_schedule_once()
    {
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("yearly", Yearly).WithRoute("also-yearly", AlsoYearly);
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync("select count(*) = 2 from bridge.cursor where name in ('route yearly', 'route also-yearly') and worker is not null");

        CommandLine run = (await CommandLine.RunAsync(bridge.Vars, "schedules", "run", "yearly")).ShouldSucceed();

        await bridge.UntilAsync("select array_agg(route || missed order by route) = '{also-yearly0,yearly0}' from woken");
        long id = await bridge.Database.ScalarAsync<long>("select id from bridge.inbox where dedupe_key like 'run 20%Z'");
        run.Output.ShouldBe($"Message {id} is accepted; it wakes all routes on `every 366d`: also-yearly, yearly.");
    }

    [Fact]
    public async Task A_run_that_would_wake_nothing_is_refused()
    {
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("yearly", Yearly).WithRoute("off", "-- on: every 1d\n-- enabled: no\nselect 1 from message").WithExample("order-archived");

        (await CommandLine.RunAsync(bridge.Vars, "schedules", "run", "yearly"))
            .ShouldRefuse("Route yearly has not begun yet on `every 366d`: start a worker first.");
        (await CommandLine.RunAsync(bridge.Vars, "schedules", "run", "off")).ShouldRefuse("Route off is disabled: remove its line `enabled: no` first.");
        (await CommandLine.RunAsync(bridge.Vars, "schedules", "run", "order-archived")).Errors.ShouldEndWith("and not on a schedule; `bridge schedules list` shows those that are.");
        (await CommandLine.RunAsync(bridge.Vars, "schedules", "run", "nobody")).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task The_check_and_the_worker_refuse_what_is_no_schedule()
    {
        await using Bridge bridge = await StartAsync();
        bridge
            .WithRoute("late", "-- on: cron 0 0 25 * * ?\nselect 1 from message")
            .WithRoute("nowhere", "-- on: cron 0 0 9 * * ? Mars/Base\nselect 1 from message")
            .WithRoute("over", "-- on: cron 0 0 9 24 12 ? 2020\nselect 1 from message")
            .WithRoute("yearly", Yearly)
            .WithRoute("yearly2", AlsoYearly.Replace("skip", "all", StringComparison.Ordinal));

        CommandLine check = await CommandLine.RunAsync(bridge.Vars, "routes", "check");
        CommandLine doctor = await CommandLine.RunAsync(bridge.Vars, "doctor");

        check.ExitCode.ShouldBe(1);
        check.Output.ShouldContain("fail  late.sql: on: `0 0 25 * * ?` is no Quartz expression (Hour values must be between 0 and 23)");
        check.Output.ShouldContain("fail  nowhere.sql: on: there is no time zone `Mars/Base`; write one of the IANA database (`Europe/Berlin`), or none for UTC");
        check.Output.ShouldContain("fail  over: on: `cron 0 0 9 24 12 ? 2020` does not fire any more; correct the year, or remove the route");
        check.Output.ShouldContain("fail  yearly2.sql: `misfire: all` differs from `misfire: skip` of route yearly");
        check.Output.ShouldContain("ok    yearly: on every 366d, execute");
        doctor.Output.ShouldContain("warn  routes: over: on: `cron 0 0 9 24 12 ? 2020` does not fire any more");
    }

    [Fact]
    public async Task A_machine_without_time_zones_says_so()
    {
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("daily", "-- on: cron 0 0 9 * * ? Europe/Berlin\nselect 1 from message").WithRoute("yearly", Yearly);
        Dyno dyno = new Dyno(await published.FolderAsync()).With("TZDIR", Directory.CreateTempSubdirectory("no-zones-").FullName);
        foreach ((string variable, string value) in bridge.Vars)
            dyno.With(variable, value);

        await using RunningProcess check = dyno.Run("bridge routes check");

        await check.LineWithAsync("fail  daily.sql: on: this machine knows no time zones, so not `Europe/Berlin` either; install its package tzdata, or write the schedule in UTC");
        (await check.EndAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Sources_and_status_show_schedules_like_any_source()
    {
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("yearly", Yearly);
        await using (TestHost worker = await bridge.RunAsync(change: services => services.AddSingleton<TimeProvider>(new StoppedClock(FiringWorker.Moment("2026-11-22T12:30:00Z")))))
            await bridge.UntilAsync("select position is not null from bridge.cursor where name = 'every 366d'");

        CommandLine sources = (await CommandLine.RunAsync(bridge.Vars, "sources", "--json")).ShouldSucceed();
        sources.Json.EnumerateArray().Single(source => source.GetProperty("name").GetString() == "every 366d").GetProperty("position").GetString().ShouldBe("2026-11-22T12:30:00Z");
        (await CommandLine.RunAsync(bridge.Vars, "status")).ShouldSucceed().Output.ShouldContain("yearly");
    }

    private static async Task<Bridge> StartAsync()
    {
        Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table woken (route text, missed text)");
        return bridge;
    }

    private static string? Property(CommandLine list, string route, string name) => list.Json.EnumerateArray()
        .Single(schedule => schedule.GetProperty("route").GetString() == route).GetProperty(name).GetString();
}
