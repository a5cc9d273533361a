using SalesforceBridge.Messaging.Tests.Backfills;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Org;

public sealed class OrgRebindTests
{
    private const string Old = "00D000000000001EAA";
    private const string New = "00D000000000002EAA";

    private static readonly NewBeginnings Beginnings = new("tip@2026-11-23T08:00:00.0000000+00:00", "2026-11-23T08:00:00Z");

    [Fact]
    public async Task What_is_open_waits_for_a_person_and_what_was_made_stays_made()
    {
        await using Middle middle = await BoundAsync();
        await middle.ExecuteAsync("""
            insert into bridge.cursor (name, position, in_flight, in_flight_at, worker, epoch) values ('lane a', '2', '4', now(), gen_random_uuid(), 7), ('lane b', null, null, null, null, 0);
            insert into bridge.outbox (lane, key, destination, body) select 'a', 'k' || n % 2, 'update X', '{}' from generate_series(1, 6) n;
            insert into bridge.outbox (lane, destination, body) values ('b', 'update X', '{}');
            insert into bridge.outcome (lane, id) values ('a', 2), ('a', 5);
            insert into bridge.failure (cursor, id, key, state, holds, next_attempt, code) values
                ('lane a', 1, 'k1', 'retrying', true, now(), 'X'), ('lane a', 3, 'k1', 'waiting', true, null, 'X'), ('lane a', 6, 'k0', 'dead', true, null, 'KEEP');
            """);

        Rebound? done = await new OrgRebind(middle.Database).RunAsync(New, Beginnings, default);

        done.ShouldNotBeNull().Deliveries.ShouldBe(4);
        done.From.ShouldBe(Old);
        (await middle.ColumnAsync<string>("select concat_ws(' ', cursor, id, state, holds, code) from bridge.failure order by cursor, id")).ShouldBe(
            ["lane a 1 dead f other org", "lane a 3 dead f other org", "lane a 4 dead f other org", "lane a 6 dead t KEEP", "lane b 7 dead f other org"]);
        (await middle.ScalarAsync<string>("select error from bridge.failure where id = 4")).ShouldBe(
            $"It was still to be made in org {Old} when this database was rebound to {New}, and may name records of the old org. " +
            "One that was under way just then may have been made there. Redrive it to make it in the new org, or discard it.");
        (await middle.ScalarAsync<string>("select concat_ws(' ', epoch, coalesce(in_flight, 'nothing'), worker) from bridge.cursor where name = 'lane a'")).ShouldBe("8 nothing");
        (await new DeadLetters(middle.Database).RedriveAsync("lane a", [4], default)).ShouldBe(1);
    }

