using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Routes;

public sealed class RewindTests
{
    private const string Writes = "-- on: event N__e\n-- retry: 1\ninsert into t select (payload->>'n')::int / case when payload->>'n' = '4' and exists (select from ill) then 0 else 1 end from message";

    [Fact]
    public async Task A_rewound_route_runs_kept_messages_again_and_failed_ones_as_if_they_were_new()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int); create table ill as select 1 as n");
        Route route = Middle.Route("again", Writes);
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 6);
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 5 from t");
        await middle.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead'");

        await middle.ExecuteAsync("truncate t; drop table ill; create table ill (n int)");
        long third = await middle.ScalarAsync<long>("select id from bridge.inbox order by id offset 2 limit 1");
        long? count = await new Rewind(middle.Beside().Database).ToIdAsync(route.Definition, third, default);

        count.ShouldBe(4);
        await middle.UntilAsync("select count(*) = 4 from t");
        (await middle.ColumnAsync<int>("select n from t")).ShouldBe([2, 3, 4, 5]);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task A_route_is_rewound_to_a_time_and_never_forward()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int); create table ill (n int)");
        Route route = Middle.Route("again", Writes);
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 6);
        await middle.ExecuteAsync("update bridge.inbox set received_at = timestamptz '2026-01-01 00:00Z' + (payload->>'n')::int * interval '1 hour'");
        await using (await middle.RunAsync(route))
            await middle.UntilAsync("select count(*) = 6 from t");
        var rewind = new Rewind(middle.Database);

        (await rewind.ToTimeAsync(route.Definition, new DateTimeOffset(2026, 1, 1, 3, 30, 0, TimeSpan.Zero), default)).ShouldBe(2);
        (await rewind.ToIdAsync(route.Definition, 1_000_000, default)).ShouldBe(0);
        (await rewind.ToIdAsync(route.Definition, 0, default)).ShouldBe(6);
        (await rewind.ToIdAsync(Middle.Route("unknown", Writes).Definition, 0, default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_renamed_route_keeps_its_place_its_failures_and_its_lane()
    {
        await using Middle middle = await Middle.StartAsync();
        middle.Destinations.Answer = delivery => RecordingDestinations.Body(delivery).Contains("\"3\"") || !middle.Destinations.IsRepeatable
            ? new DeliveryOutcome.Refused("no", "no", Permanent: true) : new DeliveryOutcome.Delivered("x");
        string text = "-- on: event N__e\n-- do: update X\n-- key: payload->>'k'\n-- retry: 1\nselect (10 / ((payload->>'n')::int - 1) * 0 + (payload->>'n')::int)::text as \"Id\" from message";
        Route before = Middle.Route("old-name", text);
        await middle.EnrolAsync(before);
        await middle.AcceptNumbersAsync("event N__e", 6, keys: 6);
        await using (await middle.RunAsync(before))
            await middle.UntilAsync("select count(*) = 4 and (select count(*) = 2 from bridge.failure where state = 'dead') from bridge.outcome");

        Route now = Middle.Route("new-name", $"-- was: old-name\n{text}");
        await middle.EnrolAsync(now);
        await middle.EnrolAsync(now);
        await middle.AcceptNumbersAsync("event N__e", 1, first: 6);
        await using RunningWorker worker = await middle.RunAsync(now);
        await middle.UntilAsync("select count(*) = 5 from bridge.outcome where lane = 'new-name'");

        (await middle.ColumnAsync<string>("select name from bridge.cursor where name not like 'event %' order by name")).ShouldBe(["lane new-name", "route new-name", "route new-name on event N__e"]);
        (await middle.ColumnAsync<string>("select cursor from bridge.failure order by cursor")).ShouldBe(["lane new-name", "route new-name"]);
        middle.Destinations.Made.ShouldBe(["0", "2", "4", "5", "6"]);
        (await new DeadLetters(middle.Database).DiscardAsync("lane new-name", null, default)).ShouldBe(1);
    }

    [Fact]
    public async Task A_new_source_starts_a_new_cursor_and_the_old_one_is_kept()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int); create table ill (n int)");
        Route before = Middle.Route("turns", Writes);
        Route after = Middle.Route("turns", Writes.Replace("N__e", "M__e"));
        await middle.EnrolAsync(before);
        await middle.AcceptNumbersAsync("event N__e", 2);
        await using (await middle.RunAsync(before))
            await middle.UntilAsync("select count(*) = 2 from t");
        await middle.AcceptNumbersAsync("event M__e", 2, first: 10);
        await using (await middle.RunAsync(after))
        {
            await middle.AcceptNumbersAsync("event M__e", 2, first: 20);
            await middle.AcceptNumbersAsync("event N__e", 2, first: 2);
            await middle.UntilAsync("select count(*) = 4 from t");
        }

        await using RunningWorker worker = await middle.RunAsync(before);
        await middle.UntilAsync("select count(*) = 6 from t");

        (await middle.ColumnAsync<int>("select n from t")).ShouldBe([0, 1, 20, 21, 2, 3]);
        (await middle.ScalarAsync<bool>("select enabled from bridge.cursor where name = 'route turns on event M__e'")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("now", 1)]
    [InlineData("earliest", 4)]
    public async Task A_new_route_starts_where_it_says(string from, int effects)
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int); create table ill (n int)");
        await middle.AcceptNumbersAsync("event N__e", 3);
        await using RunningWorker worker = await middle.RunAsync(Middle.Route("new", $"-- from: {from}\n{Writes}"));

        await middle.AcceptNumbersAsync("event N__e", 1, first: 3);

        await middle.UntilAsync("select position = (select max(id)::text from bridge.inbox) from bridge.cursor where name = 'route new on event N__e'");
        (await middle.ScalarAsync<long>("select count(*) from t")).ShouldBe(effects);
    }

    [Fact]
    public async Task A_disabled_route_rests_and_an_unreadable_one_keeps_what_waits_for_it()
    {
        await using Middle middle = await Middle.StartAsync();
        Route off = Middle.Route("off", $"-- enabled: no\n{Writes}");
        Route broken = Middle.Route("broken", Writes);
        await middle.EnrolAsync(Middle.Route("off", Writes), broken);

        (await middle.Book().OpenAsync([off], ["broken"], default)).ShouldBeEmpty();

        (await middle.ColumnAsync<string>("select name from bridge.cursor where enabled and name not like 'event%' order by name"))
            .ShouldBe(["lane broken", "route broken", "route broken on event N__e"]);
    }
}
