using System.Text.Json;
using Npgsql;
using SalesforceBridge.Messaging;
using SalesforceBridge.Schedules;
using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.Schedules;

public sealed class ScheduleFiresTests
{
    private static readonly ScheduledSource Hourly = FiringWorker.On("every 1h");

    [Fact]
    public async Task A_new_schedule_has_missed_nothing_and_begins_at_this_moment()
    {
        await using FiringWorker worker = await FiringWorker.StartAsync("2026-11-22T12:00:00Z");

        (await worker.LookAsync(Hourly, "2026-11-22T12:30:00Z")).ShouldBe("2026-11-22T12:30:00Z");
        (await worker.LookAsync(Hourly, "2026-11-22T12:40:00Z")).ShouldBe("2026-11-22T12:30:00Z");
        (await worker.LookAsync(Hourly, "2026-11-22T13:00:00.012Z")).ShouldBe("2026-11-22T13:00:00Z");

        (await worker.MessagesAsync()).ShouldBe(["2026-11-22T13:00:00Z 0"]);
    }

    [Fact]
    public async Task A_message_says_for_which_time_it_is_also_in_the_schedules_own_zone()
    {
        ScheduledSource daily = FiringWorker.On("cron 0 0 9 * * ? Europe/Berlin");
        await using FiringWorker worker = await FiringWorker.StartAsync("2026-11-22T07:00:00Z");
        await worker.LookAsync(daily, "2026-11-22T07:00:00Z");
        await worker.LookAsync(daily, "2026-11-22T08:00:01Z");

        var payload = JsonElement.Parse(await worker.Database.ScalarAsync<string>("select payload::text from bridge.inbox"));

        payload.GetRawText().ShouldBe("""{"missed": 0, "localTime": "2026-11-22T09:00:00+01:00", "scheduledAt": "2026-11-22T08:00:00Z"}""");
        (await worker.Database.ScalarAsync<string>("""
            select concat_ws(' ', source, key, dedupe_key, occurred_at at time zone 'UTC') from bridge.inbox
            """)).ShouldBe("cron 0 0 9 * * ? Europe/Berlin 2026-11-22T08:00:00Z 2026-11-22 08:00:00");
    }

