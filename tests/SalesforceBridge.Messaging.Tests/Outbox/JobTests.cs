using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Outbox;

public sealed class JobTests
{
    private static readonly MessagingOptions Eager = Middle.Quick with { JobFrom = 20 };

    private const string Alone = "select not exists (select from pg_stat_activity where datname = current_database() and application_name = 'beside')";

    private static string Creates(string more = "") =>
        $"-- on: event N__e\n-- do: create X\n-- retry: 5 from 10ms to 10ms\n{more}select payload->>'n' as \"Id\" from message";

    [Fact]
    public async Task Many_deliveries_without_a_key_go_as_one_job_and_few_by_calls()
    {
        await using Middle middle = await Middle.StartAsync(Eager);
        RecordingJobs jobs = UseJobs(middle);
        Route route = await LaneTests.StartAsync(middle, Creates(), 50);
        await RouteOnlyAsync(middle, route);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 50 from bridge.outcome where org_id = 'org-' || id");
        jobs.Begun.ShouldHaveSingleItem().Count.ShouldBe(50);
        middle.Destinations.Calls.ShouldBeEmpty();

        await middle.AcceptNumbersAsync("event N__e", 5, first: 50);
        await middle.UntilAsync("select count(*) = 55 from bridge.outcome");
        jobs.Begun.Count.ShouldBe(1);
        middle.Destinations.Made.ShouldBe(["50", "51", "52", "53", "54"]);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("-- bulk: yes\n", "30 30")]
    public async Task A_lane_with_keys_sends_jobs_only_if_told_to_and_each_holds_a_key_once(string header, string jobsOf)
    {
        await using Middle middle = await Middle.StartAsync(Eager);
        RecordingJobs jobs = UseJobs(middle);
        Route route = await LaneTests.StartAsync(middle, Creates($"-- key: payload->>'k'\n{header}"), 60, keys: 30);
        await RouteOnlyAsync(middle, route);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 60 from bridge.outcome");

        string.Join(' ', jobs.Begun.Select(job => job.Count)).ShouldBe(jobsOf);
    }

    [Fact]
    public async Task A_lane_whose_destination_makes_no_job_of_it_goes_on_with_calls()
    {
        await using Middle middle = await Middle.StartAsync(Eager);
        RecordingJobs jobs = UseJobs(middle);
        jobs.Before = (at, _) => Task.FromResult<JobAnswer?>(at == "open" ? new JobAnswer.Over("not supported") : null);
        Route route = await LaneTests.StartAsync(middle, Creates(), 50);
        await RouteOnlyAsync(middle, route);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 50 from bridge.outcome");

        middle.Destinations.Made.Count.ShouldBe(50);
    }

    [Fact]
    public async Task What_a_job_does_not_let_itself_be_given_goes_by_calls_and_no_other_job_is_made_for_it()
    {
        await using Middle middle = await Middle.StartAsync(Eager);
        RecordingJobs jobs = UseJobs(middle);
        jobs.Before = (at, _) => Task.FromResult<JobAnswer?>(at == "send" ? new JobAnswer.Over("413") : null);
        Route route = await LaneTests.StartAsync(middle, Creates(), 50);
        await RouteOnlyAsync(middle, route);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 50 from bridge.outcome");

        middle.Destinations.Made.Count.ShouldBe(50);
        jobs.Ended.ShouldBe(1);
    }

