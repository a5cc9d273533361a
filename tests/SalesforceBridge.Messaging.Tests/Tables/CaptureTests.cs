using System.Text.Json.Nodes;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Tables;

public sealed class CaptureTests
{
    [Fact]
    public async Task Every_change_is_a_message_that_says_what_was_and_what_is()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using RunningWorker worker = await shop.WatchAsync();

        await shop.ExecuteAsync("""
            insert into salesforce.contact (sfid, email) values ('003A', 'a@b.c');
            update salesforce.contact set email = 'd@e.f', phone = '1';
            update salesforce.contact set email = 'd@e.f';
            delete from salesforce.contact
            """);
        await shop.Middle.UntilAsync("select count(*) = 3 from bridge.inbox");

        IReadOnlyList<JsonNode> told = await shop.MessagesAsync();
        told.Select(message => (string?)message["operation"]).ShouldBe(["insert", "update", "delete"]);
        told.ShouldAllBe(message => (string?)message["origin"] == "app" && (string?)message["sfid"] == "003A");
        told[0]["record"]!["email"]!.GetValue<string>().ShouldBe("a@b.c");
        told[0]["old"].ShouldBeNull();
        told[0]["changed"]!.AsArray().Select(name => (string?)name).ShouldBe(["id", "sfid", "email"], ignoreOrder: true);
        told[1]["old"]!["email"]!.GetValue<string>().ShouldBe("a@b.c");
        told[1]["record"]!["email"]!.GetValue<string>().ShouldBe("d@e.f");
        told[1]["changed"]!.AsArray().Select(name => (string?)name).ShouldBe(["email", "phone"], ignoreOrder: true);
        told[2]["record"].ShouldBeNull();
        told[2]["old"]!["phone"]!.GetValue<string>().ShouldBe("1");
        (await shop.Middle.ColumnAsync<string>("select distinct key from bridge.inbox")).ShouldBe(["1"]);
    }

    [Fact]
    public async Task A_change_wakes_the_sleeping_drain_and_its_route()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Quick with { Idle = TimeSpan.FromMinutes(5), TableCare = TimeSpan.FromMinutes(5) });
        await shop.ExecuteAsync("create table seen (email text)");
        Route route = Middle.Route("sees", $"-- on: {Shop.Source}\ninsert into seen select payload->'record'->>'email' from message");
        await using RunningWorker worker = await shop.WatchAsync(route);
        await shop.Middle.UntilAsync("select last_value % 2 = 1 from bridge.capture");

        await shop.ExecuteAsync("insert into salesforce.contact (email) values ('a@b.c')");

        await shop.Middle.UntilAsync("select count(*) = 1 from seen");
    }

    [Fact]
    public async Task A_key_of_several_columns_is_a_list_and_a_changed_key_stays_one_change()
    {
        await using Shop shop = await Shop.OpenAsync();
        await shop.ExecuteAsync("""create table public."Odd ""Table's" ("a b" int, b text, n int, primary key (b, "a b"))""");
        Route route = Middle.Route("odd", """
            -- on: table public."Odd ""Table's"
            select 1 from message
            """);
        await using RunningWorker worker = await shop.Middle.RunWithTablesAsync(route);
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.watch where due is null");

        await shop.ExecuteAsync("""insert into public."Odd ""Table's" values (1, 'x', 1); update public."Odd ""Table's" set b = 'y'""");
        await shop.Middle.UntilAsync("select count(*) = 2 from bridge.inbox");

        (await shop.Middle.ColumnAsync<string>("select key from bridge.inbox order by id")).ShouldBe(["[\"x\", 1]", "[\"y\", 1]"]);
        (await shop.Middle.ColumnAsync<string>("select key from bridge.baseline")).ShouldBe(["[\"y\", 1]"]);
    }

    [Fact]
    public async Task What_another_trigger_does_to_a_row_is_told_after_what_caused_it()
    {
        await using Shop shop = await Shop.OpenAsync();
        await shop.ExecuteAsync("""
            create function number() returns trigger language plpgsql as $$
            begin update salesforce.contact set phone = 'set' where id = new.id; return null; end $$;
            create trigger a_number after insert on salesforce.contact for each row execute function number()
            """);
        await using RunningWorker worker = await shop.WatchAsync();

        await shop.ExecuteAsync("insert into salesforce.contact (email) select 'n' || n from generate_series(1, 3) n");
        await shop.Middle.UntilAsync("select count(*) = 6 from bridge.inbox");

        (await shop.ToldAsync()).ShouldBe(["insert 1", "update 1", "insert 2", "update 2", "insert 3", "update 3"]);
    }

    [Fact]
    public async Task Values_of_any_kind_never_fail_the_writer()
    {
        await using Shop shop = await Shop.OpenAsync();
        await shop.ExecuteAsync("create table public.kinds (id int primary key, j json, b bytea, a int[], n numeric, t timestamp, z timestamptz, big text, x xml, p point)");
        Route route = Middle.Route("kinds", "-- on: table public.kinds\nselect 1 from message");
        await using RunningWorker worker = await shop.Middle.RunWithTablesAsync(route);
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.watch where due is null");

        await shop.ExecuteAsync("""
            set timezone = 'America/New_York';
            insert into public.kinds values (1, '{"a": 1}', '\x00ff', '{1,2}', 'NaN', 'infinity', '2026-01-01 00:00:00Z', repeat(md5('x'), 32768), '<a/>', '(1,2)');
            insert into public.kinds values (2, '{"a": "\u0000"}', '\x00', null, 1e1000, '-infinity', 'infinity', null, null, null);
            update public.kinds set n = -1 where id = 2;
            update public.kinds set j = null, n = 2 where id = 2
            """);
        await shop.Middle.UntilAsync("select count(*) = 4 from bridge.inbox");

        JsonNode first = (await shop.Middle.ColumnAsync<string>("select payload::text from bridge.inbox where fault is null order by id")).Select(text => JsonNode.Parse(text)!).First()["record"]!;
        ((string?)first["n"], (string?)first["t"], (string?)first["z"], (string?)first["b"]).ShouldBe(("NaN", "infinity", "2026-01-01T00:00:00+00:00", "\\x00ff"));
        first["big"]!.GetValue<string>().Length.ShouldBe(1 << 20);
        List<string> raw = await shop.Middle.ColumnAsync<string>("select convert_from(raw, 'UTF8') from bridge.inbox where fault is not null order by id");
        raw.Count.ShouldBe(3);
        raw[0].ShouldContain("\"a\": \"\\u0000\"");
        (await shop.Middle.ColumnAsync<string>("select distinct fault from bridge.inbox where fault is not null")).ShouldBe(["jsonb refuses a value of the row (22P05)"]);
    }

    [Fact]
    public async Task A_writers_own_tables_and_search_path_do_not_lead_the_capture_astray()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using RunningWorker worker = await shop.WatchAsync();

        await shop.ExecuteAsync("""
            create role clerk;
            grant usage on schema salesforce to clerk;
            grant insert on salesforce.contact to clerk;
            grant usage on sequence salesforce.contact_id_seq to clerk;
            set role clerk;
            create temporary table change (source text);
            set search_path = pg_temp, salesforce;
            insert into contact (email) values ('clerk')
            """);

        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.inbox");
        await shop.ExecuteAsync("drop owned by clerk; drop role clerk");
    }

    [Fact]
    public async Task Emptying_a_table_without_a_baseline_is_one_message_in_its_place()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using RunningWorker worker = await shop.WatchAsync(Shop.Listener("-- reconcile: no"));

        await shop.ExecuteAsync("insert into salesforce.contact (email) values ('a')");
        await shop.ExecuteAsync("truncate salesforce.contact");
        await shop.ExecuteAsync("insert into salesforce.contact (email) values ('b')");
        await shop.Middle.UntilAsync("select count(*) = 3 from bridge.inbox");

        (await shop.ToldAsync()).ShouldBe(["insert 1", "truncate", "insert 2"]);
    }

    [Fact]
    public async Task Columns_that_come_go_or_change_their_name_are_told_as_they_are()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using RunningWorker worker = await shop.WatchAsync();
        await shop.ExecuteAsync("insert into salesforce.contact (email, phone) values ('a', '1')");
        await shop.IsDrainedAsync();

        await shop.ExecuteAsync("alter table salesforce.contact add column city text");
        await shop.ExecuteAsync("update salesforce.contact set city = 'x'");
        await shop.ExecuteAsync("alter table salesforce.contact rename column email to mail");
        await shop.ExecuteAsync("update salesforce.contact set mail = 'b'");
        await shop.ExecuteAsync("alter table salesforce.contact drop column phone");
        await shop.ExecuteAsync("update salesforce.contact set mail = 'c'");
        await shop.Middle.UntilAsync("select count(*) = 4 from bridge.inbox");
        await shop.Middle.UntilAsync("select due is null and 'mail' = any (columns) and not 'phone' = any (columns) from bridge.watch");

        (await shop.MessagesAsync()).Skip(1).Select(message => string.Join(',', message["changed"]!.AsArray().Select(name => (string?)name))).ShouldBe(["city", "mail", "mail"]);
        (await shop.Middle.ScalarAsync<long>("select count(*) from bridge.gap")).ShouldBe(0);
    }
}
