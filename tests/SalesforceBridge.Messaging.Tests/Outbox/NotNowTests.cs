using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Outbox;

public sealed class NotNowTests
{
    private const string Sends = "-- on: event N__e\n-- do: create X\n-- key: payload->>'k'\n-- retry: 2 from 10ms to 10ms\n-- timeout: 300ms\nselect payload->>'n' as \"Id\" from message";

    [Fact]
    public async Task A_delivery_of_a_call_that_has_to_wait_burns_no_attempt_and_what_was_made_beside_it_stays_made()
    {
        await using Middle middle = await Middle.StartAsync();
        int waits = 5;
        middle.Destinations.Answer = delivery => LaneTests.Id(delivery) == "1" && waits-- > 0
            ? new DeliveryOutcome.NotNow("HTTP 429", "later", TimeSpan.FromMilliseconds(10)) : new DeliveryOutcome.Delivered("x");
        Route route = await LaneTests.StartAsync(middle, Sends, 4, keys: 4);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 4 and max(attempts) = 1 from bridge.outcome");

        middle.Destinations.Made.Order().ShouldBe(["0", "1", "2", "3"]);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task A_destination_that_says_what_it_knows_when_the_time_is_over_leaves_only_the_rest_in_doubt()
    {
        await using Middle middle = await Middle.StartAsync();
        middle.Destinations.AnswerCall = async (call, ct) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new CallOutcome.Answered([.. call.Select(delivery => LaneTests.Id(delivery) == "1"
                ? new DeliveryOutcome.InDoubt("no answer") : (DeliveryOutcome)new DeliveryOutcome.Delivered("x"))]);
        };
        Route route = await LaneTests.StartAsync(middle, Sends, 4, keys: 4);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 3 from bridge.outcome");

        (await middle.ColumnAsync<string>("select concat_ws(' ', o.body->>'Id', f.state, f.code) from bridge.failure f join bridge.outbox o using (id)")).ShouldBe(["1 dead in doubt"]);
    }
}
