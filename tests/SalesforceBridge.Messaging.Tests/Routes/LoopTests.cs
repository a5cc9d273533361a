using System.Text;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Routes;

public sealed class LoopTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_route_that_publishes_the_event_it_listens_to_runs_once(bool eventComesFirst)
    {
        await using Middle middle = await Middle.StartAsync(Middle.Quick with { Idle = TimeSpan.FromSeconds(20) });
        Route route = Middle.Route("echo", "-- on: event N__e\n-- do: publish N__e\nselect payload->>'n' as \"N__c\" from message");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 3);
        middle.Destinations.AnswerCall = async (call, _) =>
        {
            if (eventComesFirst)
                await ComeBackAsync(middle, call);
            return new CallOutcome.Answered([.. call.Select(delivery => new DeliveryOutcome.Delivered($"uuid-{delivery.Id}"))]);
        };

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 3 from bridge.outcome");
        if (!eventComesFirst)
            await ComeBackAsync(middle, middle.Destinations.Calls.SelectMany(call => call));
        await middle.UntilAsync("select count(*) = 6 and (select position from bridge.cursor where name = 'route echo on event N__e') = max(id)::text from bridge.inbox");

        (await middle.ScalarAsync<long>("select count(*) from bridge.outbox")).ShouldBe(3);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task Two_routes_that_wake_each_other_end_in_a_dead_letter_after_eight_hops()
    {
        await using Middle middle = await Middle.StartAsync();
        Route ping = Middle.Route("ping", "-- on: event Ping__e\n-- do: publish Pong__e\nselect 1 as \"N__c\" from message");
        Route pong = Middle.Route("pong", "-- on: event Pong__e\n-- do: publish Ping__e\nselect 1 as \"N__c\" from message");
        await middle.EnrolAsync(ping, pong);
        middle.Destinations.AnswerCall = async (call, _) =>
        {
            await ComeBackAsync(middle, call);
            return new CallOutcome.Answered([.. call.Select(delivery => new DeliveryOutcome.Delivered($"uuid-{delivery.Id}"))]);
        };
        await middle.AcceptAsync("event Ping__e", """{"n":0}""");

        await using RunningWorker worker = await middle.RunAsync(ping, pong);
        await middle.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead' and error like '%loop%'");

        (await middle.ColumnAsync<short>("select hops from bridge.outbox order by id")).ShouldBe([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    [Fact]
    public async Task A_message_that_carries_its_origin_does_not_wake_that_route_and_wakes_others()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n text)");
        Route self = Middle.Route("self", "-- on: table public.x\ninsert into t select 'self' || (payload->>'n') from message");
        Route other = Middle.Route("other", "-- on: table public.x\ninsert into t select 'other' || (payload->>'n') from message");
        await middle.EnrolAsync(self, other);
        await middle.Inbox.AcceptAsync([new("table public.x", 0, null)], [.. new[] { null, "bridge:self", "app" }.Select((origin, n) =>
            new NewMessage("table public.x", Encoding.UTF8.GetBytes($$"""{"n":{{n}}}""")) { Origin = origin })], default);

        await using RunningWorker worker = await middle.RunAsync(self, other);
        await middle.UntilAsync("select count(*) = 5 from t");

        (await middle.ColumnAsync<string>("select n from t order by n")).ShouldBe(["other0", "other1", "other2", "self0", "self2"]);
    }

    private static async Task ComeBackAsync(Middle middle, IEnumerable<Delivery> published)
    {
        string source = $"event {published.First().Destination["publish ".Length..]}";
        await middle.Inbox.AcceptAsync([new(source, 0, null)],
            [.. published.Select(delivery => new NewMessage(source, delivery.Body) { DedupeKey = $"uuid-{delivery.Id}" })], default);
    }
}
