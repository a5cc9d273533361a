using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Outbox;

public sealed class DoubtTests
{
    private static string Sends(string action, string whenInDoubt, string timeout = "1h") =>
        $"-- on: event N__e\n-- do: {action}\n-- key: payload->>'k'\n-- retry: 5 from 10ms to 10ms\n-- timeout: {timeout}\n-- when in doubt: {whenInDoubt}\nselect payload->>'n' as \"Id\" from message";

    [Theory]
    [InlineData("repeat", "0 1 2", "")]
    [InlineData("park", "", "0 1 2")]
    public async Task A_call_whose_worker_vanished_is_repeated_or_left_to_a_person(string whenInDoubt, string repeated, string parked)
    {
        await using Middle middle = await Middle.StartAsync();
        await using Cable cable = middle.Cable();
        await using Middle first = middle.Beside(cable);
        Route route = await LaneTests.StartAsync(middle, Sends("create X", whenInDoubt), 3, keys: 3);
        TaskCompletionSource<CallOutcome?> never = Hang(first, out Task called);
        await using RunningWorker vanished = await first.RunAsync(route);
        await called;
        cable.Cut();

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 3 from (select id from bridge.outcome union all select id from bridge.failure where code = 'in doubt' and state = 'dead') settled");

        string.Join(' ', middle.Destinations.Made).ShouldBe(repeated);
        string.Join(' ', await middle.ColumnAsync<string>("select o.body->>'Id' from bridge.failure f join bridge.outbox o on o.id = f.id order by o.id")).ShouldBe(parked);
        never.SetResult(null);
        cable.Mend();
    }

    [Fact]
    public async Task A_retried_delivery_whose_worker_vanished_is_in_doubt_too()
    {
        await using Middle middle = await Middle.StartAsync();
        await using Cable cable = middle.Cable();
        await using Middle first = middle.Beside(cable);
        Route route = await LaneTests.StartAsync(middle, Sends("create X", "park"), 2, keys: 1);
        TaskCompletionSource<CallOutcome?> never = Hang(first, out Task called, after: 1);
        first.Destinations.Answer = _ => new DeliveryOutcome.Refused("busy", "busy", Permanent: false);
        await using RunningWorker vanished = await first.RunAsync(route);
        await called;
        (await middle.ScalarAsync<string>("select in_flight from bridge.cursor where name = 'lane updates'")).ShouldStartWith("retry ");
        cable.Cut();

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 1 from bridge.outcome");

        middle.Destinations.Made.ShouldBe(["1"]);
        (await middle.ColumnAsync<string>("select code || state from bridge.failure")).ShouldBe(["in doubtdead"]);
        never.SetResult(null);
        cable.Mend();
    }

