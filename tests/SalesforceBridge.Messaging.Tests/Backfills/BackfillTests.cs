using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Backfills;

public sealed class BackfillTests
{
    private static readonly Route Mirror = Loading.Noting("mirror");
    private static readonly Route Other = Loading.Noting("other");

    [Fact]
    public async Task A_page_is_for_its_route_alone_also_after_a_rewind_and_for_a_route_that_begins_at_the_earliest()
    {
        Route late = Loading.Noting("late", "-- from: earliest\n");
        await using Loading loading = await Loading.StartAsync(Mirror, Other);
        Backfill begun = await loading.BeginAsync(Mirror);
        await loading.StoreAsync(begun, await loading.ReadAsync("A", "B", "C"), isLast: true);
        await loading.Middle.AcceptAsync(Loading.Source, """{"n":"live"}""");

        await using (RunningWorker worker = await loading.Middle.RunAsync(Mirror, Other, late))
        {
            await loading.AreThroughAsync();
            await new Rewind(loading.Middle.Database).ToIdAsync(Other.Definition, 0, default);
            await loading.AreThroughAsync();
        }

        (await loading.ToldAsync("mirror")).ShouldBe(["A", "B", "C", "live"]);
        (await loading.ToldAsync("other")).ShouldBe(["live", "live"]);
        (await loading.ToldAsync("late")).ShouldBe(["live"]);
    }

    [Fact]
    public async Task Who_a_message_is_for_is_listed_and_what_is_for_others_counts_not_as_run_again()
    {
        await using Loading loading = await Loading.StartAsync(Mirror, Other);
        await loading.Middle.AcceptAsync(Loading.Source, """{"n":"live"}""");
        await loading.StoreAsync(await loading.BeginAsync(Mirror), await loading.ReadAsync("A", "B"), isLast: true);
        await using RunningWorker worker = await loading.Middle.RunAsync(Mirror, Other);
        await loading.AreThroughAsync();
        var rewind = new Rewind(loading.Middle.Database);

        (await rewind.ToIdAsync(Other.Definition, 0, default)).ShouldBe(1);
        (await rewind.ToIdAsync(Mirror.Definition, 0, default)).ShouldBe(3);
        (await new MessageLog(loading.Middle.Database).ListAsync(new MessageFilter(), default)).Select(message => message.ForRoute).ShouldBe(["mirror", "mirror", null]);
    }

    [Fact]
    public async Task What_a_backfill_tells_does_not_count_as_heard_from_the_source()
    {
        await using Loading loading = await Loading.StartAsync(Mirror);
        var status = new BridgeStatus(loading.Middle.Database);
        await loading.StoreAsync(await loading.BeginAsync(Mirror), await loading.ReadAsync("A"), isLast: true);
        (await status.SourcesAsync(default)).ShouldContain(source => source.Name == Loading.Source && source.LastMessageAt == null);

        await loading.Middle.AcceptAsync(Loading.Source, """{"n":"live"}""");

        (await status.SourcesAsync(default)).ShouldContain(source => source.Name == Loading.Source && source.LastMessageAt != null);
    }

    [Fact]
    public async Task A_record_that_no_route_can_read_is_dead_for_its_own_route_alone()
    {
        await using Loading loading = await Loading.StartAsync(Mirror, Other);
        Backfill begun = await loading.BeginAsync(Mirror);
        await loading.StoreAsync(begun, new BackfillPage(0, [Loading.Record("A", "{\"n\":\"\\u0000\"}"), Loading.Record("B")]), isLast: true);

        await using RunningWorker worker = await loading.Middle.RunAsync(Mirror, Other);
        await loading.AreThroughAsync();

        (await loading.Middle.ColumnAsync<string>("select cursor from bridge.failure")).ShouldBe(["route mirror"]);
        (await loading.ToldAsync("mirror")).ShouldBe(["B"]);
    }