    [Fact]
    public async Task However_many_workers_fire_at_once_there_is_one_message_of_each_time()
    {
        ScheduledSource secondly = FiringWorker.On("every 1s");
        await using FiringWorker worker = await FiringWorker.StartAsync("2026-11-22T12:00:00Z");
        await worker.LookAsync(secondly, "2026-11-22T12:00:00Z");

        for (int second = 1; second <= 20; second++)
        {
            worker.Clock.Now = FiringWorker.Moment("2026-11-22T12:00:00Z").AddSeconds(second);
            await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => worker.Fires.MakeDueAsync(secondly, TestContext.Current.CancellationToken)));
        }

        (await worker.MessagesAsync()).ShouldBe(Enumerable.Range(1, 20).Select(second => $"2026-11-22T12:00:{second:00}Z 0"));
        (await worker.PositionAsync(secondly)).ShouldBe("2026-11-22T12:00:20Z");
    }

    [Theory]
    [InlineData(Misfire.Once, "2026-11-22T13:00:00Z 0")]
    [InlineData(Misfire.All, "2026-11-22T13:00:00Z 0")]
    [InlineData(Misfire.Skip, "2026-11-22T13:00:00Z 0")]
    public async Task A_worker_that_writes_late_moves_the_position_back_and_makes_nothing_twice(Misfire misfire, string first)
    {
        ScheduledSource hourly = FiringWorker.On("every 1h", misfire);
        await using FiringWorker worker = await FiringWorker.StartAsync("2026-11-22T12:30:00Z");
        await worker.LookAsync(hourly, "2026-11-22T12:30:00Z");
        foreach (string now in (string[])["2026-11-22T13:00:00Z", "2026-11-22T14:00:00Z", "2026-11-22T15:00:00Z"])
            await worker.LookAsync(hourly, now);

        // As one that stood still between looking and writing at 13:00.
        await worker.Database.ExecuteAsync("update bridge.cursor set position = '2026-11-22T13:00:00Z'");
        await worker.LookAsync(hourly, "2026-11-22T15:30:00Z");
        await worker.LookAsync(hourly, "2026-11-22T16:00:00Z");

        (await worker.MessagesAsync()).ShouldBe([first, "2026-11-22T14:00:00Z 0", "2026-11-22T15:00:00Z 0", "2026-11-22T16:00:00Z 0"]);
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_is_made_again_without_effect()
    {
        await using FiringWorker worker = await FiringWorker.StartAsync("2026-11-22T12:30:00Z");
        await worker.LookAsync(Hourly, "2026-11-22T12:30:00Z");
        await using var other = new NpgsqlConnection(worker.Database.ConnectionString);
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using (NpgsqlTransaction transaction = await other.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await using var hold = new NpgsqlCommand("select name from bridge.cursor for update", other, transaction);
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            Task<string> fire = worker.LookAsync(Hourly, "2026-11-22T13:00:00Z");
            await UntilBlockedAsync(worker);
            await worker.Database.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
            await Should.ThrowAsync<NpgsqlException>(fire);
        }

        (await worker.MessagesAsync()).ShouldBeEmpty();
        await worker.LookAsync(Hourly, "2026-11-22T13:00:02Z");
        await worker.LookAsync(Hourly, "2026-11-22T13:00:04Z");
        (await worker.MessagesAsync()).ShouldBe(["2026-11-22T13:00:00Z 0"]);
    }

    [Fact]
    public async Task A_position_in_the_future_or_of_another_hand_does_not_silence_a_schedule()
    {
        await using FiringWorker worker = await FiringWorker.StartAsync("2026-11-22T12:30:00Z");
        await worker.LookAsync(Hourly, "2026-11-22T12:30:00Z");

        await worker.Database.ExecuteAsync("update bridge.cursor set position = '2031-01-01T00:00:00Z'");
        await worker.LookAsync(Hourly, "2026-11-22T12:40:00Z");
        await worker.LookAsync(Hourly, "2026-11-22T13:00:00Z");
        await worker.Database.ExecuteAsync("update bridge.cursor set position = 'yesterday'");
        await worker.LookAsync(Hourly, "2026-11-22T13:40:00Z");
        await worker.LookAsync(Hourly, "2026-11-22T14:00:00Z");

        (await worker.MessagesAsync()).ShouldBe(["2026-11-22T13:00:00Z 0", "2026-11-22T14:00:00Z 0"]);
    }

    [Fact]
    public async Task What_is_too_much_to_make_up_for_is_a_gap_that_is_told_once()
    {
        ScheduledSource all = FiringWorker.On("every 1s", Misfire.All);
        await using FiringWorker worker = await FiringWorker.StartAsync("2026-11-22T12:00:00Z");
        await worker.LookAsync(all, "2026-11-22T12:00:00Z");

        worker.Clock.Now = FiringWorker.Moment("2026-11-22T13:00:00Z");
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => worker.Fires.MakeDueAsync(all, TestContext.Current.CancellationToken)));

        (await worker.MessagesAsync()).Count.ShouldBe(1061);
        (await new Gaps(worker.Middle).ListAsync(TestContext.Current.CancellationToken)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            gap => (gap.Source, gap.From, gap.To).ShouldBe(("every 1s", "2026-11-22T12:00:00Z", "2026-11-22T12:42:20Z")),
            gap => gap.Why.ShouldBe("2539 fires that were missed are not made up for: `misfire: all` makes up for the newest 1000."));
        (await new Alerts(worker.Middle).ListAsync(TestContext.Current.CancellationToken)).ShouldHaveSingleItem().Name.ShouldBe("gap in every 1s");
    }

    [Fact]
    public async Task While_storage_is_full_nothing_is_made_and_the_position_stays()
    {
        await using FiringWorker worker = await FiringWorker.StartAsync("2026-11-22T12:30:00Z", new MessagingOptions { Storage = 1 });
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        Task look = worker.Fires.MakeDueAsync(Hourly, end.Token);
        await UntilAsync(worker, "select exists (select from bridge.alert where name = 'storage')");
        await end.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(look);
        (await worker.Database.ScalarAsync<long>("select count(*) from bridge.cursor")).ShouldBe(0);
    }

    private static Task UntilBlockedAsync(FiringWorker worker) =>
        UntilAsync(worker, "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')");

    private static async Task UntilAsync(FiringWorker worker, string sql)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await worker.Database.ScalarAsync<bool>(sql))
            await timer.WaitForNextTickAsync(limit.Token);
    }
}