    [Fact]
    public async Task Sources_begin_anew_with_a_gap_and_messages_of_the_old_org_are_passed()
    {
        await using Middle middle = await BoundAsync();
        await middle.ExecuteAsync("""
            insert into bridge.cursor (name, position) values
                ('event A__e', '17'), ('change Account', null), ('soql 5m: select Id from Case', '2026-01-01T00:00:00Z after 500'), ('table public.t', 'x'),
                ('route r', null), ('route r on event A__e', '1'), ('route t', null), ('route t on table public.t', '0');
            insert into bridge.inbox (source, payload) values ('event A__e', '{}'), ('event A__e', '{}'), ('event A__e', '{}'), ('table public.t', '{}');
            insert into bridge.failure (cursor, id, source, state, next_attempt) values ('route r', 1, 'event A__e', 'retrying', now()), ('route t', 4, 'table public.t', 'retrying', now());
            """);

        Rebound? done = await new OrgRebind(middle.Database).RunAsync(New, Beginnings, default);

        done.ShouldNotBeNull().Sources.ShouldBe(["event A__e", "soql 5m: select Id from Case"]);
        done.Messages.ShouldBe(3);
        (await middle.ColumnAsync<string>("select name || ' at ' || position from bridge.cursor where position is not null order by name")).ShouldBe(
        [
            $"event A__e at {Beginnings.Stream}", "route r on event A__e at 3", "route t on table public.t at 0",
            $"soql 5m: select Id from Case at {Beginnings.Query}", "table public.t at x",
        ]);
        (await new Gaps(middle.Database).ListAsync(default)).Select(gap => $"{gap.Source} from {gap.From} to {gap.To}").ShouldBe(
        [
            $"soql 5m: select Id from Case from 2026-01-01T00:00:00Z after 500 to {Beginnings.Query}", $"event A__e from 17 to {Beginnings.Stream}",
        ], ignoreOrder: true);
        (await middle.ColumnAsync<string>("select cursor || ' ' || state from bridge.failure order by cursor")).ShouldBe(["route r dead", "route t retrying"]);
        (await new Alerts(middle.Database).ListAsync(default)).Select(alert => alert.Name).ShouldBe(["gap in event A__e", "gap in soql 5m: select Id from Case"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_backfill_that_is_under_way_stores_nothing_more_and_begins_anew()
    {
        Route mirror = Loading.Noting("mirror");
        await using Loading loading = await Loading.StartAsync(mirror);
        await new OrgBinding(loading.Middle.Database).BindAsync(Old, default);
        Backfill halfWay = await loading.StoreAsync(await loading.BeginAsync(mirror), await loading.ReadAsync("A"));

        await new OrgRebind(loading.Middle.Database).RunAsync(New, Beginnings, default);

        await Should.ThrowAsync<BackfillTakenException>(async () => await loading.StoreAsync(halfWay, await loading.ReadAsync("B")));
        (await loading.BeginAsync(mirror)).Position.ShouldBeNull();
    }

    [Fact]
    public async Task Records_that_the_old_org_named_are_not_read_in_the_new_one()
    {
        await using Middle middle = await BoundAsync();
        var changes = new UntoldChanges(middle.Database);
        await changes.NoteAsync(new UntoldChange(0, "change Account", "Account", ["001000000000001AAA"], null, 0), "17", "untold", default);
        UntoldChange open = (await changes.OpenAsync(default)).ShouldHaveSingleItem();

        await new OrgRebind(middle.Database).RunAsync(New, Beginnings, default);
        (await changes.OpenAsync(default)).ShouldBeEmpty();
        var record = new BackfillRecord("001000000000001AAA", new NewMessage("change Account", "{}"u8.ToArray()));
        await changes.StoreAsync(open, new BackfillPage(0, [record]), [], default);

        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(0);
        (await new Gaps(middle.Database).ListAsync(default)).ShouldHaveSingleItem().Healed.ShouldBeNull();
    }

    [Fact]
    public async Task A_second_rebind_to_the_same_org_changes_nothing()
    {
        await using Middle middle = await BoundAsync();
        var rebind = new OrgRebind(middle.Database);
        (await rebind.RunAsync(New, Beginnings, default)).ShouldNotBeNull();
        await middle.ExecuteAsync("insert into bridge.cursor (name) values ('lane a'); insert into bridge.outbox (lane, destination, body) values ('a', 'update X', '{}')");

        (await rebind.RunAsync(New[..15], Beginnings, default)).ShouldBeNull();

        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        (await new OrgBinding(middle.Database).FindAsync(default)).ShouldNotBeNull().Id.ShouldBe(New);
    }

    [Fact]
    public async Task Two_rebinds_at_once_are_one_after_the_other()
    {
        await using Middle middle = await BoundAsync();
        await middle.ExecuteAsync("insert into bridge.cursor (name, position) values ('event A__e', '17')");

        Rebound?[] done = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => new OrgRebind(middle.Database).RunAsync(New, Beginnings, default)));

        done.OfType<Rebound>().ShouldHaveSingleItem();
        (await middle.ScalarAsync<long>("select count(*) from bridge.gap")).ShouldBe(1);
    }

    [Fact]
    public async Task Whoever_holds_a_lane_when_the_org_is_exchanged_makes_nothing_more_under_that_lease()
    {
        await using Middle middle = await BoundAsync();
        Route route = Middle.Route("sends", "-- on: event A__e\n-- do: update X\nselect payload->>'n' as \"Id\" from message");
        await middle.EnrolAsync(route);
        Lease lease = (await middle.Cursors.ClaimAsync(Guid.CreateVersion7(), ["lane sends"], 1, default)).ShouldHaveSingleItem();

        await new OrgRebind(middle.Database).RunAsync(New, Beginnings, default);

        await Should.ThrowAsync<LeaseLostException>(() => middle.Cursors.JoinAsync(lease, [], default));
    }

    private static async Task<Middle> BoundAsync()
    {
        Middle middle = await Middle.StartAsync();
        await new OrgBinding(middle.Database).BindAsync(Old, default);
        return middle;
    }
}