    [Fact]
    public async Task A_select_route_and_a_renamed_one_know_what_is_for_them()
    {
        Route before = Middle.Route("before", $"-- on: {Loading.Source}\n-- do: create X\nselect payload->>'n' as \"N\" from message");
        Route renamed = Middle.Route("after", $"-- on: {Loading.Source}\n-- do: create X\n-- was: before\nselect payload->>'n' as \"N\" from message");
        Route other = Middle.Route("other", $"-- on: {Loading.Source}\n-- do: create X\nselect payload->>'n' as \"N\" from message");
        await using Loading loading = await Loading.StartAsync(before, other);
        Backfill begun = await loading.BeginAsync(before);
        await loading.StoreAsync(begun, await loading.ReadAsync("A", "B"));

        await using RunningWorker worker = await loading.Middle.RunAsync(renamed, other);
        await loading.Middle.UntilAsync("select count(*) = 2 from bridge.outbox");
        await loading.Middle.UntilAsync("select count(distinct position) = 1 from bridge.cursor where name like 'route % on %' and enabled");

        (await loading.Middle.ColumnAsync<string>("select distinct lane from bridge.outbox")).ShouldBe(["after"]);
        (await loading.BeginAsync(renamed)).Stored.ShouldBe(2);
    }

    [Theory]
    [InlineData("""{"ChangeEventHeader":{"changeType":"UPDATE","recordIds":["X","B"]}}""", "B")]
    [InlineData("""{"ChangeEventHeader":{"changeType":"DELETE","recordIds":["A"]}}""", "A")]
    [InlineData("""{"ChangeEventHeader":{"changeType":"GAP_OVERFLOW","recordIds":["000000000000000AAA"]}}""", "A B C")]
    [InlineData("""{"ChangeEventHeader":{"changeType":"UPDATE","recordIds":["001*"]}}""", "A B C")]
    [InlineData("""{"ChangeEventHeader":{"changeType":"UPDATE","recordIds":"none"}}""", "")]
    [InlineData("""{"Id":"C","Name":"of a topic"}""", "C")]
    [InlineData("[1]", "")]
    public async Task A_record_about_which_a_message_came_while_it_was_read_is_put_off(string message, string putOff)
    {
        await using Loading loading = await Loading.StartAsync(Mirror);
        await loading.Middle.AcceptAsync(Loading.Source, """{"Id":"A"}""");
        Backfill begun = await loading.BeginAsync(Mirror);
        BackfillPage page = await loading.ReadAsync("A", "B", "C");
        await loading.Middle.AcceptAsync(Loading.Source, message);

        Backfill stored = await loading.StoreAsync(begun, page);

        string[] expected = putOff.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        stored.Position.ShouldBe($"after 3 {putOff}");
        (stored.Stored, stored.PutOff).ShouldBe((3 - expected.Length, expected.Length));
        (await loading.Middle.ColumnAsync<string>("select key from bridge.inbox where for_route = 'mirror' order by id")).ShouldBe(new[] { "A", "B", "C" }.Except(expected));
    }

    [Fact]
    public async Task A_message_with_the_records_key_counts_and_one_for_another_route_does_not()
    {
        await using Loading loading = await Loading.StartAsync(Mirror, Other);
        Backfill mirror = await loading.BeginAsync(Mirror);
        Backfill other = await loading.BeginAsync(Other);
        BackfillPage page = await loading.ReadAsync("A", "B");
        await loading.StoreAsync(other, page);
        await loading.Middle.Inbox.AcceptAsync([new(Loading.Source, 0, null)], [new NewMessage(Loading.Source, "{}"u8.ToArray()) { Key = "B" }], default);

        (await loading.StoreAsync(mirror, page)).Position.ShouldBe("after 2 B");
    }