    [Fact]
    public async Task What_a_worker_made_though_it_lost_the_lane_is_recorded_and_not_repeated()
    {
        await using Middle middle = await Middle.StartAsync();
        await using Cable cable = middle.Cable();
        await using Middle first = middle.Beside(cable);
        Route route = await LaneTests.StartAsync(middle, Sends("create X", "park"), 3, keys: 3);
        TaskCompletionSource<CallOutcome?> answer = Hang(first, out Task called);
        await using RunningWorker paused = await first.RunAsync(route);
        await called;

        // It has the answer, and neither that nor its heartbeat gets through, so another worker takes over and parks the call.
        cable.Hold();
        answer.SetResult(null);
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 3 from bridge.failure where code = 'in doubt'");
        cable.Mend();

        await middle.UntilAsync("select count(*) = 3 from bridge.outcome where org_id like 'org-%'");
        await middle.UntilAsync("select count(*) = 0 from bridge.failure");
        middle.Destinations.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_answer_that_comes_while_the_database_is_away_is_recorded_when_it_is_back()
    {
        await using Middle middle = await Middle.StartAsync();
        await using Cable cable = middle.Cable();
        await using Middle only = middle.Beside(cable);
        Route route = await LaneTests.StartAsync(middle, Sends("create X", "park"), 3, keys: 3);
        TaskCompletionSource<CallOutcome?> answer = Hang(only, out Task called);
        await using RunningWorker worker = await only.RunAsync(route);
        await called;

        cable.Cut();
        answer.SetResult(null);
        await Middle.UntilAsync(() => only.Log.Lines.Any(line => line.Contains("has an answer to record")));
        await Middle.UntilAsync(() => only.Log.Lines.Any(line => line.Contains("given up")));
        cable.Mend();

        await middle.UntilAsync("select count(*) = 3 from bridge.outcome");
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        only.Destinations.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_call_whose_beginning_the_database_does_not_take_in_time_is_made_when_it_does()
    {
        await using Middle middle = await Middle.StartAsync();
        middle.Time = new HurriedTime(LaneJournal.Grace, TimeSpan.FromMilliseconds(100));
        Route route = await LaneTests.StartAsync(middle, Sends("create X", "park"), 3, keys: 3);
        await middle.ExecuteAsync("""
            create function wait() returns trigger language plpgsql as 'begin perform pg_advisory_xact_lock(1); return new; end';
            create trigger wait before update on bridge.cursor for each row when (new.in_flight is not null) execute function wait();
            """);
        await using NpgsqlConnection slow = await middle.Database.Source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using NpgsqlTransaction holds = await slow.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var held = new NpgsqlCommand("select pg_advisory_xact_lock(1)", slow))
            await held.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        await using RunningWorker worker = await middle.RunAsync(route);
        await Middle.UntilAsync(() => middle.Log.Lines.Any(line => line.Contains("waits for the database (TimeoutException)")));
        await holds.RollbackAsync(TestContext.Current.CancellationToken);

        await middle.UntilAsync("select count(*) = 3 from bridge.outcome");
        middle.Destinations.Calls.Count.ShouldBe(1);
        middle.Log.Lines.ShouldNotContain(line => line.StartsWith("Error"));
    }

    [Theory]
    [InlineData("create X", "park")]
    [InlineData("update X", "repeat")]
    public async Task A_worker_that_is_told_to_stop_lets_the_call_end_and_records_it(string action, string whenInDoubt)
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = await LaneTests.StartAsync(middle, Sends(action, whenInDoubt), 3, keys: 3);
        TaskCompletionSource<CallOutcome?> answer = Hang(middle, out Task called);
        RunningWorker worker = await middle.RunAsync(route);
        await called;

        Task stopping = worker.DisposeAsync().AsTask();
        answer.SetResult(null);
        await stopping;

        (await middle.ScalarAsync<long>("select count(*) from bridge.outcome")).ShouldBe(3);
        (await middle.ScalarAsync<bool>("select in_flight is null and worker is null from bridge.cursor where name = 'lane updates'")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_call_that_takes_longer_than_the_route_allows_is_in_doubt_and_holds_nobody_up()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = await LaneTests.StartAsync(middle, Sends("create X", "park", "100ms"), 3, keys: 1);
        TaskCompletionSource<CallOutcome?> never = Hang(middle, out _);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 2 from bridge.outcome");

        (await middle.ColumnAsync<string>("select code || state from bridge.failure")).ShouldBe(["in doubtdead"]);
        never.SetResult(null);
    }

    [Fact]
    public async Task A_destination_that_answers_too_little_leaves_the_rest_in_doubt()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = await LaneTests.StartAsync(middle, Sends("create X", "park"), 3, keys: 3);
        middle.Destinations.AnswerCall = (_, _) => Task.FromResult<CallOutcome?>(new CallOutcome.Answered([new DeliveryOutcome.Delivered("x")]));

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 2 from bridge.failure where state = 'dead' and code = 'in doubt'");

        (await middle.ScalarAsync<long>("select count(*) from bridge.outcome")).ShouldBe(1);
    }

    /// <summary>One call hangs until the test answers it; null lets the destination answer as usual.</summary>
    internal static TaskCompletionSource<CallOutcome?> Hang(Middle middle, out Task called, int after = 0)
    {
        var reached = new TaskCompletionSource();
        var answer = new TaskCompletionSource<CallOutcome?>(TaskCreationOptions.RunContinuationsAsynchronously);
        int calls = 0;
        middle.Destinations.AnswerCall = (_, _) =>
        {
            if (calls++ != after)
                return Task.FromResult<CallOutcome?>(null);
            middle.Destinations.Answer = delivery => new DeliveryOutcome.Delivered($"org-{delivery.Id}");
            reached.SetResult();
            return answer.Task;
        };
        called = reached.Task.WaitAsync(TimeSpan.FromSeconds(20));
        return answer;
    }
}
