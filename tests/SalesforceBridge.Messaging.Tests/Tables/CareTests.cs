using System.Text.Json.Nodes;
using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Tables;

public sealed class CareTests
{
    [Theory]
    [InlineData("drop trigger \"!row bridge\" on salesforce.contact")]
    [InlineData("drop trigger \"!truncate bridge\" on salesforce.contact")]
    [InlineData("alter table salesforce.contact disable trigger all")]
    [InlineData("create or replace trigger \"!row bridge\" after insert on salesforce.contact for each row execute function bridge.capture('table salesforce.contact', 'bridge')")]
    public async Task A_lost_trigger_is_put_back_and_what_was_missed_is_told_and_a_healed_gap(string loses)
    {
        await using Shop shop = await Shop.OpenAsync();
        await using RunningWorker worker = await shop.WatchAsync();
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('A', 'stays'), ('B', 'changes'), ('C', 'goes')");
        await shop.IsDrainedAsync();

        await shop.ExecuteAsync($"""
            begin;
            {loses};
            alter table salesforce.contact disable trigger user;
            update salesforce.contact set email = 'changed' where sfid = 'B';
            delete from salesforce.contact where sfid = 'C';
            insert into salesforce.contact (sfid, email) values ('D', 'new');
            commit
            """);
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.gap where healed is not null");
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('E', 'captured again')");
        await shop.Middle.UntilAsync("select count(*) = 7 from bridge.inbox");

        (await shop.ToldAsync()).Skip(3).ShouldBe(["delete 3", "update 2", "insert 4", "insert 5"]);
        JsonNode deleted = (await shop.MessagesAsync())[3];
        ((string?)deleted["old"]!["sfid"], (string?)deleted["old"]!["id"], (string?)deleted["sfid"]).ShouldBe(("C", "3", "C"));
        (await new Gaps(shop.Middle.Database).ListAsync(default)).ShouldHaveSingleItem().Healed.ShouldBe("reconciled with its baseline: 1 rows were missing in it, 1 differed and 1 were gone");
        await shop.Middle.UntilAsync("select count(*) = 0 from bridge.alert");
    }

    [Fact]
    public async Task A_table_made_anew_is_watched_anew_and_its_rows_are_matched_by_sfid()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using RunningWorker worker = await shop.WatchAsync();
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('A', 'stays'), ('B', 'changes'), ('C', 'goes')");
        await shop.IsDrainedAsync();

        await shop.ExecuteAsync("drop table salesforce.contact");
        await shop.Middle.UntilAsync("select what like 'there is no table%' from bridge.alert where name = 'table salesforce.contact is not captured'");
        await shop.ExecuteAsync("create table salesforce.contact (id serial primary key, sfid varchar(18) unique, email text, more text); insert into salesforce.contact (id, sfid, email) values (7, 'A', 'stays'), (3, 'B', 'changed')");
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.gap where healed is not null");

