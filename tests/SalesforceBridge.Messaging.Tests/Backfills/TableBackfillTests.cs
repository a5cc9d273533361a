using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;
using SalesforceBridge.Messaging.Tests.Tables;

namespace SalesforceBridge.Messaging.Tests.Backfills;

public sealed class TableBackfillTests
{
    private static readonly Route Mirror = Middle.Route("mirrors", $$"""
        -- on: {{Shop.Source}}
        with gone as (delete from mirror using message where mirror.id = (payload->'old'->>'id')::int and payload->>'operation' = 'delete')
        insert into mirror (id, email, phone) select (payload->'record'->>'id')::int, payload->'record'->>'email', payload->'record'->>'phone' from message
        where payload->>'operation' <> 'delete' on conflict (id) do update set email = excluded.email, phone = excluded.phone
        """);

    private static readonly Route Other = Middle.Route("hears", $"-- on: {Shop.Source}\ninsert into heard select payload->>'operation' from message");

    [Fact]
    public async Task A_mirror_of_a_table_is_loaded_while_its_rows_are_written()
    {
        await using Shop shop = await OpenAsync(rows: 7_000);
        await using RunningWorker worker = await shop.WatchAsync(Mirror, Other);
        using var stop = new CancellationTokenSource();
        Task[] writers = [.. Enumerable.Range(1, 3).Select(writer => WriteAsync(shop, writer, stop.Token))];
        await shop.Middle.UntilAsync("select count(*) > 20 from heard");

        Backfill loaded = await LoadAsync(shop, Mirror);
        await shop.Middle.UntilAsync($"select count(*) > {await shop.Middle.ScalarAsync<long>("select count(*) from heard")} from heard");
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await shop.IsDrainedAsync();
        await shop.Middle.UntilAsync("select count(*) = 2 from bridge.cursor where name like 'route % on table%' and position = (select max(id)::text from bridge.inbox)");

        loaded.FinishedAt.ShouldNotBeNull();
        (await shop.Middle.ScalarAsync<long>("select count(*) from (select id, email, phone from salesforce.contact except select id, email, phone from mirror) missing")).ShouldBe(0);
        (await shop.Middle.ScalarAsync<long>("select count(*) from (select id, email, phone from mirror except select id, email, phone from salesforce.contact) wrong")).ShouldBe(0);
        (await shop.Middle.ScalarAsync<bool>($"select count(*) = {loaded.Stored} and count(distinct key) = {loaded.Stored} from bridge.inbox where for_route = 'mirrors'")).ShouldBeTrue();
        (await shop.Middle.ScalarAsync<long>("select count(*) from heard where operation = 'snapshot'")).ShouldBe(0);
    }

    [Fact]
    public async Task Keys_of_several_columns_and_rows_that_jsonb_refuses_are_told_each_once()
    {
        await using Shop shop = await OpenAsync(rows: 0);
        await shop.ExecuteAsync("""
            create table public.odd ("the Key" text, at timestamptz, j json, primary key ("the Key", at));
            insert into public.odd select n % 3 || ' "key', timestamptz '2026-01-01 00:00:00.123456+05' + n * interval '1 s', to_json(n) from generate_series(1, 4001) n;
            update public.odd set j = '"\u0000"' where j::text = '77'
            """);
        Route route = Middle.Route("odds", "-- on: table public.odd\nselect 1 from message");
        await using RunningWorker worker = await shop.Middle.RunWithTablesAsync(route);
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.watch where due is null");

        Backfill loaded = await LoadAsync(shop, route);

        loaded.Stored.ShouldBe(4001);
        (await shop.Middle.ScalarAsync<long>("select count(distinct key) from bridge.inbox where for_route = 'odds'")).ShouldBe(4001);
        (await shop.Middle.ColumnAsync<string>("select fault from bridge.inbox where fault is not null")).ShouldBe(["jsonb refuses a value of the row"]);
        (await shop.Middle.ScalarAsync<string>("select payload::text from bridge.inbox where for_route = 'odds' order by id limit 1"))
            .ShouldBe("""{"old": null, "sfid": null, "origin": null, "record": {"j": 3, "at": "2025-12-31T19:00:03.123456+00:00", "the Key": "0 \"key"}, "changed": null, "operation": "snapshot"}""");
    }

    [Fact]
    public async Task A_condition_in_sql_chooses_rows()
    {
        await using Shop shop = await OpenAsync(rows: 10);
        await using RunningWorker worker = await shop.WatchAsync(Mirror, Other);
        const string Condition = "id > 3 and email like '%_%' -- the later ones";

        (await Tables(shop).FaultOfAsync(Mirror.Definition, Condition, default)).ShouldBeNull();
        (await LoadAsync(shop, Mirror, Condition)).Stored.ShouldBe(7);
    }

