using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Failures;

public sealed class ErrorClassTests
{
    [Theory]
    [InlineData("40001", nameof(Blame.Passing))]
    [InlineData("40P01", nameof(Blame.Passing))]
    [InlineData("08006", nameof(Blame.Passing))]
    [InlineData("53300", nameof(Blame.Passing))]
    [InlineData("55P03", nameof(Blame.Passing))]
    [InlineData("57P01", nameof(Blame.Passing))]
    [InlineData("57P03", nameof(Blame.Passing))]
    [InlineData("25006", nameof(Blame.Passing))]
    [InlineData("25P03", nameof(Blame.Passing))]
    [InlineData("26000", nameof(Blame.Passing))]
    [InlineData("57014", nameof(Blame.TooSlow))]
    [InlineData("42P01", nameof(Blame.Route))]
    [InlineData("42703", nameof(Blame.Route))]
    [InlineData("42501", nameof(Blame.Route))]
    [InlineData("0A000", nameof(Blame.Route))]
    [InlineData("28000", nameof(Blame.Route))]
    [InlineData("3D000", nameof(Blame.Route))]
    [InlineData("3F000", nameof(Blame.Route))]
    [InlineData("XX001", nameof(Blame.Route))]
    [InlineData("22P02", nameof(Blame.Message))]
    [InlineData("23505", nameof(Blame.Message))]
    [InlineData("21000", nameof(Blame.Message))]
    [InlineData("P0001", nameof(Blame.Message))]
    [InlineData("25P02", nameof(Blame.Message))]
    [InlineData("54000", nameof(Blame.Message))]
    [InlineData("XX000", nameof(Blame.Message))]
    [InlineData("BR001", nameof(Blame.Lease))]
    [InlineData("BR002", nameof(Blame.Moved))]
    public void An_error_blames_by_its_sqlstate(string sqlState, string blame) =>
        StepErrors.BlameFor(new PostgresException("x", "ERROR", "ERROR", sqlState)).ToString().ShouldBe(blame);

