using System.Text;
using System.Text.Json.Nodes;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Outbox;

public sealed class ResultTests
{
    private const string Creates =
        "-- on: event N__e\n-- do: create X\n-- key: payload->>'k'\n-- retry: 3 from 10ms to 10ms\nselect payload->>'n' as \"Id\" from message";

    private const string Hears = "-- on: result of updates\ninsert into told (payload, key) select payload, key from message";

    [Fact]
    public async Task Each_outcome_is_a_message_that_says_what_became_of_the_delivery_and_what_caused_it()
    {
        await using Middle middle = await StartAsync();
        middle.Destinations.Answer = delivery => LaneTests.Id(delivery) switch
        {
            "1" => new DeliveryOutcome.Refused("INVALID", "It is not right.", Permanent: true) { Response = Json("""{"status":422,"body":{"why":"no"}}""") },
            "2" => new DeliveryOutcome.Delivered("a02") { Response = Json("""{"status":201,"headers":{"ETag":"7"},"body":[1,2]}""") },
            _ => new DeliveryOutcome.Delivered("a00", Created: true),
        };
        await RunAsync(middle, 3, keys: 2, "select count(*) = 3 from told");

        (await middle.ColumnAsync<string>("select concat_ws(' ', payload->>'outcome', payload->>'id', payload->>'created', payload->>'code', payload->>'error', payload->>'attempts', payload->>'status', payload->>'body') from told order by payload->'message'->'payload'->'n'"))
            .ShouldBe(["delivered a00 true 1", """failed INVALID It is not right. 1 422 {"why": "no"}""", "delivered a02 1 201 [1, 2]"]);
        (await middle.ColumnAsync<string>("select concat_ws(' ', key, payload->>'lane', payload->>'destination') from told order by payload->'message'->'payload'->'n'"))
            .ShouldBe(["k0 updates create X", "k1 updates create X", "k0 updates create X"]);
        (await middle.ScalarAsync<bool>("""
            select bool_and(o.inbox_id = (t.payload->'message'->>'id')::bigint and t.payload->'message'->>'source' = 'event N__e')
            from told t join bridge.outbox o on o.lane = 'updates' and o.id = (t.payload->>'delivery')::bigint
            """)).ShouldBeTrue();
        (await middle.ColumnAsync<string>("select distinct concat_ws(' ', origin, hops) from bridge.inbox where source = 'result of updates'")).ShouldBe(["bridge:updates 1"]);
    }

    [Fact]
    public async Task A_new_id_is_written_home()
    {
        await using Middle middle = await StartAsync();
        await middle.ExecuteAsync("create table orders (n int primary key, sfid text); insert into orders select n from generate_series(0, 4) n");
        Route creates = Middle.Route("updates", Creates);
        Route home = Middle.Route("home", "-- on: result of updates\nupdate orders set sfid = payload->>'id' from message where n = (payload->'message'->'payload'->>'n')::int");
        await middle.EnrolAsync(creates, home);
        await middle.AcceptNumbersAsync("event N__e", 5);

        await using RunningWorker worker = await middle.RunAsync(creates, home);
        await middle.UntilAsync("select bool_and(sfid like 'org-%') and count(distinct sfid) = 5 from orders");
    }

    [Fact]
    public async Task What_is_tried_again_is_told_when_it_has_come_to_an_end()
    {
        await using Middle middle = await StartAsync();
        int refusals = 2;
        middle.Destinations.Answer = _ => refusals-- > 0 ? new DeliveryOutcome.Refused("busy", "busy", Permanent: false) : new DeliveryOutcome.Delivered("x");
        await RunAsync(middle, 1, keys: 1, "select count(*) = 1 from told");

        (await middle.ColumnAsync<string>("select concat_ws(' ', payload->>'outcome', payload->>'attempts') from told")).ShouldBe(["delivered 3"]);
    }

    [Fact]
    public async Task What_fails_anew_after_a_redrive_is_told_anew_and_so_is_a_discard()
    {
        await using Middle middle = await StartAsync();
        middle.Destinations.Answer = _ => new DeliveryOutcome.Refused("no", "no", Permanent: true);
        Route[] routes = await EnrolAsync(middle);
        await middle.AcceptNumbersAsync("event N__e", 1);
        await using RunningWorker worker = await middle.RunAsync(routes);
        await middle.UntilAsync("select count(*) = 1 from told");

        await using Middle person = middle.Beside();
        var letters = new DeadLetters(person.Database);
        (await letters.RedriveAsync("lane updates", null, default)).ShouldBe(1);
        await middle.UntilAsync("select count(*) = 2 from told");
        (await letters.DiscardAsync("lane updates", null, default)).ShouldBe(1);
        await middle.UntilAsync("select count(*) = 3 from told");

        (await middle.ColumnAsync<string>("select concat_ws(' ', payload->>'outcome', payload->>'code', payload->>'error') from told")).ShouldBe(["failed no no", "failed no no", "discarded no"]);
    }

