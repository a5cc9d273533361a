using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Tables;

/// <summary>What happens to a polled table and to the worker between two looks.</summary>
public sealed class PollTroubleTests
{
    [Fact]
    public async Task A_worker_that_ends_between_two_pages_leaves_the_rest_to_the_next()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled);
        await using (RunningWorker worker = await shop.PollAsync())
        {
            await shop.ExecuteAsync("""
                create function stop() returns trigger language plpgsql as $$
                begin if new.key = '1500' then raise exception using errcode = '55P03'; end if; return new; end $$;
                create trigger stop before insert on bridge.inbox for each row execute function stop();
                insert into salesforce.contact (sfid, systemmodstamp) select 's' || n, now() at time zone 'UTC' from generate_series(1, 2500) n
                """);
            await shop.Middle.UntilAsync("select count(*) = 1 from bridge.alert");
        }

        (await shop.Middle.ColumnAsync<string>("select position[2] from bridge.watch")).ShouldBe(["1000"]);
        (await shop.Middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(1000);
        await shop.ExecuteAsync("drop trigger stop on bridge.inbox");
        await using RunningWorker again = await shop.PollAsync();
        await shop.Middle.UntilAsync("select count(*) = 2500 from bridge.inbox");
        await shop.IsPolledAsync();
        await shop.IsReconciledAsync();

        (await shop.ToldAsync()).ShouldBe(Enumerable.Range(1, 2500).Select(n => $"insert {n}"));
    }

    [Fact]
    public async Task A_reload_is_waited_out_and_told_as_the_difference_it_makes()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled with { ReloadQuiet = TimeSpan.FromSeconds(2) });
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email, systemmodstamp) select 's' || n, 'e' || n, now() at time zone 'UTC' - interval '1 day' from generate_series(1, 1500) n");
        await using RunningWorker worker = await shop.PollAsync();

        await shop.ExecuteAsync("truncate salesforce.contact");
        await shop.ExecuteAsync("update bridge.watch set reconciled_at = null");
        await shop.IsPolledAsync();
        await shop.ExecuteAsync("""
            insert into salesforce.contact (id, sfid, email, systemmodstamp)
            select 1502 - n, 's' || n, case n when 7 then 'changed' else 'e' || n end, (now() at time zone 'UTC') - case n % 2 when 0 then interval '1 day' else interval '0' end from generate_series(2, 1501) n
            """);
        await shop.Middle.UntilAsync("select reconciled_at is not null from bridge.watch");

        (await shop.Middle.ColumnAsync<string>("select concat_ws(' ', payload->>'operation', payload->>'sfid', payload->'record'->>'email') from bridge.inbox order by id"))
            .ShouldBe(["delete s1", "update s7 changed", "insert s1501 e1501"], ignoreOrder: true);
    }

    [Fact]
    public async Task Going_from_capture_to_poll_and_back_loses_nothing()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled);
        await using (RunningWorker captures = await shop.WatchAsync())
        {
            await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('A', 'captured')");
            await shop.IsDrainedAsync();
        }

        await shop.ExecuteAsync("update salesforce.contact set email = 'by day'; update salesforce.contact set email = 'by night'");
        await using (RunningWorker polls = await shop.PollAsync())
        {
            await shop.ExecuteAsync("insert into salesforce.contact (sfid, email, systemmodstamp) values ('B', 'polled', now() at time zone 'UTC')");
            await shop.Middle.UntilAsync("select count(*) = 4 from bridge.inbox");
            await shop.Middle.UntilAsync("select count(*) = 0 from pg_trigger where tgrelid = 'salesforce.contact'::regclass");
        }

        await shop.ExecuteAsync("update salesforce.contact set email = 'unseen' where sfid = 'A'; delete from salesforce.contact where sfid = 'B'");
        await using RunningWorker again = await shop.WatchAsync();
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('C', 'captured again')");
        await shop.Middle.UntilAsync("select count(*) = 7 from bridge.inbox");

        (await shop.ToldAsync()).ShouldBe(["insert 1", "update 1", "update 1", "insert 2", "delete 2", "update 1", "insert 3"]);
        (await shop.Middle.ScalarAsync<long>("select count(*) from bridge.gap")).ShouldBe(0);
    }

    [Fact]
    public async Task What_is_written_to_a_table_without_a_baseline_while_it_comes_to_be_polled_is_told()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled);
        await using (RunningWorker captures = await shop.WatchAsync(Shop.Listener("-- reconcile: no")))
            await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('A', 'captured')");
        await using Npgsql.NpgsqlConnection holder = await shop.Middle.Database.OpenAsync(default);
        await using Npgsql.NpgsqlTransaction held = await holder.BeginTransactionAsync();
        await new Npgsql.NpgsqlCommand("lock table bridge.baseline in share mode", holder).ExecuteNonQueryAsync();
        await using RunningWorker polls = await shop.Middle.RunWithTablesAsync(Shop.Poller());
        await shop.Middle.UntilAsync("select bool_and(mode = 'poll' and due = 'fill') from bridge.watch");
        await shop.Middle.UntilAsync("select exists (select from pg_locks where not granted and relation = 'bridge.baseline'::regclass)");

        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('B', 'in between'); delete from bridge.alert");
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.alert where what like 'another session holds a lock%'");
        await held.CommitAsync();
        await shop.Middle.UntilAsync("select bool_and(due is null) and not exists (select from pg_trigger where tgrelid = 'salesforce.contact'::regclass) from bridge.watch");
        await shop.IsReconciledAsync();
        await shop.IsPolledAsync();

        (await shop.ToldAsync()).ShouldBe(["insert 1", "insert 2"]);
    }

    [Fact]
    public async Task Triggers_that_may_not_be_dropped_are_told_of_and_tell_nothing_twice()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled);
        await using (RunningWorker captures = await shop.WatchAsync())
            await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('A', 'a')");
        await using Clerk clerk = await Clerk.HireAsync(shop, "select");
        await using Middle restricted = shop.Middle.Beside(settings: $"Username={clerk.Name}");
        await using RunningWorker worker = await restricted.RunWithTablesAsync(Shop.Poller());
        await shop.Middle.UntilAsync("select bool_and(due is null and mode = 'poll') from bridge.watch");

        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email, systemmodstamp) values ('B', 'b', now() at time zone 'UTC')");
        await shop.Middle.UntilAsync("select count(*) = 2 from bridge.inbox");
        await shop.IsReconciledAsync();

        (await shop.ToldAsync()).ShouldBe(["insert 1", "insert 2"]);
        (await shop.Middle.ScalarAsync<long>("select count(*) from bridge.change")).ShouldBe(0);
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.alert where name = 'table salesforce.contact still has triggers'");
        (await shop.Middle.ScalarAsync<string>("select what from bridge.alert")).ShouldContain("drop trigger \"!row bridge\" on salesforce.contact");
    }

    [Fact]
    public async Task A_changed_primary_key_sends_every_row_and_is_a_gap()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled);
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('A', 'a'), ('B', 'b')");
        await using RunningWorker worker = await shop.PollAsync();

        await shop.ExecuteAsync("alter table salesforce.contact drop constraint contact_pkey, add primary key (sfid)");
        await shop.Middle.UntilAsync("select count(*) = 2 from bridge.inbox");
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email, systemmodstamp) values ('C', 'c', now() at time zone 'UTC')");
        await shop.Middle.UntilAsync("select count(*) = 3 from bridge.inbox");

        (await shop.ToldAsync()).ShouldBe(["snapshot A", "snapshot B", "insert C"]);
        (await shop.Middle.ScalarAsync<string>("select why from bridge.gap")).ShouldStartWith("its primary key changed");
    }

    [Fact]
    public async Task A_poll_that_finds_nothing_reads_nothing()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled with { PollOverlap = TimeSpan.FromMilliseconds(200) });
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email, systemmodstamp) select 's' || n, 'e' || n, now() at time zone 'UTC' - n * interval '1 second' from generate_series(1, 20000) n");
        await shop.ExecuteAsync("analyze salesforce.contact");
        await using RunningWorker worker = await shop.PollAsync();
        await shop.ExecuteAsync("update salesforce.contact set email = 'new', systemmodstamp = clock_timestamp() at time zone 'UTC' where id = 1");
        await shop.Middle.UntilAsync("select floor[2] = '1' and mark = floor and position = floor from bridge.watch");

        string idle = await shop.Middle.ScalarAsync<string>($"select idx_scan || ',' || idx_tup_read from {Index}");
        (long scans, long rows) = (long.Parse(idle.Split(',')[0]), long.Parse(idle.Split(',')[1]));
        await shop.Middle.UntilAsync($"select idx_scan > {scans + 20} from {Index}");

        // The row at the floor itself is met by the index and not read.
        (await shop.Middle.ScalarAsync<bool>($"select idx_tup_read - {rows} <= (idx_scan - {scans}) * 2 from {Index}")).ShouldBeTrue();
        (await shop.Middle.ScalarAsync<long>("select seq_scan from pg_stat_user_tables where relname = 'contact'")).ShouldBeLessThan(5);
    }

    private const string Index = "pg_stat_user_indexes where indexrelname = 'hc_idx_contact_systemmodstamp'";
}