    [Theory]
    [InlineData("true) or (true", "--where: ")]
    [InlineData("true order by 1", "--where: 42P10")]
    [InlineData("true; drop table mirror", "--where: ")]
    [InlineData("nonsense = 1", "--where: 42703")]
    [InlineData("id = $1", "--where: a condition has no parameters")]
    [InlineData("email = 'open", "--where: ")]
    [InlineData("id", "--where: 42804")]
    public async Task What_is_no_condition_is_refused(string condition, string fault)
    {
        await using Shop shop = await OpenAsync(rows: 1);

        (await Tables(shop).FaultOfAsync(Mirror.Definition, condition, default)).ShouldNotBeNull().ShouldStartWith(fault);
    }

    [Fact]
    public async Task A_table_that_is_being_reloaded_is_read_when_that_is_over()
    {
        await using Shop shop = await OpenAsync(rows: 10);
        await using RunningWorker worker = await shop.WatchAsync(Mirror, Other);
        Backfill begun = await BeginAsync(shop, Mirror);
        await shop.ExecuteAsync("update bridge.watch set reload_until = clock_timestamp() + interval '1 h'");

        (await Tables(shop).StepAsync(Mirror.Definition, begun, default)).ShouldBeOfType<TableBackfillStep.Refused>().Why.ShouldContain("is being reloaded");
        (await shop.Middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(0);
    }

    [Theory]
    [InlineData("poll", "fill", false)]
    [InlineData("poll", "renew", false)]
    [InlineData("poll", "reconcile", true)]
    [InlineData("capture", "fill", true)]
    public async Task A_polled_table_is_heard_once_its_baseline_is_there(string mode, string due, bool isHeard)
    {
        await using Shop shop = await OpenAsync(rows: 10);
        await using (RunningWorker worker = await shop.WatchAsync(Mirror, Other))
        {
        }

        await shop.ExecuteAsync($"update bridge.watch set mode = '{mode}', due = '{due}'");

        (await new BackfillLog(shop.Middle.Database).BeginAsync(Mirror.Definition, null, restart: false, default) is BackfillStart.Began).ShouldBe(isHeard);
    }

    [Fact]
    public async Task Whoever_holds_the_table_does_not_hold_up_other_tables_by_a_backfill()
    {
        await using Shop shop = await OpenAsync(rows: 10);
        await using RunningWorker worker = await shop.WatchAsync(Mirror, Other);
        Backfill begun = await BeginAsync(shop, Mirror);
        await using var holder = new NpgsqlConnection(shop.Middle.ConnectionString + ";Pooling=false");
        await holder.OpenAsync();
        await new NpgsqlCommand("begin; lock table salesforce.contact", holder).ExecuteNonQueryAsync();

        PostgresException error = await Should.ThrowAsync<PostgresException>(Tables(shop).StepAsync(Mirror.Definition, begun, default).WaitAsync(TimeSpan.FromSeconds(20)));

        error.SqlState.ShouldBe(PostgresErrorCodes.LockNotAvailable);
        error.IsTransient.ShouldBeTrue();
    }

    private static async Task<Shop> OpenAsync(int rows)
    {
        Shop shop = await Shop.OpenAsync();
        await shop.ExecuteAsync($"""
            create table mirror (id int primary key, email text, phone text);
            create table heard (operation text);
            insert into salesforce.contact (email) select 'n_' || n from generate_series(1, {rows}) n
            """);
        return shop;
    }

    private static TableBackfill Tables(Shop shop) => new(shop.Middle.Database, new BackfillLog(shop.Middle.Database));

    private static async Task<Backfill> BeginAsync(Shop shop, Route route, string? condition = null) =>
        (await new BackfillLog(shop.Middle.Database).BeginAsync(route.Definition, condition, restart: false, default)).ShouldBeOfType<BackfillStart.Began>().Backfill;

    private static async Task<Backfill> LoadAsync(Shop shop, Route route, string? condition = null)
    {
        Backfill at = await BeginAsync(shop, route, condition);
        while (at.FinishedAt is null)
            at = (await Tables(shop).StepAsync(route.Definition, at, default)).ShouldBeOfType<TableBackfillStep.Stored>().Backfill;
        return at;
    }

    private static async Task WriteAsync(Shop shop, int writer, CancellationToken stop)
    {
        var random = new Random(writer);
        await using var connection = new NpgsqlConnection(shop.Middle.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(CancellationToken.None);
        for (int n = 0; !stop.IsCancellationRequested; n++)
        {
            int id = random.Next(1, 7_500);
            await using var change = new NpgsqlCommand(random.Next(4) switch
            {
                0 => $"delete from salesforce.contact where id = {id}",
                1 => $"insert into salesforce.contact (email) values ('new {writer} {n}')",
                2 => $"begin; update salesforce.contact set phone = '{writer} {n}' where id = {id}; select pg_sleep(0.02); commit",
                _ => $"update salesforce.contact set phone = nullif('{writer} {n}', email), email = null where id = {id}",
            }, connection);
            await change.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }
}