    [Fact]
    public async Task A_dropped_table_stops_its_route_without_a_dead_letter_and_the_route_goes_on_when_it_is_back()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int)");
        Route write = Middle.Route("writes", "-- on: event N__e\ninsert into t select (payload->>'n')::int from message");
        Route read = Middle.Route("reads", "-- on: event N__e\n-- do: create X\nselect payload->>'n' as \"Name\" from message where not exists (select from t where n < 0)");
        await middle.EnrolAsync(write, read);
        await using RunningWorker worker = await middle.RunAsync(write, read);
        await middle.AcceptNumbersAsync("event N__e", 20);
        await middle.UntilAsync("select count(*) = 20 from t");
        await middle.UntilAsync("select count(*) = 20 from bridge.outcome");

        await middle.ExecuteAsync("drop table t");
        await middle.AcceptNumbersAsync("event N__e", 20, first: 20);
        await middle.UntilAsync("select count(*) = 2 from bridge.cursor where stopped like '42P01%'");
        (await middle.ColumnAsync<string>("select name from bridge.alert order by name")).ShouldBe(["route reads stopped", "route writes stopped"]);
        await middle.ExecuteAsync("create table t (n int, more text)");

        await middle.UntilAsync("select count(*) = 20 from t");
        await middle.UntilAsync("select count(*) = 40 from bridge.outcome");
        await middle.UntilAsync("select count(*) = 0 from bridge.alert");
        (await middle.ColumnAsync<int>("select n from t")).ShouldBe(Enumerable.Range(20, 20));
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        middle.Destinations.Bodies.ShouldBe(Enumerable.Range(0, 40).Select(n => $$"""{"Name": "{{n}}"}"""));
    }

    [Fact]
    public async Task A_route_that_does_not_prepare_runs_as_soon_as_it_does()
    {
        await using Middle middle = await Middle.StartAsync();
        Route early = Middle.Route("early", "-- on: event N__e\n-- do: create X\nselect v.* from v, message");
        await middle.EnrolAsync(early);
        await middle.AcceptNumbersAsync("event N__e", 3);
        await using RunningWorker worker = await middle.RunAsync(early);
        await middle.UntilAsync("select stopped like '%v%does not exist%' from bridge.cursor where name = 'route early'");

        await middle.ExecuteAsync("create view v as select 1 as \"A\"");
        await middle.UntilAsync("select count(*) = 3 from bridge.outcome");
        await middle.ExecuteAsync("drop view v; create view v as select timestamptz '2026-01-01 00:00Z' as \"B\"");
        await middle.AcceptNumbersAsync("event N__e", 1);
        await middle.UntilAsync("select count(*) = 4 from bridge.outcome");

        middle.Destinations.Bodies[^1].ShouldBe("""{"B": "2026-01-01T00:00:00.000Z"}""");
    }

    [Theory]
    [InlineData("insert into t select (payload->>'n')::int / case when payload->>'n' = '3' then 0 else 1 end from message", "22012")]
    [InlineData("insert into t select case when payload->>'n' = '3' then null else (payload->>'n')::int end from message", "23502")]
    [InlineData("insert into t select (payload->>'n')::int from message where (payload->>'n')::int = (select g from generate_series((payload->>'n')::int, greatest((payload->>'n')::int, (payload->>'n')::int * 2 - 2)) g where payload->>'n' = '3' or g = (payload->>'n')::int)", "21000")]
    [InlineData("insert into t select refuse((payload->>'n')::int) from message", "P0001")]
    [InlineData("insert into t select (payload->>'n')::int from message where payload->>'n' <> '3' or pg_sleep(5) is not null", "57014")]
    [InlineData("insert into child select (payload->>'n')::int from message", "23503")]
    public async Task An_error_of_one_message_leaves_its_neighbours_alone(string sql, string code)
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("""
            create table t (n int not null);
            create table parent (n int primary key); insert into parent select g from generate_series(0, 5) g where g <> 3;
            create table child (n int references parent deferrable initially deferred);
            create function refuse(n int) returns int language plpgsql as $$ begin if n = 3 then raise 'no'; end if; return n; end $$;
            """);
        Route route = Middle.Route("some", $"-- on: event N__e\n-- retry: 1\n-- timeout: 400ms\n{sql}");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 6);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 5 from (select n from t union all select n from child) either_one");

        (await middle.ColumnAsync<string>("select code || ' ' || state from bridge.failure")).ShouldBe([$"{code} dead"]);
        (await middle.ScalarAsync<bool>("select stopped is null from bridge.cursor where name = 'route some'")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("(payload->>'n')::int / ((payload->>'n')::int - 3)", "22012")]
    [InlineData("case when payload->>'n' = '3' then repeat('k', 100000) else 'k' end", "none")]
    [InlineData("case when payload->>'n' = '3' then pg_sleep(5)::text end", "57014")]
    public async Task A_key_that_cannot_be_told_blames_its_message_and_stalls_nobody(string key, string code)
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int not null)");
        foreach (string action in new[] { "-- do: create X\nselect payload->>'n' as \"Name\" from message", "insert into t select (payload->>'n')::int from message" })
        {
            Route route = Middle.Route($"keyed-{action.Length}", $"-- on: event N__e\n-- from: earliest\n-- key: {key}\n-- retry: 2 from 10ms to 10ms\n-- timeout: 200ms\n{action}");
            await middle.EnrolAsync(route);
            await middle.AcceptNumbersAsync("event N__e", action.StartsWith("insert") ? 0 : 6);
            int expected = code == "none" ? 6 : 5;

            await using RunningWorker worker = await middle.RunAsync(route);
            await middle.UntilAsync(action.StartsWith("insert") ? $"select count(*) >= {expected} from t" : $"select count(*) = {expected} from bridge.outcome");
            if (code == "22012" && action.StartsWith("-- do"))
                await middle.UntilAsync("select count(*) = 1 from bridge.failure where code = '22012' and state = 'dead'");
        }
    }

    [Fact]
    public async Task A_batch_that_takes_too_long_is_halved_until_it_fits()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("slow", "-- on: event N__e\n-- do: create X\n-- timeout: 400ms\nselect payload->>'n' as \"Name\" from message, pg_sleep(0.02)");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 64);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 64 from bridge.outcome");

        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        middle.Destinations.Bodies.ShouldBe(Enumerable.Range(0, 64).Select(n => $$"""{"Name": "{{n}}"}"""));
    }

    // A message that runs while its backend is killed three times is dead, so each kill waits until all went on.
    private const string Positions = "select position from bridge.cursor where name like 'route % on %'";

    [Fact]
    public async Task Backends_killed_again_and_again_cost_time_and_nothing_else()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int, at bigint generated always as identity)");
        Route write = Middle.Route("writes", "-- on: event N__e\n-- batch: 20\ninsert into t (n) select (payload->>'n')::int from message");
        Route send = Middle.Route("sends", "-- on: event N__e\n-- do: update X\n-- batch: 20\nselect payload->>'n' as \"Id\" from message");
        await middle.EnrolAsync(write, send);
        await middle.AcceptNumbersAsync("event N__e", 1500);

        await using RunningWorker worker = await middle.RunAsync(write, send);
        for (int n = 0; n < 30; n++)
        {
            List<string> before = await middle.ColumnAsync<string>(Positions);
            await middle.ScalarAsync<long>("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
            await middle.UntilAsync($"select bool_and(position <> all ('{{{string.Join(',', before)}}}') or position = (select max(id)::text from bridge.inbox)) from bridge.cursor where name like 'route % on %'");
        }

        await middle.UntilAsync("select bool_and(position = (select max(id)::text from bridge.inbox)) from bridge.cursor where name like 'route % on %'");
        await middle.UntilAsync("select count(*) >= 1500 from bridge.outcome");
        (await middle.ScalarAsync<string>("select count(*) || ' rows, ' || count(distinct n) || ' numbers, ' || count(*) filter (where n < before) || ' out of order' from (select n, lag(n) over (order by at) as before from t) numbered"))
            .ShouldBe("1500 rows, 1500 numbers, 0 out of order");
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        (await middle.ColumnAsync<string>("select body->>'Id' from bridge.outbox order by id")).ShouldBe(Enumerable.Range(0, 1500).Select(n => $"{n}"));
        middle.Destinations.Bodies.Count.ShouldBe(1500, "an answer is recorded when the database is back, not asked for again");
    }

    [Fact]
    public async Task A_database_that_cannot_be_written_is_waited_for()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int)");
        Route route = Middle.Route("writes", "-- on: event N__e\ninsert into t select (payload->>'n')::int from message");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 5);
        await using Middle reading = middle.Beside(settings: "Options=-c default_transaction_read_only=on");
        Route[] routes = [route];
        RouteBook book = middle.Book();
        await using var worker = new RunningWorker(new Worker(reading.Database, reading.Cursors, reading.Bells, await book.OpenAsync(routes, default), TimeProvider.System, middle.Log.For<Worker>()));

        await Middle.UntilAsync(() => middle.Log.Lines.Count(line => line.Contains("25006")) > 2);

        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        await using RunningWorker writing = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 5 from t");
    }

    [Fact]
    public async Task Serialization_failures_are_tried_again_and_blame_nobody()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("""
            create table t (n int); create sequence tries;
            create function twice(n int) returns int language plpgsql as $$
            begin if n = 3 and nextval('tries') < 6 then raise 'busy' using errcode = '40001'; end if; return n; end $$;
            """);
        Route route = Middle.Route("busy", "-- on: event N__e\ninsert into t select twice((payload->>'n')::int) from message");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 6);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 6 from t");

        (await middle.ScalarAsync<long>("select last_value from tries")).ShouldBe(6);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task An_errors_text_that_postgres_cannot_hold_is_recorded_all_the_same()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Handler("odd", "-- on: event N__e\n-- do: create X\n-- retry: 1", (_, _, _) => throw new InvalidOperationException("a\0b \ud800 " + new string('x', 100_000)));
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 2);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 2 from bridge.failure where state = 'dead'");

        (await middle.ScalarAsync<int>("select max(length(error)) from bridge.failure")).ShouldBeLessThan(2100);
    }
}
