using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Routes;

public sealed class CarefulPassTests
{
    private const string Deadly = """
        create table t (n int, at bigint generated always as identity);
        create function live(n int, deadly int) returns int language plpgsql as $$
        begin if n = deadly then perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(10); end if; return n; end $$;
        """;

    [Fact]
    public async Task A_message_that_ends_its_backend_three_times_is_dead_and_everything_else_goes_on_in_order()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync(Deadly);
        Route route = Middle.Route("deadly", "-- on: event N__e\n-- key: payload->>'k'\n-- when dead: hold\n-- batch: 30\ninsert into t (n) select live((payload->>'n')::int, 7) from message");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 100, keys: 10);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 90 from t");

        (await middle.ColumnAsync<int>("select n from t order by at")).ShouldBe(Enumerable.Range(0, 100).Where(n => n % 10 != 7));
        DeadLetter dead = (await new DeadLetters(middle.Database).ListAsync(null, 10, default)).ShouldHaveSingleItem();
        (dead.Code, dead.Key, dead.Attempts, dead.Holds).ShouldBe(("ended", "k7", 3, true));
        await middle.UntilAsync("select not careful and in_flight is null from bridge.cursor where name = 'route deadly'");
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure where state = 'waiting'")).ShouldBe(9);
    }

    [Fact]
    public async Task A_redriven_message_that_ends_its_backend_is_the_one_to_blame_and_not_its_neighbour()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync(Deadly);
        await middle.ExecuteAsync("create table ill (n int); insert into ill values (1), (2), (3)");
        Route route = Middle.Route("heads", """
            -- on: event N__e
            -- key: payload->>'k'
            -- retry: 50 from 10ms to 20ms
            insert into t (n) select live((payload->>'n')::int, 2) / case when exists (select from ill where n = (payload->>'n')::int) then 0 else 1 end from message
            """);
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 8, keys: 4);
        await middle.ExecuteAsync("create or replace function live(n int, deadly int) returns int language sql as 'select n'");
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 2 from t");

        await middle.ExecuteAsync(Deadly[Deadly.IndexOf("create function", StringComparison.Ordinal)..].Replace("create function", "create or replace function"));
        await middle.ExecuteAsync("delete from ill");

        await middle.UntilAsync("select count(*) = 7 from t");
        (await middle.ColumnAsync<string>("select key || code || state from bridge.failure")).ShouldBe(["k2endeddead"]);
        (await middle.ColumnAsync<int>("select n from t where n % 4 = 1 order by at")).ShouldBe([1, 5]);
    }

    [Fact]
    public async Task After_a_vanished_worker_one_batch_runs_one_by_one_and_then_batches_run_again()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int, at bigint generated always as identity, x text default pg_current_xact_id()::text)");
        Route route = Middle.Route("batched", "-- on: event N__e\n-- batch: 20\ninsert into t (n) select (payload->>'n')::int from message");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 60);
        await middle.ExecuteAsync($"""
            insert into bridge.worker (id, dyno, version, seen_at) values ('{Guid.NewGuid()}', 'gone.1', '', now() - interval '1 hour');
            update bridge.cursor set worker = (select id from bridge.worker), epoch = 3 where name = 'route batched';
            """);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 60 from t");

        (await middle.ColumnAsync<int>("select n from t order by at")).ShouldBe(Enumerable.Range(0, 60));
        (await middle.ColumnAsync<long>("select count(*) from t group by x order by min(n)")).ShouldBe([.. Enumerable.Repeat(1L, 20), 20, 20]);
    }

    [Fact]
    public async Task Workers_that_vanish_do_not_count_against_a_message_whose_statement_runs_in_the_database()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int)");
        Route route = Middle.Route("innocent", "-- on: event N__e\ninsert into t select (payload->>'n')::int from message");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 3);
        await middle.ExecuteAsync($"""
            insert into bridge.worker (id, dyno, version, seen_at) values ('{Guid.NewGuid()}', 'gone.3', '', now() - interval '1 hour');
            update bridge.cursor set worker = (select id from bridge.worker), epoch = 3, careful = true,
                in_flight = (select min(id) from bridge.inbox), in_flight_at = now(), tries = 3 where name = 'route innocent';
            """);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select position = '3' and not exists (select from bridge.cursor where careful) from bridge.cursor where name like 'route innocent on %'");

        (await middle.ColumnAsync<int>("select n from t order by n")).ShouldBe([0, 1, 2]);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task Restarts_and_errors_that_blame_somebody_else_do_not_count_against_a_message()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("""
            create table t (n int); create sequence tries;
            create function busy(n int) returns int language plpgsql as $$
            begin if nextval('tries') < 8 then raise 'busy' using errcode = '40001'; end if; return n; end $$;
            """);
        Route route = Middle.Route("busy", "-- on: event N__e\ninsert into t select busy((payload->>'n')::int) from message");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 3);
        await middle.ExecuteAsync("update bridge.cursor set careful = true where name = 'route busy'");

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 3 from t");

        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }
}