    [Fact]
    public async Task A_delete_about_which_a_message_came_meanwhile_is_left_out_for_good()
    {
        await using Loading loading = await Loading.StartAsync(Mirror);
        Backfill begun = await loading.BeginAsync(Mirror);
        BackfillPage page = await loading.ReadAsync("A", "B") with { AreDeleted = true, DeletesSince = DateTimeOffset.UnixEpoch };
        await loading.Middle.AcceptAsync(Loading.Source, """{"Id":"A"}""");

        Backfill stored = await loading.StoreAsync(begun, page);

        (stored.Position, stored.Deleted, stored.Stored, stored.PutOff, stored.DeletesSince).ShouldBe(("after 2 ", 1, 0, 0, DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public async Task Of_two_sessions_at_one_place_the_second_is_told_and_stores_nothing()
    {
        await using Loading loading = await Loading.StartAsync(Mirror);
        Backfill begun = await loading.BeginAsync(Mirror);
        BackfillPage page = await loading.ReadAsync("A", "B");

        Task<Backfill>[] both = [loading.StoreAsync(begun, page), loading.StoreAsync(begun, page)];
        await Should.ThrowAsync<BackfillTakenException>(Task.WhenAll(both));

        both.Count(one => one.IsCompletedSuccessfully).ShouldBe(1);
        (await loading.Middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(2);
    }

    [Fact]
    public async Task What_was_begun_anew_cannot_be_moved_by_whoever_began_before()
    {
        await using Loading loading = await Loading.StartAsync(Mirror);
        Backfill first = await loading.StoreAsync(await loading.BeginAsync(Mirror), await loading.ReadAsync("A"));
        Backfill second = await loading.BeginAsync(Mirror, restart: true);

        (second.Stored, second.Position, second.Epoch).ShouldBe((0, null, first.Epoch + 1));
        await Should.ThrowAsync<BackfillTakenException>(loading.StoreAsync(first, await loading.ReadAsync("B")));
    }

    [Fact]
    public async Task A_page_waits_for_whoever_writes_to_the_source()
    {
        await using Loading loading = await Loading.StartAsync(Mirror);
        Backfill begun = await loading.BeginAsync(Mirror);
        BackfillPage page = await loading.ReadAsync("A");
        await using var writer = new NpgsqlConnection(loading.Middle.ConnectionString + ";Pooling=false");
        await writer.OpenAsync();
        await using NpgsqlTransaction open = await writer.BeginTransactionAsync();
        await new NpgsqlCommand($$"""
            select name from bridge.cursor where name = '{{Loading.Source}}' for no key update;
            insert into bridge.inbox (source, payload) values ('{{Loading.Source}}', '{"Id":"A"}')
            """, writer, open).ExecuteNonQueryAsync();

        Task<Backfill> storing = loading.StoreAsync(begun, page);
        await loading.Middle.UntilAsync("select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')");
        await open.CommitAsync();

        (await storing).PutOff.ShouldBe(1);
    }

    [Fact]
    public async Task Typed_again_it_goes_on_with_its_own_condition_and_begins_anew_once_it_has_come_to_its_end()
    {
        await using Loading loading = await Loading.StartAsync(Mirror);
        Backfill first = await loading.StoreAsync(await loading.BeginAsync(Mirror, "Name = 'a'"), await loading.ReadAsync("A"));

        (await loading.BeginAsync(Mirror)).ShouldBe(first);
        (await loading.BeginAsync(Mirror, "Name = 'a'")).ShouldBe(first);
        (await loading.Log.BeginAsync(Mirror.Definition, "Name = 'b'", restart: false, default)).ShouldBeOfType<BackfillStart.Refused>()
            .Why.ShouldBe("A backfill of route mirror where Name = 'a' is not through; type `bridge backfill mirror` to go on with it, or add --restart.");
        (await loading.Log.UnderWayAsync(default)).ShouldHaveSingleItem().ShouldBe(first);

        await loading.StoreAsync(first, await loading.ReadAsync("B"), isLast: true);
        (await loading.Log.UnderWayAsync(default)).ShouldBeEmpty();
        Backfill second = await loading.BeginAsync(Mirror, "Name = 'b'");
        (second.Stored, second.Condition, second.Epoch).ShouldBe((0, "Name = 'b'", 2));
    }

    [Fact]
    public async Task Nothing_is_read_before_somebody_listens()
    {
        await using Loading loading = await Loading.StartAsync(Mirror);
        await loading.Middle.ExecuteAsync($"update bridge.cursor set position = null where name = '{Loading.Source}'");

        (await loading.Log.BeginAsync(Mirror.Definition, null, restart: false, default)).ShouldBeOfType<BackfillStart.Refused>().Why.ShouldStartWith("Nobody listens to `change Account` yet");
        (await loading.Log.BeginAsync(Other.Definition, null, restart: false, default)).ShouldBeOfType<BackfillStart.Refused>().Why.ShouldStartWith("Route other has not begun yet");
    }
}