    [Fact]
    public async Task Nothing_is_written_while_nobody_listens_and_a_later_route_hears_from_then_on()
    {
        await using Middle middle = await StartAsync();
        Route creates = Middle.Route("updates", Creates);
        await middle.EnrolAsync(creates);
        await middle.AcceptNumbersAsync("event N__e", 3);
        await using (await middle.RunAsync(creates))
            await middle.UntilAsync("select count(*) = 3 from bridge.outcome");
        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox where source like 'result of %'")).ShouldBe(0);

        Route[] routes = await EnrolAsync(middle);
        await middle.AcceptNumbersAsync("event N__e", 2, first: 3);
        await using (await middle.RunAsync(routes))
            await middle.UntilAsync("select count(*) = 2 from told");
        await middle.EnrolAsync(creates);
        await middle.AcceptNumbersAsync("event N__e", 2, first: 5);
        await using (await middle.RunAsync(creates))
            await middle.UntilAsync("select count(*) = 7 from bridge.outcome");

        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox where source like 'result of %'")).ShouldBe(2);
    }

    [Fact]
    public async Task Routes_that_hear_each_others_results_come_to_an_end()
    {
        await using Middle middle = await StartAsync();
        const string again = "-- do: create X\nselect payload->'message'->>'id' as \"Id\" from message";
        Route ping = Middle.Route("ping", $"-- on: result of pong\n{again}"), pong = Middle.Route("pong", $"-- on: result of ping\n{again}");
        await middle.EnrolAsync(ping, pong);
        await middle.AcceptAsync("result of pong", "{}");

        await using RunningWorker worker = await middle.RunAsync(ping, pong);
        await middle.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead' and error like '%a loop'");

        (await middle.ScalarAsync<long>("select count(*) from bridge.outcome")).ShouldBe(9);
    }

    [Fact]
    public async Task A_call_that_nobody_recorded_is_told_once_as_in_doubt_and_once_when_its_answer_comes_after_all()
    {
        await using Middle middle = await StartAsync();
        await using Cable cable = middle.Cable();
        await using Middle first = middle.Beside(cable);
        Route[] routes = await EnrolAsync(middle);
        await middle.AcceptNumbersAsync("event N__e", 3, keys: 3);
        TaskCompletionSource<CallOutcome?> answer = DoubtTests.Hang(first, out Task called);
        await using RunningWorker paused = await first.RunAsync(routes[0]);
        await called;

        cable.Hold();
        answer.SetResult(null);
        await using RunningWorker worker = await middle.RunAsync(routes);
        await middle.UntilAsync("select count(*) = 3 from told where payload->>'outcome' = 'failed' and payload->>'code' = 'in doubt'");
        cable.Mend();
        await middle.UntilAsync("select count(*) = 3 from told where payload->>'outcome' = 'delivered'");

        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox where source = 'result of updates'")).ShouldBe(6);
    }

    [Fact]
    public async Task However_often_the_connection_is_cut_around_the_record_each_outcome_is_told_once()
    {
        await using Middle middle = await StartAsync();
        await using Cable cable = middle.Cable();
        await using Middle shaky = middle.Beside(cable);
        Route[] routes = await EnrolAsync(middle, Creates.Replace("create X", "update X"));
        await middle.AcceptNumbersAsync("event N__e", 400, keys: 400);
        int calls = 0;
        shaky.Destinations.CallSize = 10;
        shaky.Destinations.AnswerCall = async (_, _) =>
        {
            if (++calls % 3 == 0)
            {
                cable.Cut();
                await Task.Yield();
                cable.Mend();
            }

            return null;
        };

        await using RunningWorker worker = await shaky.RunAsync(routes);
        await middle.UntilAsync("select count(*) = 400 from told");

        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox where source = 'result of updates'")).ShouldBe(400);
        (await middle.ScalarAsync<long>("select count(distinct payload->>'delivery') from told where payload->>'outcome' = 'delivered'")).ShouldBe(400);
        shaky.Log.Lines.ShouldContain(line => line.Contains("has an answer to record"));
    }

    [Fact]
    public async Task What_a_destination_says_is_kept_whatever_is_in_it_and_a_large_cause_is_told_by_its_id()
    {
        await using Middle middle = await StartAsync();
        middle.Destinations.Answer = _ => new DeliveryOutcome.Delivered("x") { Response = Json("""{"status":200,"body":"a \ud83d\ude00 ' { \\ } b"}""") };
        Route[] routes = await EnrolAsync(middle);
        await middle.AcceptAsync("event N__e", $$"""{"n":1,"k":"{{new string('k', 3000)}}","x":"{{new string('x', 300_000)}}"}""");

        await using RunningWorker worker = await middle.RunAsync(routes);
        await middle.UntilAsync("select count(*) = 1 from told");

        var payload = JsonNode.Parse(await middle.ScalarAsync<string>("select payload::text from told"))!;
        ((string?)payload["body"]).ShouldBe("a 😀 ' { \\ } b");
        payload["message"]!["payload"].ShouldBeNull();
        payload["message"]!["id"].ShouldNotBeNull();
    }

    private static async Task<Middle> StartAsync()
    {
        Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table told (payload jsonb, key text, n int generated always as identity)");
        return middle;
    }

    private static async Task<Route[]> EnrolAsync(Middle middle, string text = Creates)
    {
        Route[] routes = [Middle.Route("updates", text), Middle.Route("hears", Hears)];
        await middle.EnrolAsync(routes);
        return routes;
    }

    private static async Task RunAsync(Middle middle, int messages, int keys, string until)
    {
        Route[] routes = await EnrolAsync(middle);
        await middle.AcceptNumbersAsync("event N__e", messages, keys);
        await using RunningWorker worker = await middle.RunAsync(routes);
        await middle.UntilAsync(until);
    }

    private static ReadOnlyMemory<byte>? Json(string text) => Encoding.UTF8.GetBytes(text);
}
