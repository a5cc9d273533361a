using System.Collections.Concurrent;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Callers;

/// <summary>Deliveries are made as their callers, or not at all.</summary>
public sealed class CallerDeliveryTests
{
    private const string Source = "callout orders";
    private const string Text = "-- on: callout orders\n-- do: update X\n-- as: caller\n-- retry: 3 from 10ms to 10ms\nselect payload->>'n' as \"Id\" from message";

    [Fact]
    public async Task Each_call_holds_the_deliveries_of_one_caller_and_carries_its_token()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("as-caller", Text);
        await middle.EnrolAsync(route);
        await AcceptAsync(middle, ("ann", 1), ("ann", 2), ("bob", 3), ("ann", 4), ("bob", 5), ("bob", 6));

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 6 from bridge.outcome");

        // Each request is a caller of its own, even if its user is the same.
        middle.Destinations.Made.ShouldBe(["1", "2", "3", "4", "5", "6"]);
        middle.Destinations.Tokens.ShouldBe(["token-of-ann", "token-of-ann", "token-of-bob", "token-of-ann", "token-of-bob", "token-of-bob"]);
    }

    [Fact]
    public async Task The_records_of_one_request_are_one_call()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("as-caller", Text), plain = Middle.Route("as-bridge", Text.Replace("-- as: caller\n", ""));
        await middle.EnrolAsync(route, plain);
        await AcceptAsync(middle, "ann", Enumerable.Range(1, 150));
        await AcceptAsync(middle, "bob", Enumerable.Range(151, 20));

        await using RunningWorker worker = await middle.RunAsync(route, plain);
        await middle.UntilAsync("select count(*) = 340 from bridge.outcome");

        middle.Destinations.Calls.Zip(middle.Destinations.Tokens)
            .Where(call => call.Second is not null).Select(call => (call.First.Count, call.Second)).ShouldBe([(150, "token-of-ann"), (20, "token-of-bob")]);
        middle.Destinations.Calls.Zip(middle.Destinations.Tokens).Where(call => call.Second is null).ShouldAllBe(call => call.First[0].Lane == "as-bridge");
        (await middle.ScalarAsync<long>("select count(*) from bridge.outbox where lane = 'as-bridge' and caller is not null")).ShouldBe(0);
        await SweptAsync(middle);
        (await middle.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(0);
    }

    [Fact]
    public async Task A_handlers_deliveries_carry_the_caller_too()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Handler("handles", "-- on: callout orders\n-- do: create X\n-- as: caller", (_, transaction, ct) => transaction.CreateAsync("X", """{"Id":"1"}""", ct));
        await middle.EnrolAsync(route);
        await AcceptAsync(middle, ("ann", 1));

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 1 from bridge.outcome");

        middle.Destinations.Tokens.ShouldBe(["token-of-ann"]);
    }

    [Fact]
    public async Task A_message_without_a_caller_is_a_dead_letter_and_never_sent_under_the_bridges_own_token()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("as-caller", Text);
        Route handler = Middle.Handler("handles", "-- on: callout orders\n-- do: create X\n-- as: caller", (_, transaction, ct) => transaction.CreateAsync("X", "{}", ct));
        await middle.EnrolAsync(route, handler);
        await middle.AcceptAsync(Source, """{"n":"1"}""");
        await AcceptAsync(middle, ("ann", 2));

        await using RunningWorker worker = await middle.RunAsync(route, handler);
        await middle.UntilAsync("select count(*) = 2 from bridge.outcome");

        (await DeadAsync(middle)).Distinct().ShouldHaveSingleItem().ShouldStartWith("caller expired: The message came without its caller's session");
        middle.Destinations.Tokens.ShouldAllBe(token => token == "token-of-ann");
    }

    [Fact]
    public async Task An_expired_caller_is_a_dead_letter_and_the_lane_goes_on()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("as-caller", Text);
        await middle.EnrolAsync(route);
        await AcceptAsync(middle, ("ann", 1), ("bob", 2));
        await middle.ExecuteAsync("update bridge.caller set expires_at = clock_timestamp() where user_id = 'ann'");

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 1 from bridge.outcome");

        (await DeadAsync(middle)).ShouldHaveSingleItem().ShouldBe(
            "caller expired: The caller's session is not kept any more: it goes once its deliveries are made, and two hours after it came. "
            + "Have the caller send it again, then discard this one.");
        (await middle.ScalarAsync<int>("select attempts from bridge.failure")).ShouldBe(1);
        middle.Destinations.Tokens.ShouldBe(["token-of-bob"]);
        (await middle.ScalarAsync<bool>("select stopped is null from bridge.cursor where name = 'lane as-caller'")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("update bridge.caller set token = set_byte(token, 20, get_byte(token, 20) # 1) where user_id = 'ann'")]
    [InlineData("update bridge.caller set token = '' where user_id = 'ann'")]
    [InlineData("update bridge.caller a set token = b.token from bridge.caller b where a.user_id = 'ann' and b.user_id = 'bob'")]
    [InlineData("update bridge.caller a set token = b.token, user_id = b.user_id from bridge.caller b where a.user_id = 'ann' and b.user_id = 'bob'")]
    public async Task A_row_that_somebody_changed_is_a_dead_letter_and_no_token_of_anybody_is_sent_for_it(string change)
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("as-caller", Text);
        await middle.EnrolAsync(route);
        await AcceptAsync(middle, ("ann", 1), ("bob", 2));
        await middle.ExecuteAsync(change);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 1 from bridge.outcome");

        (await DeadAsync(middle)).ShouldHaveSingleItem().ShouldStartWith("caller expired: The caller's session cannot be read");
        middle.Destinations.Made.ShouldBe(["2"]);
    }

    [Theory]
    [InlineData("another key, 0123456789")]
    [InlineData(null)]
    public async Task Under_another_key_or_none_open_callers_are_dead_letters(string? key)
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("as-caller", Text);
        await middle.EnrolAsync(route);
        await AcceptAsync(middle, ("ann", 1));
        middle.Callers = new CallerTokens(middle.Database, key is null ? null : new CallerSeal(key));

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead'");

        (await DeadAsync(middle)).ShouldHaveSingleItem().ShouldStartWith("caller expired: The caller's session cannot be read: BRIDGE_ENCRYPTION_KEY");
        middle.Destinations.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_retry_is_made_as_its_caller_again()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("as-caller", Text);
        ConcurrentDictionary<long, bool> seen = [];
        middle.Destinations.Answer = delivery => seen.TryAdd(delivery.Id, true)
            ? new DeliveryOutcome.Refused("UNABLE_TO_LOCK_ROW", "busy", Permanent: false)
            : new DeliveryOutcome.Delivered("org");
        await middle.EnrolAsync(route);
        await AcceptAsync(middle, ("ann", 1), ("bob", 2));

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 2 from bridge.outcome");

        middle.Destinations.Tokens.Order().ShouldBe(["token-of-ann", "token-of-ann", "token-of-bob", "token-of-bob"]);
        await middle.UntilAsync("select count(*) = 0 from bridge.caller");
    }

    internal static Task AcceptAsync(Middle middle, params (string User, int N)[] sent) => AcceptAllAsync(middle, sent.Select(one => (one.User, new[] { one.N })));

    internal static Task AcceptAsync(Middle middle, string user, IEnumerable<int> numbers) => AcceptAllAsync(middle, [(user, numbers.ToArray())]);

    internal static Task<List<string>> DeadAsync(Middle middle) =>
        middle.ColumnAsync<string>("select code || ': ' || error from bridge.failure where state = 'dead' order by id");

    internal static Task<long> SweptAsync(Middle middle) =>
        new Messaging.Retention(middle.Database, new StorageGauge(middle.Database), TimeProvider.System, middle.Log.For<Messaging.Retention>()).TidyAsync(TimeSpan.FromDays(7), default);

    // Each request with a session of its own, one after the other.
    private static async Task AcceptAllAsync(Middle middle, IEnumerable<(string User, int[] Numbers)> requests)
    {
        await using var intake = new RunningIntake(middle);
        foreach ((string user, int[] numbers) in requests)
        {
            IntakeRequest request = RunningIntake.Request(Source, [.. numbers.Select(n => $$"""{"n":"{{n}}"}""")]);
            (await intake.AcceptAsync(request with { Caller = middle.Seal.Seal(user, $"token-of-{user}") })).ShouldBeOfType<IntakeAnswer.Stored>();
        }
    }
}
