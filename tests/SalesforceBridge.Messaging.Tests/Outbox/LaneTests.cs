using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Outbox;

public sealed class LaneTests
{
    private const string Updates = "-- on: event N__e\n-- do: update X\n-- key: payload->>'k'\n-- retry: 5 from 10ms to 10ms\nselect payload->>'n' as \"Id\" from message";

    [Fact]
    public async Task A_call_holds_each_key_and_each_record_once()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("keyed", "-- on: event N__e\n-- do: update X\n-- key: payload->>'k'\nselect payload->>'id' as \"Id\", payload->>'v' as \"Val\" from message");
        await middle.EnrolAsync(route);
        await middle.AcceptAsync("event N__e",
            """{"k":"a","id":"1","v":"1"}""", """{"k":"b","id":"2","v":"2"}""", """{"k":"a","id":"3","v":"3"}""",
            """{"k":"c","id":"3","v":"4"}""", """{"id":"4","v":"5"}""", """{"id":"4","v":"6"}""");

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 6 from bridge.outcome");

        middle.Destinations.Calls.Select(call => call.Count).ShouldBe([2, 1, 2, 1]);
        middle.Destinations.Calls.ShouldAllBe(call => call.Where(d => d.Key != null).DistinctBy(d => d.Key).Count() == call.Count(d => d.Key != null));
        middle.Destinations.Bodies.Select(body => body[^3]).ShouldBe("123456");
    }

    [Fact]
    public async Task Deliveries_to_other_destinations_are_calls_of_their_own_in_the_lanes_order()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Handler("mixed", "-- on: event N__e\n-- do: create X", async (message, transaction, ct) =>
        {
            await transaction.CreateAsync("A", """{"n":1}""", ct);
            await transaction.CreateAsync("A", """{"n":2}""", ct);
            await transaction.PublishAsync("B__e", """{"n":3}""", ct);
            await transaction.CreateAsync("A", """{"n":4}""", ct);
        });
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 1);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 4 from bridge.outcome");

        middle.Destinations.Calls.Select(call => $"{call[0].Destination} {call.Count}").ShouldBe(["create A 2", "publish B__e 1", "create A 1"]);
    }

    [Fact]
    public async Task A_call_that_is_refused_as_a_whole_is_halved_until_the_guilty_delivery_is_alone()
    {
        await using Middle middle = await Middle.StartAsync();
        middle.Destinations.AnswerCall = (call, _) => Task.FromResult<CallOutcome?>(
            call.Any(delivery => RecordingDestinations.Body(delivery).Contains("\"13\"")) ? new CallOutcome.CallRefused("JSON_PARSER_ERROR", "no") : null);
        Route route = await StartAsync(middle, Updates, 40, keys: 40);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 39 from bridge.outcome");

        (await middle.ColumnAsync<string>("select code || attempts from bridge.failure where state = 'dead'")).ShouldBe(["JSON_PARSER_ERROR1"]);
        Delivered(middle).ShouldBe(Enumerable.Range(0, 40).Where(n => n != 13).Select(n => $"{n}"));
    }

    [Fact]
    public async Task A_delivery_that_fails_its_whole_call_and_might_not_is_tried_again_alone_while_the_others_are_made()
    {
        await using Middle middle = await Middle.StartAsync();
        int fails = 3;
        middle.Destinations.AnswerCall = (call, _) => Task.FromResult<CallOutcome?>(
            fails > 0 && call.Any(delivery => Id(delivery) == "13") && (call.Count > 1 || fails-- > 0) ? new CallOutcome.CallRefused("UNKNOWN_EXCEPTION", "no", Permanent: false) : null);
        Route route = await StartAsync(middle, Updates, 40, keys: 40);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 40 from bridge.outcome");

        (await middle.ScalarAsync<int>("select attempts from bridge.outcome join bridge.outbox using (id) where body->>'Id' = '13'")).ShouldBe(4);
        Delivered(middle).Last().ShouldBe("13");
    }

    [Fact]
    public async Task A_refusal_of_the_lane_stops_it_and_one_delivery_tries_it_again()
    {
        await using Middle middle = await Middle.StartAsync();
        bool mayWrite = false;
        middle.Destinations.Answer = delivery => !mayWrite && RecordingDestinations.Body(delivery).Contains('7')
            ? new DeliveryOutcome.LaneRefused("INVALID_FIELD", "no access") : new DeliveryOutcome.Delivered("x");
        Route route = await StartAsync(middle, Updates, 20, keys: 20);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select stopped = 'INVALID_FIELD: no access' and position = (select id - 1 from bridge.outbox where body->>'Id' = '7')::text from bridge.cursor where name = 'lane updates'");
        (await middle.ScalarAsync<long>("select count(*) from bridge.outcome")).ShouldBe(18);
        await middle.UntilAsync("select count(*) = 1 from bridge.alert where name = 'lane updates stopped'");
        await Middle.UntilAsync(() => middle.Destinations.Calls.Count >= 3);
        mayWrite = true;
        await middle.UntilAsync("select count(*) = 20 from bridge.outcome");
        await middle.UntilAsync("select count(*) = 0 from bridge.alert");

        middle.Destinations.Calls.Skip(1).Take(2).ShouldAllBe(call => call.Count == 1);
        Delivered(middle).Where(id => id is not ("7" or "17")).ShouldBeUnique();
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(300)]
    public async Task Not_now_waits_and_burns_no_attempt(int? milliseconds)
    {
        await using Middle middle = await Middle.StartAsync();
        int refusals = 6;
        List<long> times = [];
        middle.Destinations.AnswerCall = (_, _) =>
        {
            times.Add(TimeProvider.System.GetTimestamp());
            return Task.FromResult<CallOutcome?>(refusals-- > 0 ? new CallOutcome.NotNow("SERVER_UNAVAILABLE", "later", milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null) : null);
        };
        Route route = await StartAsync(middle, Updates.Replace("5 from", "2 from"), 3, keys: 3);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 3 and max(attempts) = 1 from bridge.outcome");

        times.Count.ShouldBe(7);
        TimeProvider.System.GetElapsedTime(times[0], times[1]).ShouldBeGreaterThan(TimeSpan.FromMilliseconds((milliseconds ?? 4) - 1));
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task A_refused_delivery_is_tried_again_and_its_key_waits_for_it()
    {
        await using Middle middle = await Middle.StartAsync();
        Dictionary<string, int> refusals = new() { ["1"] = 2, ["2"] = 99 };
        middle.Destinations.Answer = delivery => refusals.TryGetValue(Id(delivery), out int left) && left > 0 && (refusals[Id(delivery)] = left - 1) >= 0
            ? new DeliveryOutcome.Refused("UNABLE_TO_LOCK_ROW", "busy", Permanent: false) : new DeliveryOutcome.Delivered("x");
        Route route = await StartAsync(middle, Updates, 9, keys: 3);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 8 from bridge.outcome");

        (await middle.ColumnAsync<string>("select state || attempts from bridge.failure")).ShouldBe(["dead5"]);
        foreach (int key in Enumerable.Range(0, 3))
            Delivered(middle).Where(id => int.Parse(id) % 3 == key).Distinct().ShouldBe(Enumerable.Range(0, 3).Select(n => $"{(3 * n) + key}").Where(id => id != "2"));
        (await middle.ScalarAsync<int>("select attempts from bridge.outcome x join bridge.outbox o using (lane, id) where body->>'Id' = '1'")).ShouldBe(3);
    }

    [Fact]
    public async Task A_delivery_without_a_destination_stops_its_lane_and_is_kept()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = await StartAsync(middle, Updates.Replace("update X", "request nowhere"), 1);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select stopped like 'unknown destination%' from bridge.cursor where name = 'lane updates'");

        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task Large_deliveries_are_not_all_read_at_once()
    {
        await using Middle middle = await Middle.StartAsync();
        middle.Destinations.CallSize = 1;
        Route route = await StartAsync(middle, Updates.Replace("as \"Id\"", "as \"Id\", repeat('x', 3000000) as \"F\""), 12, keys: 12);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 12 from bridge.outcome");

        Delivered(middle).Distinct().Count().ShouldBe(12);
        middle.Destinations.Calls.ShouldAllBe(call => call.Count == 1);
    }

    [Fact]
    public async Task What_a_route_left_in_its_lane_is_delivered_though_the_route_sends_no_longer()
    {
        await using Middle middle = await Middle.StartAsync();
        Route sends = await StartAsync(middle, Updates, 4);
        middle.Destinations.AnswerCall = (_, _) => Task.FromResult<CallOutcome?>(new CallOutcome.NotNow("down", "down"));
        await using (await middle.RunAsync(sends))
            await middle.UntilAsync("select count(*) = 4 from bridge.outbox");
        middle.Destinations.AnswerCall = (_, _) => Task.FromResult<CallOutcome?>(null);

        await using RunningWorker worker = await middle.RunAsync(Middle.Route("updates", "-- on: event N__e\nselect 1 from message"));

        await middle.UntilAsync("select count(*) = 4 from bridge.outcome");
    }

    internal static async Task<Route> StartAsync(Middle middle, string text, int messages, int keys = 7)
    {
        Route route = Middle.Route("updates", text);
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", messages, keys);
        return route;
    }

    internal static string Id(Delivery delivery) => System.Text.Json.Nodes.JsonNode.Parse(delivery.Body.Span)!["Id"]!.ToString();

    private static IEnumerable<string> Delivered(Middle middle) => middle.Destinations.Made;
}
