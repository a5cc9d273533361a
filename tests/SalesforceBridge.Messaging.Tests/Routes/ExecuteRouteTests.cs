using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Routes;

public sealed class ExecuteRouteTests
{
    [Fact]
    public async Task A_statement_runs_once_per_message_in_order_so_three_updates_of_one_row_leave_the_last()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (k text primary key, n int, times int not null); insert into t values ('k0', -1, 0)");
        Route route = Middle.Route("mirror", "-- on: event N__e\nupdate t set n = (payload->>'n')::int, times = times + 1 from message where t.k = payload->>'k';");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 3, keys: 1);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select position = (select max(id)::text from bridge.inbox) from bridge.cursor where name = 'route mirror on event N__e'");

        (await middle.ScalarAsync<string>("select n || ' ' || times from t")).ShouldBe("2 3");
    }

    [Theory]
    [InlineData("with v as (select (payload->>'n')::int as n from message) insert into t select n from v -- done")]
    [InlineData("with recursive v as (select (payload->>'n')::int as n from message) insert into t select n from v;")]
    [InlineData("insert into t select (payload->>'n')::int from message returning n")]
    [InlineData("merge into t using message on false when not matched then insert values ((payload->>'n')::int)")]
    [InlineData("select note((payload->>'n')::int) from message")]
    public async Task Statements_of_any_kind_run(string sql)
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("""
            create table t (n int);
            create function note(v int) returns int language sql as 'insert into t values (v) returning n';
            """);
        Route route = Middle.Route("any", $"-- on: event N__e\n{sql}");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 20);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) >= 20 from t");

        (await middle.ColumnAsync<int>("select n from t")).ShouldBe(Enumerable.Range(0, 20));
    }

    [Fact]
    public async Task Once_per_batch_sees_all_messages_at_once()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (batch int)");
        Route route = Middle.Route("bulk", "-- on: event N__e\n-- once per: batch\ninsert into t select count(*) from message");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 50);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) > 0 from t");

        (await middle.ColumnAsync<int>("select batch from t")).ShouldBe([50]);
    }

    [Fact]
    public async Task Table_triggers_see_what_caused_a_change_and_over_how_many_routes()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int, origin text default current_setting('bridge.origin', true), hops text default current_setting('bridge.hops', true), zone text default current_setting('TimeZone'))");
        Route route = Middle.Route("caused", "-- on: table public.x\ninsert into t select (payload->>'n')::int from message");
        await middle.EnrolAsync(route);
        await middle.Inbox.AcceptAsync([new("table public.x", 0, null)], [.. new[] { 0, 0, 3, 1 }.Select((hops, n) =>
            new NewMessage("table public.x", System.Text.Encoding.UTF8.GetBytes($$"""{"n":{{n}}}""")) { Hops = hops })], default);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 4 from t");

        (await middle.ColumnAsync<string>("select hops from t order by n")).ShouldBe(["1", "1", "4", "2"]);
        (await middle.ColumnAsync<string>("select distinct origin || zone from t")).ShouldBe(["bridge:causedUTC"]);
    }

    [Fact]
    public async Task Columns_altered_under_a_running_route_neither_stop_it_nor_cost_a_message()
    {
        await using Middle middle = await Middle.StartAsync(Middle.Quick with { RouteProbe = TimeSpan.FromMinutes(10) });
        await middle.ExecuteAsync("create table t (n int)");
        Route route = Middle.Route("altered", "-- on: event N__e\ninsert into t select (payload->>'n')::int from message returning *");
        await middle.EnrolAsync(route);
        await using RunningWorker worker = await middle.RunAsync(route);
        for (int n = 0; n < 4; n++)
            await middle.AcceptNumbersAsync("event N__e", 5, first: n * 5);
        await middle.UntilAsync("select count(*) = 20 from t");

        await middle.ExecuteAsync("alter table t alter n type bigint");
        await middle.AcceptNumbersAsync("event N__e", 5, first: 20);
        await middle.UntilAsync("select count(*) = 25 from t");

        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }
}
