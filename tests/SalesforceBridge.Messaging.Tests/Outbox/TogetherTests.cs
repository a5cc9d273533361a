using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Outbox;

public sealed class TogetherTests
{
    private const string Rows = "select row->>'id' as \"Id\", repeat('x', coalesce((row->>'size')::int, 0)) as \"F\" from message, jsonb_array_elements(payload->'rows') row";

    private static string Sends(string headers = "") =>
        $"-- on: event N__e\n-- do: create X\n-- together: yes\n-- retry: 4 from 10ms to 10ms\n{headers}{Rows}";

    [Fact]
    public async Task The_rows_of_a_message_are_a_call_of_their_own()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = await StartAsync(middle, Sends(), Message(1, 3), Message(2, 1), Message(3, 200), Message(4, 2));

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 206 from bridge.outcome");

        middle.Destinations.Calls.Select(call => call.Count).ShouldBe([3, 1, 200, 2]);
        middle.Destinations.Calls.ShouldAllBe(call => call.All(delivery => delivery.IsTogether));
        middle.Destinations.Calls[0].Select(LaneTests.Id).ShouldBe(["1-1", "1-2", "1-3"]);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(200, 4_000_000)]
    public async Task A_lot_is_whole_however_little_of_it_is_read_at_once(int callSize, int size)
    {
        await using Middle middle = await Middle.StartAsync();
        middle.Destinations.CallSize = callSize;
        Route route = await StartAsync(middle, Sends(), Message(1, 1), Message(2, 5, size), Message(3, 4), Message(4, 6));

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 16 from bridge.outcome");

        middle.Destinations.Calls.Select(call => call.Count).ShouldBe([1, 5, 4, 6]);
    }

    [Fact]
    public async Task A_lot_of_which_too_little_is_said_is_in_doubt_as_a_whole()
    {
        await using Middle middle = await Middle.StartAsync();
        middle.Destinations.AnswerCall = (call, _) => Task.FromResult<CallOutcome?>(
            call.Any(IsGuilty) ? new CallOutcome.Answered([new DeliveryOutcome.Delivered("x")]) : null);
        Route route = await StartAsync(middle, Sends(), Message(1, 2), Message(2, 3), Message(3, 2));

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 4 from bridge.outcome");

        (await middle.ColumnAsync<string>("select concat_ws(' ', o.body->>'Id', f.state, f.code) from bridge.failure f join bridge.outbox o using (id) order by id"))
            .ShouldBe(["2-1 dead in doubt", "2-2 dead in doubt", "2-3 dead in doubt"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-- key: payload->>'k'\n")]
    public async Task One_that_is_refused_for_good_makes_all_of_its_message_dead_and_they_are_redriven_together(string key)
    {
        await using Middle middle = await Middle.StartAsync();
        bool isRight = false;
        middle.Destinations.AnswerCall = (call, _) => Task.FromResult<CallOutcome?>(call.Any(IsGuilty) && !isRight ? Undone(call, isPermanent: true) : null);
        Route route = await StartAsync(middle, Sends(key), Message(1, 3), Message(2, 3), Message(3, 2));
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 5 from bridge.outcome");

        (await middle.ColumnAsync<string>("select concat_ws(' ', o.body->>'Id', f.state, f.code, f.error) from bridge.failure f join bridge.outbox o using (id) order by id"))
            .ShouldBe(["2-1 dead ROLLED_BACK undone", "2-2 dead INVALID it is not right", "2-3 dead ROLLED_BACK undone"]);
        isRight = true;
        long one = await middle.ScalarAsync<long>("select max(id) from bridge.failure");
        (await new DeadLetters(middle.Database).RedriveAsync("lane updates", [one], default)).ShouldBe(3);
        await middle.UntilAsync("select count(*) = 8 from bridge.outcome");

        middle.Destinations.Calls.Select(call => call.Count).ShouldBe([3, 3, 2, 3]);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-- key: payload->>'k'\n")]
    public async Task What_passes_is_tried_again_together_and_later_messages_of_the_key_wait(string key)
    {
        await using Middle middle = await Middle.StartAsync();
        int refusals = 2;
        middle.Destinations.AnswerCall = (call, _) => Task.FromResult<CallOutcome?>(call.Any(IsGuilty) && refusals-- > 0 ? Undone(call, isPermanent: false) : null);
        Route route = await StartAsync(middle, Sends(key), Message(1, 1), Message(2, 3), Message(3, 2), Message(4, 2));

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 8 from bridge.outcome");

        string[] calls = [.. middle.Destinations.Calls.Select(call => $"{LaneTests.Id(call[0])[0]}x{call.Count}")];
        calls.Count(call => call == "2x3").ShouldBe(3);
        calls.ShouldBeSubsetOf(["1x1", "2x3", "3x2", "4x2"]);
        if (key.Length > 0)
            calls.Distinct().ShouldBe(["1x1", "2x3", "3x2", "4x2"]);
        (await middle.ColumnAsync<int>("select distinct attempts from bridge.outcome x join bridge.outbox o using (lane, id) where body->>'Id' like '2-%'")).ShouldBe([3]);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task A_message_of_more_than_two_hundred_rows_fails_itself_and_no_other()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = await StartAsync(middle, Sends().Replace("4 from", "1 from"), Message(1, 2), Message(2, 201), Message(3, 2));

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 4 from bridge.outcome");

        (await middle.ColumnAsync<string>("select concat_ws(' ', cursor, state, error) from bridge.failure"))
            .ShouldBe(["route updates dead P0001: The message yields more than 200 rows, and `together: yes` sends them in one call, which takes 200; yield fewer, or remove the line."]);
    }

    [Fact]
    public async Task What_is_in_doubt_is_parked_together_and_a_discard_gives_all_of_it_up()
    {
        await using Middle middle = await Middle.StartAsync();
        await using Cable cable = middle.Cable();
        await using Middle first = middle.Beside(cable);
        Route route = await StartAsync(middle, Sends(), Message(1, 3), Message(2, 2));
        TaskCompletionSource<CallOutcome?> never = DoubtTests.Hang(first, out Task called);
        await using RunningWorker vanished = await first.RunAsync(route);
        await called;
        cable.Cut();

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 2 from bridge.outcome");
        (await middle.ColumnAsync<string>("select concat_ws(' ', o.body->>'Id', f.state, f.code) from bridge.failure f join bridge.outbox o using (id) order by id"))
            .ShouldBe(["1-1 dead in doubt", "1-2 dead in doubt", "1-3 dead in doubt"]);
        long one = await middle.ScalarAsync<long>("select min(id) from bridge.failure");
        (await new DeadLetters(middle.Database).DiscardAsync("lane updates", [one], default)).ShouldBe(3);

        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        never.SetResult(null);
        cable.Mend();
    }

    [Fact]
    public async Task A_call_that_is_refused_as_a_whole_is_not_halved()
    {
        await using Middle middle = await Middle.StartAsync();
        middle.Destinations.AnswerCall = (call, _) => Task.FromResult<CallOutcome?>(call.Any(IsGuilty) ? new CallOutcome.CallRefused("JSON_PARSER_ERROR", "no") : null);
        Route route = await StartAsync(middle, Sends(), Message(1, 2), Message(2, 4), Message(3, 1));

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 4 from bridge.failure where state = 'dead' and code = 'JSON_PARSER_ERROR'");
        await middle.UntilAsync("select count(*) = 3 from bridge.outcome");

        middle.Destinations.Calls.Select(call => call.Count).ShouldBe([2, 4, 1]);
    }

    [Fact]
    public async Task A_lane_that_stopped_tries_all_of_a_message()
    {
        await using Middle middle = await Middle.StartAsync();
        bool mayWrite = false;
        middle.Destinations.AnswerCall = (call, _) => Task.FromResult<CallOutcome?>(mayWrite ? null : new CallOutcome.Answered(
            [.. call.Select(delivery => IsGuilty(delivery) ? (DeliveryOutcome)new DeliveryOutcome.LaneRefused("INVALID_FIELD", "no access") : Refused("ROLLED_BACK", "undone", isPermanent: false))]));
        Route route = await StartAsync(middle, Sends(), Message(2, 3), Message(3, 2));

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select stopped = 'INVALID_FIELD: no access' from bridge.cursor where name = 'lane updates'");
        mayWrite = true;
        await middle.UntilAsync("select count(*) = 5 from bridge.outcome");

        middle.Destinations.Calls.SkipLast(1).ShouldAllBe(call => call.Count == 3);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task A_message_that_runs_again_is_a_call_apart_from_its_first_run()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = await StartAsync(middle, Sends(), Message(1, 2));
        middle.Destinations.AnswerCall = (_, _) => Task.FromResult<CallOutcome?>(new CallOutcome.NotNow("down", "down"));
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 2 from bridge.outbox");
        await new Rewind(middle.Database).ToIdAsync(route.Definition, 0, default);
        await middle.UntilAsync("select count(*) = 4 from bridge.outbox");

        middle.Destinations.AnswerCall = (_, _) => Task.FromResult<CallOutcome?>(null);
        await middle.UntilAsync("select count(*) = 4 from bridge.outcome");

        middle.Destinations.Calls.ShouldAllBe(call => call.Count == 2);
    }

    [Fact]
    public async Task A_handler_that_sends_to_two_places_fails_and_one_that_does_not_is_a_call()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Handler("both", "-- on: event N__e\n-- do: create X\n-- together: yes\n-- retry: 1", async (message, transaction, ct) =>
        {
            await transaction.CreateAsync("A", """{"n":1}""", ct);
            await transaction.CreateAsync((int?)System.Text.Json.Nodes.JsonNode.Parse(message.Json.Span)!["n"] == 1 ? "B" : "A", """{"n":2}""", ct);
        });
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 3);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 4 from bridge.outcome");

        middle.Destinations.Calls.Select(call => call.Count).ShouldBe([2, 2]);
        (await middle.ScalarAsync<string>("select error from bridge.failure")).ShouldContain("there are two destinations: `create A` and `create B`");
    }

    private static async Task<Route> StartAsync(Middle middle, string text, params string[] messages)
    {
        Route route = Middle.Route("updates", text);
        await middle.EnrolAsync(route);
        await middle.AcceptAsync("event N__e", messages);
        return route;
    }

    private static string Message(int n, int rows, int size = 0) =>
        $$"""{"k":"a","rows":[{{string.Join(',', Enumerable.Range(1, rows).Select(row => $$"""{"id":"{{n}}-{{row}}","size":{{size}}}"""))}}]}""";

    private static bool IsGuilty(Delivery delivery) => LaneTests.Id(delivery) == "2-2";

    private static CallOutcome.Answered Undone(IReadOnlyList<Delivery> call, bool isPermanent) => new(
        [.. call.Select(delivery => IsGuilty(delivery) ? Refused("INVALID", "it is not right", isPermanent) : Refused("ROLLED_BACK", "undone", isPermanent: false))]);

    private static DeliveryOutcome.Refused Refused(string code, string error, bool isPermanent) => new(code, error, isPermanent);
}
