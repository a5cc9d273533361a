using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Outbox;

/// <summary>Twenty refusals for good in a row, all with one code, are the lane's fault until a person says otherwise.</summary>
public sealed class RefusalRunTests
{
    private const string Updates = "-- on: event N__e\n-- do: update X\n-- key: payload->>'k'\n-- retry: 5 from 10ms to 10ms\nselect payload->>'n' as \"Id\" from message";
    private const string Creates = "-- on: event N__e\n-- do: create X\n-- retry: 5 from 10ms to 10ms\nselect payload->>'n' as \"Id\" from message";
    private const string Stopped = "select run_code = 'NO_ACCESS' and stopped like 'NO_ACCESS: 20 deliveries in a row %' from bridge.cursor where name = 'lane updates'";
    private const string Alert = "select count(*) = 1 from bridge.alert where name = 'lane updates stopped' and what like '%bridge dead-letters accept lane updates%'";

    private static readonly DeliveryOutcome No = new DeliveryOutcome.Refused("NO_ACCESS", "no access", Permanent: true);

    [Theory]
    [InlineData(200, 40, "continue", "40")]
    [InlineData(7, 40, "continue", "7 7 6")]
    [InlineData(7, 40, "hold", "7 7 6")]
    [InlineData(200, 6, "continue", "6 6 6 2")]
    [InlineData(200, 1, "continue", "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1")]
    public async Task A_lane_stops_before_they_are_dead_letters_and_makes_all_of_them_in_order_once_it_may(int callSize, int keys, string whenDead, string calls)
    {
        await using Middle middle = await Middle.StartAsync(Middle.Quick with { LaneProbe = TimeSpan.FromMilliseconds(400) });
        middle.Destinations.CallSize = callSize;
        bool mayWrite = false;
        middle.Destinations.Answer = _ => mayWrite ? new DeliveryOutcome.Delivered("x") : No;
        Route route = await LaneTests.StartAsync(middle, $"-- when dead: {whenDead}\n{Updates}", 40, keys);
        await RouteOnlyAsync(middle, route);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync(Stopped);
        await middle.UntilAsync(Alert);
        string.Join(' ', middle.Destinations.Calls.Take(calls.Split(' ').Length).Select(call => call.Count)).ShouldBe(calls);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure where state = 'dead'")).ShouldBe(0);
        int before = middle.Destinations.Calls.Count;
        await Middle.UntilAsync(() => middle.Destinations.Calls.Count >= before + 2);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure where state = 'dead'")).ShouldBe(0);
        mayWrite = true;
        await middle.UntilAsync("select count(*) = 40 from bridge.outcome");
        await middle.UntilAsync("select count(*) = 0 from bridge.alert");

        middle.Destinations.Calls.Skip(calls.Split(' ').Length).Take(2).ShouldAllBe(call => call.Count == 1 && LaneTests.Id(call[0]) == "0", "one is tried, and it is the first");
        middle.Destinations.Made.ShouldBeUnique();
        foreach (int key in Enumerable.Range(0, keys))
            middle.Destinations.Made.Select(int.Parse).Where(id => id % keys == key).ShouldBeInOrder();
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-- together: yes\n")]
    public async Task Deliveries_that_spent_all_their_tries_are_refused_for_good_too(string header)
    {
        await using Middle middle = await Middle.StartAsync(Middle.Quick with { LaneProbe = TimeSpan.FromMilliseconds(400) });
        bool mayWrite = false;
        middle.Destinations.Answer = _ => mayWrite ? new DeliveryOutcome.Delivered("x") : new DeliveryOutcome.Refused("NO_ACCESS", "no access", Permanent: false);
        Route route = await LaneTests.StartAsync(middle, header + Creates.Replace("retry: 5", "retry: 2"), 40);
        await RouteOnlyAsync(middle, route);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync(Stopped);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure where state = 'dead'")).ShouldBe(0);
        int before = middle.Destinations.Calls.Count;
        await Middle.UntilAsync(() => middle.Destinations.Calls.Count >= before + 2);
        (await middle.ScalarAsync<bool>(Stopped)).ShouldBeTrue();
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure where state = 'dead'")).ShouldBe(0);
        middle.Destinations.Calls.Skip(before).ShouldAllBe(call => call.Count == 1);
        mayWrite = true;
        await middle.UntilAsync("select count(*) = 40 from bridge.outcome");

        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Theory]
    [InlineData("made")]
    [InlineData("another code")]
    public async Task A_success_or_another_code_ends_a_run(string between)
    {
        await using Middle middle = await Middle.StartAsync();
        middle.Destinations.Answer = delivery => LaneTests.Id(delivery) != "19" ? No
            : between == "made" ? new DeliveryOutcome.Delivered("x") : new DeliveryOutcome.Refused("TOO_LONG", "too long", Permanent: true);
        Route route = await LaneTests.StartAsync(middle, Updates, 39, keys: 39);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 39 from (select id from bridge.outcome union all select id from bridge.failure where state = 'dead') ended");

        (await middle.ScalarAsync<long>("select count(*) from bridge.failure where code = 'NO_ACCESS' and attempts = 1")).ShouldBe(38);
        (await middle.ScalarAsync<bool>("select stopped is null from bridge.cursor where name = 'lane updates'")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_probe_that_fails_with_another_code_lets_the_lane_go_on()
    {
        await using Middle middle = await Middle.StartAsync();
        DeliveryOutcome others = No;
        DeliveryOutcome first = No;
        middle.Destinations.Answer = delivery => LaneTests.Id(delivery) == "0" ? first : others;
        Route route = await LaneTests.StartAsync(middle, Updates, 30, keys: 30);
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync(Stopped);

        others = new DeliveryOutcome.Delivered("x");
        first = new DeliveryOutcome.Refused("TOO_LONG", "too long", Permanent: true);
        await middle.UntilAsync("select count(*) = 29 from bridge.outcome");

        (await middle.ColumnAsync<string>("select code || ' ' || state from bridge.failure")).ShouldBe(["TOO_LONG dead"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_whole_call_that_is_refused_again_and_again_is_not_halved_to_its_end(bool isForGood)
    {
        await using Middle middle = await Middle.StartAsync(Middle.Quick with { LaneProbe = TimeSpan.FromMinutes(5) });
        Route route = await LaneTests.StartAsync(middle, Updates, 200, keys: 200);
        await RouteOnlyAsync(middle, route);
        middle.Destinations.AnswerCall = (_, _) => Task.FromResult<CallOutcome?>(new CallOutcome.CallRefused("NO_ACCESS", "no access", isForGood));

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync(Stopped);

        middle.Destinations.Calls.Count.ShouldBeInRange(20, 60);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task A_message_of_many_rows_that_are_made_together_counts_as_one()
    {
        await using Middle middle = await Middle.StartAsync();
        middle.Destinations.Answer = _ => No;
        Route route = Middle.Route("updates", "-- on: event N__e\n-- do: create X\n-- together: yes\nselect n::text as \"Id\" from message, generate_series(1, 30) n");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 2);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 60 from bridge.failure where state = 'dead'");

        (await middle.ScalarAsync<bool>("select stopped is null from bridge.cursor where name = 'lane updates'")).ShouldBeTrue();
    }

    [Fact]
    public async Task Whoever_holds_the_lane_next_keeps_it_stopped_and_gives_none_of_them_up()
    {
        await using Middle middle = await Middle.StartAsync();
        middle.Destinations.CallSize = 15;
        bool mayWrite = false;
        middle.Destinations.Answer = _ => mayWrite ? new DeliveryOutcome.Delivered("x") : No;
        Route route = await LaneTests.StartAsync(middle, Updates, 40, keys: 40);
        await RouteOnlyAsync(middle, route);
        await using (await middle.RunAsync(route))
            await middle.UntilAsync(Stopped);
        middle.Destinations.Forget();

        await using RunningWorker next = await middle.RunAsync(route);
        await Middle.UntilAsync(() => middle.Destinations.Calls.Count >= 3);
        (await middle.ScalarAsync<bool>(Stopped)).ShouldBeTrue();
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure where state = 'dead'")).ShouldBe(0);
        mayWrite = true;
        await middle.UntilAsync("select count(*) = 40 from bridge.outcome");

        middle.Destinations.Made.Select(int.Parse).ShouldBe(Enumerable.Range(0, 40));
    }

    [Fact]
    public async Task What_a_person_accepts_becomes_dead_letters_and_what_comes_later_is_judged_anew()
    {
        await using Middle middle = await Middle.StartAsync(Middle.Quick with { LaneProbe = TimeSpan.FromMinutes(5) });
        middle.Destinations.CallSize = 15;
        middle.Destinations.Answer = _ => No;
        Route route = await LaneTests.StartAsync(middle, Updates, 70, keys: 70);
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync(Stopped);
        await middle.UntilAsync("select count(*) = 70 from bridge.outbox");

        // A person in another process decides.
        await using Middle person = middle.Beside();
        var runs = new RefusalRuns(person.Database);
        (await runs.AcceptAsync("lane updates", default)).ShouldBe("NO_ACCESS");
        await middle.UntilAsync("select count(*) = 70 from bridge.failure where state = 'dead' and code = 'NO_ACCESS'");
        (await runs.AcceptAsync("lane updates", default)).ShouldBeNull();
        (await middle.ScalarAsync<long>("select count(*) from bridge.alert")).ShouldBe(0);

        await middle.AcceptNumbersAsync("event N__e", 30, keys: 30, first: 70);
        await middle.UntilAsync(Stopped);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure where state = 'dead'")).ShouldBe(70);
    }

    [Fact]
    public async Task A_lane_that_stopped_for_anything_else_has_no_run_to_accept()
    {
        await using Middle middle = await Middle.StartAsync();
        middle.Destinations.Answer = _ => new DeliveryOutcome.LaneRefused("INVALID_FIELD", "no such field");
        Route route = await LaneTests.StartAsync(middle, Updates, 30);
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select stopped is not null from bridge.cursor where name = 'lane updates'");

        (await new RefusalRuns(middle.Database).AcceptAsync("lane updates", default)).ShouldBeNull();
        (await new RefusalRuns(middle.Database).AcceptAsync("lane nowhere", default)).ShouldBeNull();
        (await middle.ScalarAsync<bool>("select stopped is not null from bridge.cursor where name = 'lane updates'")).ShouldBeTrue();
    }

    [Theory]
    [InlineData(true, 5)]
    [InlineData(false, 1)]
    public async Task A_run_in_a_jobs_results_stops_the_lane_and_shorter_ones_are_dead_letters(bool isForGood, int tries)
    {
        await using Middle middle = await Middle.StartAsync(Middle.Quick with { JobFrom = 20, LaneProbe = TimeSpan.FromMilliseconds(400) });
        var jobs = new RecordingJobs();
        bool mayWrite = false;
        var no = new DeliveryOutcome.Refused("NO_ACCESS", "no access", isForGood);
        DeliveryOutcome Answer(Delivery delivery) => int.Parse(LaneTests.Id(delivery)) switch
        {
            < 19 => no,
            >= 50 and < 80 when !mayWrite => no,
            _ => new DeliveryOutcome.Delivered("x"),
        };
        (jobs.Answer, middle.Destinations.Answer) = (Answer, Answer);
        Route route = await LaneTests.StartAsync(middle, Creates.Replace("retry: 5", $"retry: {tries}"), 100);
        await RouteOnlyAsync(middle, route);
        middle.Destinations.Jobs = jobs;

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync(Stopped);
        await Middle.UntilAsync(() => middle.Destinations.Calls.Count >= 2);
        (await middle.ScalarAsync<long>("select count(*) from bridge.outcome")).ShouldBe(51);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure where state = 'dead'")).ShouldBe(19);
        middle.Destinations.Calls.ShouldAllBe(call => call.Count == 1 && LaneTests.Id(call[0]) == "50");
        mayWrite = true;
        await middle.UntilAsync("select count(*) = 81 from bridge.outcome");

        (await middle.ColumnAsync<string>("select distinct state || ' ' || (o.body->>'Id')::int / 19 from bridge.failure f join bridge.outbox o using (id)")).ShouldBe(["dead 0"]);
    }

    [Fact]
    public async Task Those_that_were_told_as_failed_are_told_again_when_they_are_made()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table told (outcome text, n int)");
        middle.Destinations.CallSize = 15;
        bool mayWrite = false;
        middle.Destinations.Answer = _ => mayWrite ? new DeliveryOutcome.Delivered("x") : No;
        Route tells = Middle.Route("tells", "-- on: result of updates\ninsert into told select payload->>'outcome', (payload->'message'->'payload'->>'n')::int from message");
        Route route = Middle.Route("updates", Updates);
        await middle.EnrolAsync(route, tells);
        await middle.AcceptNumbersAsync("event N__e", 30, keys: 30);
        await RouteOnlyAsync(middle, route);
        await using RunningWorker worker = await middle.RunAsync(route, tells);
        await middle.UntilAsync(Stopped);
        mayWrite = true;

        await middle.UntilAsync("select count(*) = 30 from told where outcome = 'delivered'");

        (await middle.ScalarAsync<string>("select count(*) || ' up to ' || max(n) from told where outcome = 'failed'")).ShouldBe("15 up to 14");
    }

    // So that the lane has its whole backlog when it begins.
    private static async Task RouteOnlyAsync(Middle middle, Route route)
    {
        middle.Destinations.AnswerCall = (_, _) => Task.FromResult<CallOutcome?>(new CallOutcome.NotNow("later", "later"));
        await using (await middle.RunAsync(route))
            await middle.UntilAsync("select count(*) = (select count(*) from bridge.inbox where source = 'event N__e') from bridge.outbox");
        middle.Destinations.AnswerCall = (_, _) => Task.FromResult<CallOutcome?>(null);
        middle.Destinations.Forget();
    }
}
