using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Failures;

public sealed class FailureTests
{
    private const string Refusing = """
        create table t (n int, k text);
        create table bad (n int primary key);
        create function take(v int) returns int language plpgsql as $$
        begin if exists (select from bad where n = v) then raise 'bad %', v; end if; return v; end $$;
        """;

    private const string Takes = "insert into t select take((payload->>'n')::int), payload->>'k' from message";

    [Fact]
    public async Task Later_messages_of_a_key_wait_behind_one_that_fails_and_other_keys_go_on()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync($"{Refusing} insert into bad values (1)");
        Route route = Middle.Route("keyed", $"-- on: event N__e\n-- key: payload->>'k'\n-- retry: 100 from 20ms to 50ms\n{Takes}");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 9, keys: 3);
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 6 from t");
        await middle.AcceptNumbersAsync("event N__e", 3, keys: 3, first: 9);
        await middle.UntilAsync("select count(*) = 8 from t");
        (await middle.ColumnAsync<string>("select state from bridge.failure order by id")).ShouldBe(["retrying", "waiting", "waiting", "waiting"]);

        await middle.ExecuteAsync("delete from bad");
        await middle.UntilAsync("select count(*) = 12 from t");

        (await middle.ColumnAsync<int>("select n from t where k = 'k1'")).ShouldBe([1, 4, 7, 10]);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Theory]
    [InlineData("continue", 3)]
    [InlineData("hold", 2)]
    public async Task A_dead_message_lets_its_key_go_on_or_holds_it(string whenDead, int effects)
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync($"{Refusing} insert into bad values (0)");
        Route route = Middle.Route("dying", $"-- on: event N__e\n-- key: payload->>'k'\n-- retry: 2 from 10ms to 10ms\n-- when dead: {whenDead}\n{Takes}");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 4, keys: 2);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync($"select count(*) = {effects} from t");
        await middle.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead' and attempts = 2");

        // A person in another process decides.
        await using Middle person = middle.Beside();
        var deadLetters = new DeadLetters(person.Database);
        DeadLetter dead = (await deadLetters.ListAsync("route dying", 10, default)).ShouldHaveSingleItem();
        dead.ShouldSatisfyAllConditions(
            letter => letter.Key.ShouldBe("k0"), letter => letter.Code.ShouldBe("P0001"), letter => letter.Error.ShouldBe("P0001: bad 0"),
            letter => letter.Holds.ShouldBe(whenDead == "hold"));
        (await deadLetters.ShowAsync("route dying", dead.Id, default)).ShouldBe("""{"k": "k0", "n": 0}""");
        await middle.ExecuteAsync("delete from bad");
        (await deadLetters.RedriveAsync("route dying", null, default)).ShouldBe(1);
        await middle.UntilAsync("select count(*) = 4 from t");

        (await middle.ColumnAsync<int>("select n from t where k = 'k0'")).ShouldBe(whenDead == "hold" ? [0, 2] : [2, 0]);
        (await deadLetters.ListAsync(null, 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Discarding_a_dead_message_lets_those_behind_it_go_on()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync($"{Refusing} insert into bad values (0)");
        Route route = Middle.Route("dying", $"-- on: event N__e\n-- key: payload->>'k'\n-- retry: 1\n-- when dead: hold\n{Takes}");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 4, keys: 1);
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 3 from bridge.failure where state = 'waiting'");

        var deadLetters = new DeadLetters(middle.Beside().Database);
        long id = (await deadLetters.ListAsync(null, 10, default)).ShouldHaveSingleItem().Id;
        (await deadLetters.DiscardAsync("route dying", [id], default)).ShouldBe(1);

        await middle.UntilAsync("select count(*) = 3 from t");
        (await middle.ColumnAsync<int>("select n from t")).ShouldBe([1, 2, 3]);
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task Tries_are_spaced_as_the_header_says()
    {
        await using Middle middle = await Middle.StartAsync(Middle.Quick with { Idle = TimeSpan.FromSeconds(30) });
        await middle.ExecuteAsync("create table tries (at timestamptz default clock_timestamp()); create extension dblink");
        Route route = Middle.Handler("spaced", "-- on: event N__e\n-- do: create X\n-- retry: 4 from 200ms to 400ms", async (_, _, _) =>
        {
            await middle.ExecuteAsync("insert into tries default values");
            throw new InvalidOperationException("no");
        });
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 1);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead' and attempts = 4");

        // The first failure runs the message twice: in its batch, and alone to be blamed.
        double[] waits = [.. await middle.ColumnAsync<double>("select extract(epoch from at - lag(at) over (order by at))::float8 * 1000 from tries order by at offset 2")];
        waits.Length.ShouldBe(3);
        waits[0].ShouldBeInRange(200, 1500);
        waits[1].ShouldBeInRange(400, 1500);
        waits[2].ShouldBeInRange(400, 1500);
    }

    [Fact]
    public async Task A_route_takes_no_more_while_one_key_has_too_many_waiting()
    {
        await using Middle middle = await Middle.StartAsync(Middle.Quick with { WaitingLimit = 10 });
        await middle.ExecuteAsync($"{Refusing} insert into bad values (0)");
        Route route = Middle.Route("full", $"-- on: event N__e\n-- key: payload->>'k'\n-- batch: 5\n-- retry: 1\n-- when dead: hold\n{Takes}");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 100, keys: 2);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 1 from bridge.alert where name = 'route full waits'");
        long parked = await middle.ScalarAsync<long>("select count(*) from bridge.failure");
        parked.ShouldBeInRange(10, 13);

        await new DeadLetters(middle.Database).DiscardAsync("route full", null, default);
        await middle.UntilAsync("select count(*) = 99 from t");
        await middle.UntilAsync("select count(*) = 0 from bridge.alert");
        (await middle.ColumnAsync<int>("select n from t where k = 'k0'")).ShouldBe(Enumerable.Range(1, 49).Select(n => 2 * n));
    }

    [Fact]
    public async Task A_message_that_is_not_first_of_its_key_keeps_nobody_busy_though_its_time_has_come()
    {
        await using Middle middle = await Middle.StartAsync(Middle.Quick with { Idle = TimeSpan.FromSeconds(30) });
        await middle.ExecuteAsync($"{Refusing} insert into bad values (0), (1)");
        Route route = Middle.Route("spin", $"-- on: event N__e\n-- key: payload->>'k'\n-- retry: 2 from 1h to 1h\n{Takes}");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 2, keys: 1);
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 2 from bridge.failure");
        await middle.ExecuteAsync("update bridge.failure set state = 'retrying', next_attempt = now() where state = 'waiting'");
        await middle.Beside().Cursors.EnrolAsync([("x", null)], default);

        await middle.AcceptNumbersAsync("event N__e", 1, keys: 1, first: 7);
        await middle.UntilAsync("select count(*) = 3 from bridge.failure");
        long before = await CommitsAsync(middle);
        for (int n = 0; n < 30; n++)
            await middle.ScalarAsync<int>("select 1 from pg_sleep(0.02)");
        long after = await CommitsAsync(middle);

        // Heartbeats and claims; a route that spins commits several thousand times.
        (after - before).ShouldBeLessThan(300);
    }

    [Fact]
    public async Task Failures_of_a_source_that_the_route_left_wait_until_it_returns()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync($"{Refusing} insert into bad values (0)");
        string text = $"-- on: event N__e\n-- key: payload->>'k'\n-- retry: 100 from 10ms to 10ms\n{Takes}";
        Route before = Middle.Route("moved", text);
        Route after = Middle.Route("moved", text.Replace("N__e", "M__e"));
        await middle.EnrolAsync(before);
        await middle.AcceptNumbersAsync("event N__e", 1);
        await using (await middle.RunAsync(before))
            await middle.UntilAsync("select count(*) = 1 from bridge.failure");

        await middle.EnrolAsync(after);
        await middle.AcceptNumbersAsync("event M__e", 2, keys: 1, first: 1);
        await using (await middle.RunAsync(after))
            await middle.UntilAsync("select count(*) = 2 from t");
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure where source = 'event N__e'")).ShouldBe(1);

        await middle.ExecuteAsync("delete from bad");
        await using (await middle.RunAsync(before))
            await middle.UntilAsync("select count(*) = 3 from t");
    }

    [Fact]
    public async Task A_failed_message_that_somebody_deleted_is_dead_and_holds_nobody()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync($"{Refusing} insert into bad values (0)");
        Route route = Middle.Route("gone", $"-- on: event N__e\n-- key: payload->>'k'\n-- retry: 50 from 10ms to 50ms\n{Takes}");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 2, keys: 1);
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 2 from bridge.failure");

        await middle.ExecuteAsync("delete from bridge.inbox where payload->>'n' = '0'");

        await middle.UntilAsync("select count(*) = 1 from t");
        (await middle.ColumnAsync<string>("select code || state from bridge.failure")).ShouldBe(["gonedead"]);
    }

    [Fact]
    public async Task A_message_that_is_deleted_while_it_is_its_turn_does_not_count_as_done()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync($"""
            {Refusing.Replace("begin if", "begin if v = 0 then perform pg_advisory_xact_lock_shared(7); end if; if")}
            insert into bad values (0), (1)
            """);
        Route route = Middle.Route("turn", $"-- on: event N__e\n-- key: payload->>'k'\n-- retry: 50 from 10ms to 50ms\n{Takes}");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 2, keys: 2);
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 2 from bridge.failure");

        Task deleting;
        await using (NpgsqlConnection gate = await middle.Database.OpenAsync(TestContext.Current.CancellationToken))
        {
            await Sql.ExecuteAsync(gate, [new("select pg_advisory_lock(7)")], TestContext.Current.CancellationToken);
            await middle.UntilAsync("select count(*) > 0 from pg_locks where locktype = 'advisory' and not granted");
            deleting = middle.ExecuteAsync("delete from bridge.inbox where payload->>'n' = '1'");
            await middle.UntilAsync("""
                select count(*) = 0 from pg_stat_activity where query like 'delete from bridge.inbox%' and state = 'active' and wait_event_type is distinct from 'Lock'
                """);
            await Sql.ExecuteAsync(gate, [new("select pg_advisory_unlock(7)")], TestContext.Current.CancellationToken);
        }

        await deleting;
        await middle.UntilAsync("select count(*) = 1 from bridge.failure where code = 'gone' and state = 'dead'");
    }

    private static Task<long> CommitsAsync(Middle middle) =>
        middle.ScalarAsync<long>("select xact_commit + xact_rollback from pg_stat_database where datname = current_database()");
}
