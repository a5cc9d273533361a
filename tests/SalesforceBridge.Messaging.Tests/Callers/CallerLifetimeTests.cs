using SalesforceBridge.Messaging.Tests.Drivers;
using static SalesforceBridge.Messaging.Tests.Callers.CallerDeliveryTests;

namespace SalesforceBridge.Messaging.Tests.Callers;

/// <summary>A caller's row goes with its last delivery, two hours after it came at the latest, and not while something needs it.</summary>
public sealed class CallerLifetimeTests
{
    private const string Text = "-- on: callout orders\n-- do: update X\n-- as: caller\n-- retry: 1\nselect payload->>'n' as \"Id\" from message";
    private const string Many = "-- on: callout orders\n-- do: create X\n-- as: caller\nselect g as \"N\" from message, generate_series(1, 500) g";
    private const string None = "-- on: callout orders\n-- do: update X\n-- as: caller\nselect 'x' as \"Id\" from message where false";

    [Fact]
    public async Task It_goes_with_the_last_delivery_of_the_last_route()
    {
        await using Middle middle = await Middle.StartAsync();
        Route one = Middle.Route("one", Text), many = Middle.Route("many", Many);
        var go = new TaskCompletionSource();
        middle.Destinations.AnswerCall = async (call, _) =>
        {
            if (call[0].Lane == "many")
                await go.Task;
            return null;
        };
        await middle.EnrolAsync(one, many);
        await AcceptAsync(middle, ("ann", 1));

        await using RunningWorker worker = await middle.RunAsync(one, many);
        await middle.UntilAsync("select count(*) = 1 from bridge.outcome where lane = 'one'");
        await SweptAsync(middle);
        (await middle.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(1, "the other route's deliveries are open");
        go.SetResult();

        await middle.UntilAsync("select count(*) = 500 from bridge.outcome where lane = 'many'");
        (await middle.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(0, "it goes in the commit of the last outcome");
        middle.Destinations.Tokens.ShouldAllBe(token => token == "token-of-ann");
    }

    [Fact]
    public async Task It_goes_when_no_delivery_comes_of_its_messages()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("none", None);
        await middle.EnrolAsync(route);
        await AcceptAsync(middle, ("ann", 1));
        await SweptAsync(middle);
        (await middle.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(1, "its message is unread");

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select position <> '0' from bridge.cursor where name = 'route none on callout orders'");
        await SweptAsync(middle);

        (await middle.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(0);
    }

    [Fact]
    public async Task A_message_that_its_route_failed_at_keeps_it()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("fails", Text.Replace("payload->>'n'", "(1 / ((payload->>'n')::int - 1))::text"));
        await middle.EnrolAsync(route);
        await AcceptAsync(middle, ("ann", 1));

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead'");
        await SweptAsync(middle);

        (await middle.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(1);
    }

    [Fact]
    public async Task A_dead_letter_keeps_it_for_a_redrive_until_its_time_is_over()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("as-caller", Text);
        bool isRefused = true;
        middle.Destinations.Answer = _ => isRefused ? new DeliveryOutcome.Refused("INVALID_FIELD", "no", Permanent: true) : new DeliveryOutcome.Delivered("org");
        await middle.EnrolAsync(route);
        await AcceptAsync(middle, ("ann", 1), ("bob", 2));
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 2 from bridge.failure where state = 'dead'");
        await SweptAsync(middle);
        (await middle.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(2);
        await middle.ExecuteAsync("update bridge.caller set expires_at = clock_timestamp() where user_id = 'bob'");
        isRefused = false;

        await new DeadLetters(middle.Database).RedriveAsync("lane as-caller", null, default);
        await middle.UntilAsync("select count(*) = 1 from bridge.outcome");
        await middle.UntilAsync("select count(*) = 1 from bridge.failure where code = 'caller expired' and state = 'dead'");
        await SweptAsync(middle);

        middle.Destinations.Made.ShouldBe(["1"]);
        (await middle.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(0);
    }

    [Fact]
    public async Task A_discarded_dead_letter_needs_it_no_more()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("as-caller", Text);
        middle.Destinations.Answer = _ => new DeliveryOutcome.Refused("INVALID_FIELD", "no", Permanent: true);
        await middle.EnrolAsync(route);
        await AcceptAsync(middle, ("ann", 1));
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead'");

        await new DeadLetters(middle.Database).DiscardAsync("lane as-caller", null, default);
        await SweptAsync(middle);

        (await middle.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(0);
    }

    [Fact]
    public async Task What_runs_again_after_its_caller_is_gone_is_a_dead_letter()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("as-caller", Text);
        await middle.EnrolAsync(route);
        await AcceptAsync(middle, ("ann", 1));
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 1 from bridge.outcome");

        await new Rewind(middle.Database).ToIdAsync(route.Definition, 0, default);
        await middle.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead'");

        (await DeadAsync(middle)).ShouldHaveSingleItem().ShouldStartWith("caller expired: The caller's session is not kept any more");
        middle.Destinations.Made.ShouldBe(["1"]);
    }

    [Fact]
    public async Task An_idle_bridge_forgets_what_is_over_whatever_still_waits_for_it()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("as-caller", Text);
        await middle.EnrolAsync(route);
        await AcceptAsync(middle, ("ann", 1), ("bob", 2));
        await middle.ExecuteAsync("update bridge.caller set expires_at = clock_timestamp() where user_id = 'ann'");

        (await SweptAsync(middle)).ShouldBe(1);

        (await middle.ColumnAsync<string>("select user_id from bridge.caller")).ShouldBe(["bob"]);
    }
}