        (await shop.ToldAsync()).Skip(3).ShouldBe(["delete 3", "update 3"]);
        (await shop.Middle.ColumnAsync<string>("select sfid || key from bridge.baseline order by sfid")).ShouldBe(["A7", "B3"]);
    }

    [Fact]
    public async Task Without_a_baseline_every_row_is_sent_and_the_gap_says_what_is_not_known()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using RunningWorker worker = await shop.WatchAsync(Shop.Listener("-- reconcile: no"));
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('A', 'a'), ('B', 'b')");
        await shop.IsDrainedAsync();

        await shop.ExecuteAsync("drop trigger \"!row bridge\" on salesforce.contact");
        await shop.Middle.UntilAsync("select count(*) = 4 from bridge.inbox");

        (await shop.ToldAsync()).Skip(2).ShouldBe(["snapshot 1", "snapshot 2"]);
        Gap gap = (await new Gaps(shop.Middle.Database).ListAsync(default)).ShouldHaveSingleItem();
        gap.Healed.ShouldBeNull();
        gap.Why.ShouldBe("its triggers were missing, as after Heroku Connect or somebody made the table anew; all 2 rows were sent as `snapshot`, and what was deleted meanwhile is not known");
    }

    [Fact]
    public async Task A_primary_key_that_changes_while_a_trigger_is_lost_sends_every_row_and_makes_the_baseline_anew()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using RunningWorker worker = await shop.WatchAsync();
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('A', 'a'), ('B', 'b')");
        await shop.IsDrainedAsync();

        await shop.ExecuteAsync("begin; drop trigger \"!row bridge\" on salesforce.contact; alter table salesforce.contact drop constraint contact_pkey, add primary key (sfid); commit");
        await shop.Middle.UntilAsync("select count(*) = 4 from bridge.inbox");
        await shop.Middle.UntilAsync("select due is null and baseline from bridge.watch");

        (await shop.ToldAsync()).Skip(2).ShouldBe(["snapshot A", "snapshot B"]);
        (await shop.Middle.ColumnAsync<string>("select key from bridge.baseline order by key")).ShouldBe(["A", "B"]);
        (await shop.Middle.ScalarAsync<string>("select why from bridge.gap")).ShouldEndWith("all 2 rows were sent as `snapshot`, and what was deleted meanwhile is not known");
    }

    [Fact]
    public async Task A_row_that_jsonb_refuses_is_not_taken_for_deleted()
    {
        await using Shop shop = await Shop.OpenAsync();
        await shop.ExecuteAsync("create table public.kinds (id int primary key, j json)");
        await using RunningWorker worker = await shop.Middle.RunWithTablesAsync(Middle.Route("kinds", "-- on: table public.kinds\nselect 1 from message"));
        await shop.Middle.UntilAsync("select due is null from bridge.watch");
        await shop.ExecuteAsync("insert into public.kinds values (1, '1')");
        await shop.IsDrainedAsync();

        await shop.ExecuteAsync("begin; drop trigger \"!row bridge\" on public.kinds; update public.kinds set j = '\"\\u0000\"'; commit");
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.gap where healed is not null");

        (await shop.Middle.ColumnAsync<string>("select concat_ws(' ', key, payload->>'operation', fault) from bridge.inbox order by id"))
            .ShouldBe(["1 insert", "1 jsonb refuses a value of the row"]);
    }

    [Fact]
    public async Task Capture_ends_by_itself_and_beginning_again_reconciles()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Quick with { CaptureAhead = TimeSpan.FromSeconds(2) });
        await using (RunningWorker worker = await shop.WatchAsync())
        {
            await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('A', 'a')");
            await shop.IsDrainedAsync();
        }

        await shop.Middle.UntilAsync("select last_value / 2 <= extract(epoch from clock_timestamp()) from bridge.capture");
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('B', 'b')");
        (await shop.Middle.ScalarAsync<long>("select count(*) from bridge.change")).ShouldBe(0);
        await using RunningWorker again = await shop.Middle.RunWithTablesAsync(Shop.Listener());

        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.gap where healed is not null and why like 'no worker was there%'");
        (await shop.ToldAsync()).ShouldBe(["insert 1", "insert 2"]);
    }

    [Fact]
    public async Task A_writer_that_was_not_captured_and_commits_late_is_reconciled_too()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using (RunningWorker worker = await shop.WatchAsync())
            await shop.ExecuteAsync("select 1");
        await shop.ExecuteAsync("select setval('bridge.capture', 0)");
        await using var writer = new NpgsqlConnection(shop.Middle.ConnectionString);
        await writer.OpenAsync();
        await using NpgsqlTransaction late = await writer.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        await new NpgsqlCommand("insert into salesforce.contact (email) values ('before')", writer, late).ExecuteNonQueryAsync();

        await using RunningWorker again = await shop.Middle.RunWithTablesAsync(Shop.Listener());
        await shop.Middle.UntilAsync("select last_value > 1 from bridge.capture");
        await new NpgsqlCommand("insert into salesforce.contact (email) values ('after')", writer, late).ExecuteNonQueryAsync();
        await late.CommitAsync();
        await shop.IsSettledAsync();

        (await shop.ToldAsync()).Order(StringComparer.Ordinal).ShouldBe(["insert 1", "insert 2"]);
    }

    [Fact]
    public async Task Full_storage_stops_the_capture_and_not_the_users_writes()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Quick with { Storage = 6_000_000 });
        await using RunningWorker worker = await shop.WatchAsync();

        await shop.ExecuteAsync("insert into salesforce.contact (email, _hc_err) select 'n' || n, (select string_agg(md5(n || ' ' || g), '') from generate_series(1, 50) g) from generate_series(1, 5000) n");
        await shop.Middle.UntilAsync("select last_value = 0 from bridge.capture");
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('L', 'last')");
        (await shop.Middle.ColumnAsync<string>("select why from bridge.gap")).ShouldBe(["the bridge's storage was full, so capture stopped"]);
        // A drain that is under way must not bring back what is deleted here.
        await shop.ExecuteAsync("begin; select from bridge.cursor for update; delete from bridge.inbox; delete from bridge.change; commit");
        await shop.ExecuteAsync("delete from salesforce.contact where sfid is null");
        // Rows that a snapshot still sees survive this, and one may be as old as the oldest transaction of any test.
        await Middle.UntilAsync(async () =>
        {
            await shop.ExecuteAsync("vacuum full bridge.inbox");
            await shop.ExecuteAsync("vacuum full bridge.change");
            return await shop.Middle.ScalarAsync<bool>("select last_value > 0 from bridge.capture");
        });

        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.gap where healed is not null");
        (await shop.Middle.ScalarAsync<long>("select count(*) from bridge.inbox where payload->>'sfid' = 'L'")).ShouldBe(1);
    }

    [Theory]
    [InlineData("create table public.bad (id int)", "public.bad has no primary key, so its rows cannot be told apart; add one")]
    [InlineData("select 1", "there is no table public.bad; correct the name, or create it")]
    [InlineData("create view public.bad as select 1 as id", "public.bad is a view, which has no changes of its own; name the tables behind it")]
    [InlineData("create materialized view public.bad as select 1 as id", "public.bad is a view, which has no changes of its own; name the tables behind it")]
    [InlineData("create sequence public.bad", "public.bad is no table; correct the name")]
    [InlineData("create foreign data wrapper nothing; create server nowhere foreign data wrapper nothing; create foreign table public.bad (id int) server nowhere", "public.bad is a foreign table, whose changes are made elsewhere; choose a table of this database")]
    [InlineData("create table public.bad (id int primary key) partition by range (id)", "public.bad is partitioned, and emptying or detaching a partition would go unseen; name its partitions, one route each")]
    [InlineData("create table public.bad (id int primary key); grant select on public.bad to public; create role guest; alter table public.bad owner to guest", null)]
    public async Task A_table_that_cannot_be_captured_is_told_by_the_check_and_the_status_and_others_go_on(string makes, string? line)
    {
        await using Shop shop = await Shop.OpenAsync();
        await shop.ExecuteAsync(makes);
        Route bad = Middle.Route("bad", "-- on: table public.bad\nselect 1 from message");
        await using RunningWorker worker = await shop.Middle.RunWithTablesAsync(bad, Shop.Listener());
        string[] told = line is null ? [] : [line];

        await shop.Middle.UntilAsync("select count(*) > 0 from bridge.watch where source = 'table salesforce.contact' and due is null");
        (await new TableCheck(shop.Middle.Database).FaultsOfAsync(bad.Definition, default)).ShouldBe(told);
        await shop.ExecuteAsync("insert into salesforce.contact (email) values ('a')");
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.inbox");
        (await shop.Middle.ColumnAsync<string>("select what from bridge.alert where name = 'table public.bad is not captured'")).ShouldBe(told);
        await shop.ExecuteAsync("do $$ begin if exists (select from pg_roles where rolname = 'guest') then drop owned by guest; drop role guest; end if; end $$");
    }

    [Fact]
    public async Task The_bridges_own_tables_and_columns_that_are_not_there_are_refused()
    {
        await using Shop shop = await Shop.OpenAsync();
        var check = new TableCheck(shop.Middle.Database);

        (await check.FaultsOfAsync(Middle.Route("own", "-- on: table bridge.inbox\nselect 1 from message").Definition, default))
            .ShouldBe(["bridge.inbox belongs to the bridge or to the server and is not captured; choose another table"]);
        (await check.FaultsOfAsync(Shop.Listener("-- columns: email, fone").Definition, default))
            .ShouldBe(["`columns:` names fone, which salesforce.contact has not; correct the name"]);
    }

    [Fact]
    public async Task A_dropped_column_that_a_route_names_is_told_and_changes_go_on()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using RunningWorker worker = await shop.WatchAsync(Shop.Listener("-- columns: phone"));

        await shop.ExecuteAsync("alter table salesforce.contact drop column phone");
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.alert");
        await shop.ExecuteAsync("insert into salesforce.contact (email) values ('a')");
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.inbox");

        (await new WatchedTables(shop.Middle.Database).ListAsync(default)).ShouldHaveSingleItem().Alert
            .ShouldBe("`columns:` names phone, which salesforce.contact has not; correct the name");
        await shop.ExecuteAsync("alter table salesforce.contact add column phone text");
        await shop.Middle.UntilAsync("select count(*) = 0 from bridge.alert");
        (await shop.Middle.ScalarAsync<long>("select count(*) from bridge.gap")).ShouldBe(0);
    }

    [Fact]
    public async Task A_schema_that_may_not_be_used_is_told_with_what_to_do()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using Clerk clerk = await Clerk.HireAsync(shop, "select, trigger");
        await shop.ExecuteAsync($"revoke usage on schema salesforce from {clerk.Name}");
        await using Middle restricted = shop.Middle.Beside(settings: $"Username={clerk.Name}");

        (await new TableCheck(restricted.Database).FaultsOfAsync(Shop.Listener().Definition, default))
            .ShouldBe(["the bridge's database user may not use the schema of salesforce.contact; let its owner run: grant usage on schema ... to ..."]);
    }

    [Fact]
    public async Task A_lock_on_the_table_is_waited_out_and_the_others_go_on()
    {
        await using Shop shop = await Shop.OpenAsync();
        await shop.ExecuteAsync("create table public.free (id int primary key)");
        await using var other = new NpgsqlConnection(shop.Middle.ConnectionString);
        await other.OpenAsync();
        await using NpgsqlTransaction held = await other.BeginTransactionAsync();
        await new NpgsqlCommand("lock table salesforce.contact in row exclusive mode", other, held).ExecuteNonQueryAsync();
        await using RunningWorker worker = await shop.Middle.RunWithTablesAsync(Shop.Listener(), Middle.Route("free", "-- on: table public.free\nselect 1 from message"));

        await shop.Middle.UntilAsync("select what like 'another session holds a lock%' from bridge.alert where name = 'table salesforce.contact is not captured'");
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.watch where source = 'table public.free'");
        await held.RollbackAsync();

        await shop.IsSettledAsync();
        await shop.Middle.UntilAsync("select count(*) = 0 from bridge.alert");
    }

    [Fact]
    public async Task A_table_is_watched_no_longer_once_somebody_says_so()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using (RunningWorker worker = await shop.WatchAsync())
        {
            await shop.ExecuteAsync("insert into salesforce.contact (email) values ('a')");
            await shop.IsDrainedAsync();
        }

        await shop.ExecuteAsync("insert into salesforce.contact (email) values ('b')");
        var tables = new WatchedTables(shop.Middle.Database);
        TableStatus listed = (await tables.ListAsync(default)).ShouldHaveSingleItem();
        (listed.Source, listed.Waiting, listed.Baseline, listed.Alert).ShouldBe((Shop.Source, 1, 1, null));

        (await tables.UnwatchAsync("table public.nothing", default)).ShouldBe(new UnwatchOutcome.Unknown());
        (await tables.UnwatchAsync(Shop.Source, default)).ShouldBe(new UnwatchOutcome.Done(1));

        (await shop.Middle.ScalarAsync<long>("select count(*) from pg_trigger where tgfoid = 'bridge.capture'::regproc")).ShouldBe(0);
        (await shop.Middle.ScalarAsync<long>("select (select count(*) from bridge.watch) + (select count(*) from bridge.baseline) + (select count(*) from bridge.change)")).ShouldBe(0);
    }
}
