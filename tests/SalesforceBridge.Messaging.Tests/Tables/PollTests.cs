using System.Text.Json.Nodes;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Tables;

public sealed class PollTests
{
    [Fact]
    public async Task What_comes_changes_and_goes_is_told_without_a_trigger()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled);
        await using RunningWorker worker = await shop.PollAsync();

        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email, systemmodstamp) values ('A', 'a@b.c', now() at time zone 'UTC'), ('B', 'b', now() at time zone 'UTC')");
        await shop.Middle.UntilAsync("select count(*) = 2 from bridge.inbox");
        await shop.ExecuteAsync("update salesforce.contact set email = 'd@e.f', systemmodstamp = clock_timestamp() at time zone 'UTC' where sfid = 'A'");
        await shop.Middle.UntilAsync("select count(*) = 3 from bridge.inbox");
        await shop.ExecuteAsync("delete from salesforce.contact where sfid = 'A'");
        await shop.IsReconciledAsync();
        await shop.IsPolledAsync();

        (await shop.ToldAsync()).ShouldBe(["insert 1", "insert 2", "update 1", "delete 1"]);
        IReadOnlyList<JsonNode> told = await shop.MessagesAsync();
        told.ShouldAllBe(message => message["origin"] == null && message["changed"] == null);
        told.Select(message => (string?)message["sfid"]).ShouldBe(["A", "B", "A", "A"]);
        told.Select(message => (string?)message["record"]?["email"]).ShouldBe(["a@b.c", "b", "d@e.f", null]);
        told[3]["old"]!.ToJsonString().ShouldBe("""{"id":"1","sfid":"A"}""");
        (await shop.Middle.ScalarAsync<long>("select count(*) from pg_trigger where tgrelid = 'salesforce.contact'::regclass")).ShouldBe(0);
        (await shop.Middle.ScalarAsync<long>("select (select count(*) from bridge.gap) + (select count(*) from bridge.alert)")).ShouldBe(0);
    }

    [Fact]
    public async Task What_was_there_before_and_what_says_nothing_new_is_no_message()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled);
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email, systemmodstamp) values (null, 'a', now() at time zone 'UTC'), ('B', 'b', null)");
        await using RunningWorker worker = await shop.PollAsync();

        await shop.ExecuteAsync("update salesforce.contact set sfid = 'A', email = ' a ', phone = '', _hc_lastop = 'INSERTED', systemmodstamp = clock_timestamp() at time zone 'UTC' where id = 1");
        await shop.IsPolledAsync();
        await shop.IsReconciledAsync();

        (await shop.ToldAsync()).ShouldBeEmpty();
        (await shop.Middle.ColumnAsync<string>("select sfid from bridge.baseline order by key")).ShouldBe(["A", "B"]);
    }

    [Fact]
    public async Task Rows_with_one_stamp_fill_several_pages_and_are_told_once_each()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled);
        await shop.ExecuteAsync("""create table public."Odd ""Table" (a text, "b b" int, systemmodstamp timestamptz, primary key ("b b", a)); create index on public."Odd ""Table" (systemmodstamp)""");
        await using RunningWorker worker = await shop.PollAsync(Shop.Poller("public.\"Odd \"\"Table\""));

        await shop.ExecuteAsync("""set timezone = 'Asia/Kolkata'; insert into public."Odd ""Table" select 'x' || n % 3, n / 3, date_trunc('milliseconds', now()) from generate_series(0, 2499) n""");
        await shop.Middle.UntilAsync("select count(*) = 2500 from bridge.inbox");
        await shop.IsPolledAsync();

        (await shop.Middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(2500);
        (await shop.Middle.ScalarAsync<long>("""select count(*) from public."Odd ""Table" where jsonb_build_array("b b", a)::text in (select key from bridge.inbox)""")).ShouldBe(2500);
    }

    [Fact]
    public async Task Late_rows_are_found_within_the_overlap_by_the_next_poll_and_later_ones_by_the_reconcile()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled);
        await shop.ExecuteAsync("insert into salesforce.contact (email, systemmodstamp) values ('first', now() at time zone 'UTC')");
        await using RunningWorker worker = await shop.PollAsync();

        await shop.ExecuteAsync("insert into salesforce.contact (email, systemmodstamp) values ('in time', clock_timestamp() at time zone 'UTC')");
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.inbox");
        await shop.ExecuteAsync("""
            insert into salesforce.contact (email, systemmodstamp)
            values ('late', (now() - interval '30 seconds') at time zone 'UTC'), ('very late', (now() - interval '1 hour') at time zone 'UTC'), ('not stamped', null),
                   ('ahead', now() at time zone 'UTC' + interval '70 years'), ('endless', 'infinity'), ('of old', '-infinity')
            """);
        await shop.ExecuteAsync("insert into salesforce.contact (email, systemmodstamp) values ('after those', clock_timestamp() at time zone 'UTC')");
        await shop.IsPolledAsync();
        await shop.IsPolledAsync();

        (await ToldOfAsync(shop)).ShouldBe(["in time", "late", "after those"]);
        await shop.IsReconciledAsync();
        (await ToldOfAsync(shop)).ShouldBe(["in time", "late", "after those", "very late", "not stamped", "ahead", "endless", "of old"]);
    }

    [Fact]
    public async Task A_stamp_that_is_a_little_ahead_does_not_carry_the_floor_over_what_is_stamped_next()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled);
        await using RunningWorker worker = await shop.PollAsync();
        await shop.ExecuteAsync("insert into salesforce.contact (email, systemmodstamp) values ('ahead', (now() + interval '50 seconds') at time zone 'UTC')");
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.inbox");

        for (int rise = 1; rise <= 2; rise++)
        {
            await shop.ExecuteAsync("begin; select from bridge.cursor where name = 'tables' for update; update bridge.watch set mark_at = now() - interval '1 hour'; commit");
            await shop.Middle.UntilAsync("select mark_at > now() - interval '30 minutes' from bridge.watch");
        }

        await shop.ExecuteAsync("insert into salesforce.contact (email, systemmodstamp) values ('next', clock_timestamp() at time zone 'UTC')");
        await shop.IsPolledAsync();

        (await ToldOfAsync(shop)).ShouldBe(["ahead", "next"]);
    }

    [Fact]
    public async Task A_transaction_that_commits_after_later_stamps_were_told_is_told_by_the_next_poll()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled with { PollOverlap = TimeSpan.FromSeconds(20) });
        await using RunningWorker worker = await shop.PollAsync();
        await using Npgsql.NpgsqlConnection late = await shop.Middle.Database.OpenAsync(default);
        await using Npgsql.NpgsqlTransaction open = await late.BeginTransactionAsync();
        await new Npgsql.NpgsqlCommand("insert into salesforce.contact (email, systemmodstamp) values ('held', clock_timestamp() at time zone 'UTC')", late).ExecuteNonQueryAsync();

        for (int n = 1; n <= 5; n++)
        {
            await shop.ExecuteAsync($"insert into salesforce.contact (email, systemmodstamp) values ('{n}', clock_timestamp() at time zone 'UTC')");
            await shop.Middle.UntilAsync($"select count(*) = {n} from bridge.inbox");
        }

        await open.CommitAsync();
        await shop.Middle.UntilAsync("select count(*) = 6 from bridge.inbox");
        (await ToldOfAsync(shop)).ShouldBe(["1", "2", "3", "4", "5", "held"]);
    }

    [Fact]
    public async Task Values_of_any_kind_are_told_once_and_what_jsonb_refuses_is_kept_raw()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled);
        await shop.ExecuteAsync("create table public.kinds (id int primary key, j json, b bytea, a int[], n numeric, t timestamp, big text, systemmodstamp timestamp); create index on public.kinds (systemmodstamp)");
        await using RunningWorker worker = await shop.PollAsync(Shop.Poller("public.kinds"));

        await shop.ExecuteAsync("""
            insert into public.kinds values (1, '{"a": 1}', '\x00ff', '{1,2}', 'NaN', 'infinity', repeat(md5('x'), 32768), now() at time zone 'UTC');
            insert into public.kinds values (2, '{"a": "\u0000"}', '\x00', null, 1e1000, '-infinity', null, now() at time zone 'UTC'), (3, '{"a": "\u0000"}', null, null, null, null, null, null)
            """);
        await shop.Middle.UntilAsync("select count(*) = 2 from bridge.inbox");
        await shop.IsReconciledAsync();
        await shop.ExecuteAsync("update public.kinds set n = 2, systemmodstamp = clock_timestamp() at time zone 'UTC' where id = 2");
        await shop.Middle.UntilAsync("select count(*) = 4 from bridge.inbox");
        await shop.ExecuteAsync("update public.kinds set j = null, systemmodstamp = clock_timestamp() at time zone 'UTC' where id = 2");
        await shop.Middle.UntilAsync("select count(*) = 5 from bridge.inbox");
        await shop.IsPolledAsync();
        await shop.IsReconciledAsync();

        (await shop.Middle.ColumnAsync<string>("select concat_ws(' ', key, coalesce(payload, convert_from(raw, 'UTF8')::jsonb - 'record')->>'operation', fault) from (select id, key, payload, raw, fault from bridge.inbox) i where fault is null order by id"))
            .ShouldBe(["1 insert", "2 update"]);
        (await shop.Middle.ColumnAsync<string>("select concat_ws(' ', key, substring(convert_from(raw, 'UTF8') from '\"operation\" : \"(.*?)\"'), fault) from bridge.inbox where fault is not null order by id"))
            .ShouldBe(["2 insert jsonb refuses a value of the row", "3 insert jsonb refuses a value of the row", "2 update jsonb refuses a value of the row"]);
        (await shop.Middle.ScalarAsync<string>("select convert_from(raw, 'UTF8') from bridge.inbox where fault is not null order by id limit 1")).ShouldContain("\"a\": \"\\u0000\"");
        JsonNode first = JsonNode.Parse(await shop.Middle.ScalarAsync<string>("select payload::text from bridge.inbox where key = '1'"))!["record"]!;
        ((string?)first["n"], (string?)first["t"], (string?)first["b"], first["big"]!.GetValue<string>().Length).ShouldBe(("NaN", "infinity", "\\x00ff", 1 << 20));
    }

    [Fact]
    public async Task A_table_without_stamps_is_compared_as_a_whole_each_time()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled);
        await shop.ExecuteAsync("create table public.plain (id int primary key, n int)");
        await using RunningWorker worker = await shop.PollAsync(Shop.Poller("public.plain"));

        await shop.ExecuteAsync("insert into public.plain values (1, 1), (2, 2)");
        await shop.Middle.UntilAsync("select count(*) = 2 from bridge.inbox");
        await shop.ExecuteAsync("update public.plain set n = 3 where id = 1; delete from public.plain where id = 2");
        await shop.Middle.UntilAsync("select count(*) = 4 from bridge.inbox");

        (await shop.Middle.ColumnAsync<string>("select concat_ws(' ', payload->>'operation', key) from bridge.inbox order by id")).ShouldBe(["insert 1", "insert 2", "delete 2", "update 1"]);
    }

    [Fact]
    public async Task Select_is_the_only_right_it_needs()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled);
        await using Clerk clerk = await Clerk.HireAsync(shop, "select");
        await using Middle restricted = shop.Middle.Beside(settings: $"Username={clerk.Name}");
        await using RunningWorker worker = await restricted.RunWithTablesAsync(Shop.Poller());
        await shop.Middle.UntilAsync("select bool_and(due is null) from bridge.watch");

        await shop.ExecuteAsync("insert into salesforce.contact (email, systemmodstamp) values ('a', now() at time zone 'UTC'), ('b', null)");
        await shop.IsPolledAsync();
        await shop.IsReconciledAsync();
        await shop.ExecuteAsync("delete from salesforce.contact where email = 'a'");
        await shop.IsReconciledAsync();

        (await shop.ToldAsync()).ShouldBe(["insert 1", "insert 2", "delete 1"]);
        (await new TableCheck(restricted.Database).FaultsOfAsync(Shop.Poller().Definition, default)).ShouldBeEmpty();
        (await new TableCheck(restricted.Database).FaultsOfAsync(Shop.Listener().Definition, default)).ShouldHaveSingleItem().ShouldStartWith("the bridge's database user may not create triggers");
    }

    [Theory]
    [InlineData("-- on: table public.t from app", "line 1: on: `from` asks who changed a row, which nobody knows of a polled table; remove `from` and what follows")]
    [InlineData("-- on: table public.t\n-- columns: a", "line 2: `columns:` asks what changed in a row, which nobody knows of a polled table; remove the line")]
    [InlineData("-- on: table public.t\n-- reconcile: no", "line 2: reconcile: `no` leaves nothing to compare a polled table with; remove the line, or have it captured")]
    public void What_a_poll_cannot_know_is_refused(string headers, string fault) =>
        RouteFile.Parse("polls", $"{headers}\n-- mode: poll\nselect 1 from message").Faults.ShouldBe([fault]);

    private static Task<List<string>> ToldOfAsync(Shop shop) => shop.Middle.ColumnAsync<string>("select payload->'record'->>'email' from bridge.inbox order by id");
}
