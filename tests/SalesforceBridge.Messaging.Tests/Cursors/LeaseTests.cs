using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests;

public sealed class LeaseTests
{
    private const string Writes = "-- on: event N__e\ninsert into t (n) select (payload->>'n')::int from message";

    [Fact]
    public async Task A_vanished_workers_cursors_move_within_the_lease()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int)");
        await using Cable cable = middle.Cable();
        await using Middle first = middle.Beside(cable);
        Route route = Middle.Route("moves", Writes);
        await using RunningWorker vanished = await first.RunAsync(route);
        await Middle.UntilAsync(() => vanished.Worker.Holding.Count == 1);
        await middle.AcceptNumbersAsync("event N__e", 1);
        await middle.UntilAsync("select count(*) = 1 from t");

        cable.Cut();
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 1, first: 1);
        await middle.UntilAsync("select count(*) = 2 from t");

        (await middle.ScalarAsync<long>("select epoch from bridge.cursor where name = 'route moves'")).ShouldBe(2);
        await Middle.UntilAsync(() => first.Log.Lines.Any(line => line.Contains("given up")));
        cable.Mend();
    }

    [Fact]
    public async Task A_paused_worker_that_another_took_over_from_writes_nothing()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int, at bigint generated always as identity, x text default current_setting('application_name'))");
        await using Cable cable = middle.Cable();
        await using Middle first = middle.Beside(cable, "Application Name=first");
        Route route = Middle.Route("fenced", Writes);
        await middle.EnrolAsync(route);
        await using RunningWorker paused = await first.RunAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 10);
        await middle.UntilAsync("select count(*) = 10 from t");

        // Messages wait while it is held up, so that the first thing it does when it goes on is a step under the old epoch.
        cable.Hold();
        await middle.AcceptNumbersAsync("event N__e", 500, first: 10);
        await using Middle second = middle.Beside(settings: "Application Name=second");
        await using RunningWorker worker = await second.RunAsync(route);
        await middle.UntilAsync("select count(*) = 510 from t");
        cable.Mend();
        await Middle.UntilAsync(() => paused.Worker.Holding.Count == 0);
        await middle.AcceptNumbersAsync("event N__e", 10, first: 510);
        await middle.UntilAsync("select count(*) >= 520 from t");

        (await middle.ColumnAsync<int>("select n from t order by at")).ShouldBe(Enumerable.Range(0, 520));
        (await middle.ColumnAsync<long>("select count(*) from t group by x order by x")).ShouldBe([10, 510]);
    }

    [Fact]
    public async Task A_step_under_an_old_epoch_is_undone_as_a_whole()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int)");
        Route route = Middle.Route("fenced", Writes);
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 3);
        var statements = new RouteSql(middle.Database, route.Definition, LoopGuard.Carried);
        var program = new ExecuteProgram(route.Definition, statements, oncePerBatch: false);
        await using NpgsqlConnection connection = await middle.Database.OpenAsync(default);
        Lease old = (await middle.Cursors.ClaimAsync(Guid.NewGuid(), ["route fenced"], 1, default)).Single();
        await middle.Cursors.ClaimAsync(Guid.NewGuid(), ["route fenced"], 1, default);

        PostgresException error = await Should.ThrowAsync<PostgresException>(() => program.RunBatchAsync(connection, old, 500, default));

        error.SqlState.ShouldBe("BR001");
        (await middle.ScalarAsync<long>("select count(*) from t")).ShouldBe(0);
    }

    [Fact]
    public async Task Three_workers_share_the_work_and_take_over_what_a_stopped_one_gives_back_at_once()
    {
        await using Middle middle = await Middle.StartAsync(Middle.Quick with { Lease = TimeSpan.FromSeconds(60) });
        Route[] routes = [.. Enumerable.Range(0, 9).Select(n => Middle.Route($"r{n}", "-- on: event N__e\nselect 1 from message"))];
        await using RunningWorker a = await middle.Beside().RunAsync(routes);
        await Middle.UntilAsync(() => a.Worker.Holding.Count == 9);
        await using RunningWorker b = await middle.Beside().RunAsync(routes);
        await Middle.UntilAsync(() => a.Worker.Holding.Count == 5 && b.Worker.Holding.Count == 4);
        RunningWorker c = await middle.Beside().RunAsync(routes);
        await Middle.UntilAsync(() => a.Worker.Holding.Count == 3 && b.Worker.Holding.Count == 3 && c.Worker.Holding.Count == 3);

        await c.DisposeAsync();

        await Middle.UntilAsync(() => a.Worker.Holding.Count + b.Worker.Holding.Count == 9 && a.Worker.Holding.Count is 4 or 5);
        (await middle.ScalarAsync<long>("select count(*) from bridge.cursor where careful")).ShouldBe(0);
    }

    [Fact]
    public async Task What_only_one_of_two_versions_knows_is_not_left_to_nobody()
    {
        await using Middle middle = await Middle.StartAsync();
        Route[] routes = [.. Enumerable.Range(0, 8).Select(n => Middle.Route($"r{n}", "-- on: event N__e\nselect 1 from message"))];
        await using Middle old = middle.Beside();
        await using RunningWorker knowsTwo = await old.RunAsync(routes[..2]);
        await using RunningWorker knowsAll = await middle.RunAsync(routes);

        await middle.UntilAsync("select count(*) = 8 from bridge.cursor where worker is not null and name like 'route %' and name not like '% on %'");
        await middle.UntilAsync($"select count(*) >= 6 from bridge.cursor where worker = '{knowsAll.Worker.Id}'");
    }

    [Fact]
    public async Task Many_routes_and_lanes_do_with_three_connections()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int)");
        await using Middle few = middle.Beside(settings: "Maximum Pool Size=3;Timeout=30");
        Route[] routes =
        [
            .. Enumerable.Range(0, 6).Select(n => Middle.Route($"s{n}", "-- on: event N__e\n-- do: update X\n-- key: payload->>'k'\nselect payload->>'n' as \"Id\" from message")),
            .. Enumerable.Range(0, 6).Select(n => Middle.Route($"w{n}", $"{Writes}, pg_sleep(0.001)")),
        ];
        await middle.EnrolAsync(routes);
        await middle.ExecuteAsync("update bridge.cursor set careful = true where name like 'route _0'");
        await middle.AcceptNumbersAsync("event N__e", 100);

        await using RunningWorker worker = await few.RunAsync(routes);
        await middle.UntilAsync("select count(*) = 600 from t");
        await middle.UntilAsync("select count(*) = 600 from bridge.outcome");

        few.Log.Lines.ShouldNotContain(line => line.Contains("waits for the database"));
    }
}