    [Fact]
    public async Task A_lane_that_is_told_so_sends_no_jobs()
    {
        await using Middle middle = await Middle.StartAsync(Eager);
        RecordingJobs jobs = UseJobs(middle);
        Route route = await LaneTests.StartAsync(middle, Creates("-- bulk: no\n"), 50);
        await RouteOnlyAsync(middle, route);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 50 from bridge.outcome");

        jobs.Begun.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false, 25_000)]
    [InlineData(true, 35_000)]
    public async Task Deliveries_that_make_no_job_are_not_looked_through_for_one_before_each_call(bool hasJobs, long most)
    {
        await using Middle middle = await Middle.StartAsync(Middle.Quick with { JobFrom = 1000 });
        Route route = Middle.Route("updates", $"""
            -- on: event N__e
            -- do: update X
            select ((payload->>'n')::int % 900)::text as "Id", (select string_agg(md5(payload->>'n' || i), '') from generate_series(1, 80) i) as "Long" from message
            """);
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 3600);
        await using (Middle routing = middle.Beside(settings: ";Application Name=beside"))
            await RouteOnlyAsync(routing, route);
        // What a process reads is told when its connections end.
        await middle.UntilAsync(Alone);
        await middle.ExecuteAsync("analyze bridge.outbox");
        await middle.ExecuteAsync("select pg_stat_reset()");

        await using (Middle sending = middle.Beside(settings: ";Application Name=beside"))
        {
            sending.Destinations.Jobs = hasJobs ? new RecordingJobs() : null;
            await using RunningWorker worker = await sending.RunAsync(route);
            await sending.UntilAsync("select count(*) = 3600 from bridge.outcome");
        }

        await middle.UntilAsync(Alone);
        (await middle.ScalarAsync<long>("select idx_scan from pg_stat_all_tables s join pg_class c on c.reltoastrelid = s.relid where c.oid = 'bridge.outbox'::regclass"))
            .ShouldBeInRange(3600, most);
    }

    [Fact]
    public async Task A_job_holds_each_record_once_and_no_more_bytes_than_it_takes()
    {
        await using Middle middle = await Middle.StartAsync(Eager);
        RecordingJobs jobs = UseJobs(middle);
        jobs.MostBytes = 30 * """{"Id": "10"}""".Length;
        Route route = Middle.Route("updates", "-- on: event N__e\n-- do: update X\nselect ((payload->>'n')::int % 25)::text as \"Id\" from message");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 100);
        await RouteOnlyAsync(middle, route);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 100 from bridge.outcome");

        jobs.Begun.Select(job => job.Count).ShouldBe([25, 25, 25, 25]);
    }

    [Fact]
    public async Task What_a_job_cannot_say_goes_by_a_call_after_it()
    {
        await using Middle middle = await Middle.StartAsync(Eager);
        RecordingJobs jobs = UseJobs(middle);
        jobs.Refuses = delivery => LaneTests.Id(delivery).EndsWith('7');
        Route route = await LaneTests.StartAsync(middle, Creates(), 50);
        await RouteOnlyAsync(middle, route);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 50 from bridge.outcome");

        jobs.Begun.ShouldHaveSingleItem().Count.ShouldBe(45);
        middle.Destinations.Made.ShouldBe(["7", "17", "27", "37", "47"]);
    }

    [Fact]
    public async Task A_delivery_that_a_job_refuses_fails_like_one_of_a_call()
    {
        await using Middle middle = await Middle.StartAsync(Eager);
        RecordingJobs jobs = UseJobs(middle);
        jobs.Answer = delivery => LaneTests.Id(delivery) switch
        {
            "3" => new DeliveryOutcome.Refused("STRING_TOO_LONG", "too long", Permanent: true),
            "4" => new DeliveryOutcome.Refused("UNABLE_TO_LOCK_ROW", "locked", Permanent: false),
            _ => new DeliveryOutcome.Delivered("org"),
        };
        Route route = await LaneTests.StartAsync(middle, Creates(), 50);
        await RouteOnlyAsync(middle, route);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 49 from bridge.outcome");

        (await middle.ColumnAsync<string>("select code || state from bridge.failure")).ShouldBe(["STRING_TOO_LONGdead"]);
        middle.Destinations.Made.ShouldBe(["4"]);
    }

    [Fact]
    public async Task What_a_job_did_not_reach_goes_back_to_the_lane_and_by_calls_if_it_ended_early()
    {
        await using Middle middle = await Middle.StartAsync(Eager);
        RecordingJobs jobs = UseJobs(middle);
        jobs.Failure = "InvalidBatch";
        jobs.Answer = delivery => int.Parse(LaneTests.Id(delivery)) < 30 ? new DeliveryOutcome.Delivered("org") : null;
        Route route = await LaneTests.StartAsync(middle, Creates(), 60);
        await RouteOnlyAsync(middle, route);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 60 from bridge.outcome");

        jobs.Begun.Count.ShouldBe(1);
        middle.Destinations.Made.ShouldBe(Enumerable.Range(30, 30).Select(n => $"{n}"));
    }

    [Fact]
    public async Task A_lane_whose_job_lacks_a_right_stops_and_goes_on_once_it_is_given()
    {
        await using Middle middle = await Middle.StartAsync(Eager);
        RecordingJobs jobs = UseJobs(middle);
        jobs.Answer = _ => new DeliveryOutcome.LaneRefused("INVALID_FIELD", "no such field");
        middle.Destinations.Answer = _ => new DeliveryOutcome.LaneRefused("INVALID_FIELD", "no such field");
        Route route = await LaneTests.StartAsync(middle, Creates(), 50);
        await RouteOnlyAsync(middle, route);
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select stopped like 'INVALID_FIELD%' from bridge.cursor where name = 'lane updates'");
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);

        jobs.Answer = _ => new DeliveryOutcome.Delivered("org");
        middle.Destinations.Answer = _ => new DeliveryOutcome.Delivered("org");
        await middle.UntilAsync("select count(*) = 50 from bridge.outcome");
        (await middle.ScalarAsync<bool>("select stopped is null from bridge.cursor where name = 'lane updates'")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("open")]
    [InlineData("send")]
    [InlineData("sent")]
    [InlineData("look")]
    [InlineData("read")]
    public async Task A_job_whose_destination_is_away_for_a_while_is_made_once(string step)
    {
        await using Middle middle = await Middle.StartAsync(Eager);
        RecordingJobs jobs = UseJobs(middle);
        int left = 3;
        jobs.Before = (at, _) => Task.FromResult<JobAnswer?>(
            at == step && left-- > 0 ? new JobAnswer.NotNow(new CallOutcome.NotNow("down", "down", TimeSpan.FromMilliseconds(10))) : null);
        Route route = await LaneTests.StartAsync(middle, Creates(), 250);
        await RouteOnlyAsync(middle, route);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 250 from bridge.outcome");

        jobs.Begun.SelectMany(job => job).ShouldBeUnique();
        middle.Destinations.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("open", 0)]
    [InlineData("send", 1)]
    [InlineData("sent", 0)]
    [InlineData("look", 0)]
    [InlineData("read", 0)]
    public async Task Whoever_takes_the_lane_goes_on_with_the_job_of_a_worker_that_vanished(string step, int ended)
    {
        await using Middle middle = await Middle.StartAsync(Eager);
        await using Cable cable = middle.Cable();
        await using Middle first = middle.Beside(cable);
        RecordingJobs jobs = UseJobs(middle, first);
        var isThere = new TaskCompletionSource();
        int visits = 0;
        jobs.Before = async (at, ct) =>
        {
            if (at != step || Interlocked.Increment(ref visits) != 1)
                return null;
            isThere.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
            return null;
        };
        Route route = await LaneTests.StartAsync(middle, Creates(), 250);
        await RouteOnlyAsync(middle, route);
        await using RunningWorker vanished = await first.RunAsync(route);
        await isThere.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        cable.Cut();

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 250 from bridge.outcome");
        await middle.UntilAsync("select in_flight is null and position::bigint = (select max(id) from bridge.outbox) from bridge.cursor where name = 'lane updates'");

        jobs.Begun.ShouldHaveSingleItem().Count.ShouldBe(250);
        jobs.Ended.ShouldBe(ended);
        cable.Mend();
    }

    [Fact]
    public async Task A_worker_that_is_told_to_stop_leaves_its_job_to_the_next()
    {
        await using Middle middle = await Middle.StartAsync(Eager);
        RecordingJobs jobs = UseJobs(middle);
        var looked = new TaskCompletionSource();
        bool isHeldUp = true;
        jobs.Before = (at, _) =>
        {
            if (at != "look" || !isHeldUp)
                return Task.FromResult<JobAnswer?>(null);
            looked.TrySetResult();
            return Task.FromResult<JobAnswer?>(new JobAnswer.Running());
        };
        Route route = await LaneTests.StartAsync(middle, Creates(), 50);
        await RouteOnlyAsync(middle, route);
        await using (await middle.RunAsync(route))
            await looked.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        (await middle.ScalarAsync<string>("select in_flight from bridge.cursor where name = 'lane updates'")).ShouldStartWith("job J1 ");

        isHeldUp = false;
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 50 from bridge.outcome");

        jobs.Begun.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_job_that_begins_while_somebody_ends_it_is_told_by_its_results()
    {
        await using Middle middle = await Middle.StartAsync(Eager);
        RecordingJobs jobs = UseJobs(middle);
        Task<JobAnswer>? late = null;
        Delivery[] deliveries = [];
        jobs.Before = async (at, ct) =>
        {
            if (at == "send" && late is null)
                return new JobAnswer.NotNow(new CallOutcome.NotNow("down", "down", TimeSpan.FromMilliseconds(1)));
            // The other worker was not as dead as it seemed.
            if (at == "end")
                await (late = jobs.SendAsync("J1", deliveries.ToAsyncEnumerable(), ct));
            return null;
        };
        Route route = await LaneTests.StartAsync(middle, Creates(), 50);
        await RouteOnlyAsync(middle, route);
        deliveries = [.. (await middle.ColumnAsync<long>("select id from bridge.outbox order by id")).Select(id => new Delivery("updates", id, null, "create X", "{}"u8.ToArray(), null, 1))];

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 50 from bridge.outcome");

        jobs.Begun.ShouldHaveSingleItem();
        middle.Destinations.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("park", "select count(*) = 50 from bridge.failure where state = 'dead' and code = 'in doubt'")]
    [InlineData("repeat", "select count(*) = 50 from bridge.outcome")]
    public async Task A_job_that_the_destination_forgot_is_in_doubt(string whenInDoubt, string becomes)
    {
        await using Middle middle = await Middle.StartAsync(Eager);
        RecordingJobs jobs = UseJobs(middle);
        bool isLost = false;
        jobs.Before = (at, _) =>
        {
            if (at == "look" && !isLost)
                jobs.Lose();
            isLost |= at == "look";
            return Task.FromResult<JobAnswer?>(null);
        };
        Route route = await LaneTests.StartAsync(middle, Creates($"-- when in doubt: {whenInDoubt}\n"), 50);
        await RouteOnlyAsync(middle, route);

        await using RunningWorker worker = await middle.RunAsync(route);

        await middle.UntilAsync(becomes);
    }

    private static RecordingJobs UseJobs(params Middle[] middles)
    {
        var jobs = new RecordingJobs();
        foreach (Middle middle in middles)
            middle.Destinations.Jobs = jobs;
        return jobs;
    }

    // So that the lane has its whole backlog when it begins.
    private static async Task RouteOnlyAsync(Middle middle, Route route)
    {
        IJobs? jobs = middle.Destinations.Jobs;
        middle.Destinations.Jobs = null;
        middle.Destinations.AnswerCall = (_, _) => Task.FromResult<CallOutcome?>(new CallOutcome.NotNow("later", "later"));
        await using (await middle.RunAsync(route))
            await middle.UntilAsync("select count(*) = (select count(*) from bridge.inbox) from bridge.outbox");
        middle.Destinations.AnswerCall = (_, _) => Task.FromResult<CallOutcome?>(null);
        middle.Destinations.Forget();
        middle.Destinations.Jobs = jobs;
    }
}
