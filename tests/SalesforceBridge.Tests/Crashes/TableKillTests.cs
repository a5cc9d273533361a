using Npgsql;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Crashes;

/// <summary>Workers killed while they move a table's captured changes and run a route on them.</summary>
[Trait("suite", "crash")]
public sealed class TableKillTests(PublishedBridge published)
{
    private const int Kills = 8;
    private const int Writers = 4;
    private const int Rows = 40;

    [Fact]
    public async Task Changes_of_a_table_are_neither_lost_nor_doubled_by_workers_that_are_killed()
    {
        var chance = Chance.New();
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync($"""
            create table public.t (id int primary key, version int not null, tag text);
            insert into public.t select n, 0, '' from generate_series(1, {Rows}) n;
            create table truth (tag text);
            create table kept (id bigserial, row int, version int, tag text)
            """);
        bridge.WithRoute("keeps", """
            -- on: table public.t
            insert into kept (row, version, tag)
            select (payload->'record'->>'id')::int, (payload->'record'->>'version')::int, payload->'record'->>'tag' from message
            """);
        await using WorkerDynos workers = await WorkerDynos.OfAsync(published, bridge);
        await workers.StartWorkingAsync();
        await bridge.UntilAsync("select count(*) = 1 from bridge.watch where due is null and baseline");

        using var stop = new CancellationTokenSource();
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => WriteAsync(bridge, writer, stop.Token))];
        for (int kill = 0; kill < Kills; kill++)
        {
            long moved = await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox");
            await bridge.UntilAsync($"select count(*) > {moved + chance.Next(300)} from bridge.inbox");
            await workers.KillAsync(workers.Running[0]);
            workers.Start();
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await bridge.UntilAsync("select (select count(*) from bridge.change) = 0 and (select count(*) from kept) >= (select count(*) from truth)");

        chance.Note($"{Kills} kills, {await bridge.Database.ScalarAsync<long>("select count(*) from truth")} changes");
        (await bridge.Database.ScalarAsync<long>("select count(*) from (select tag from truth except all select tag from kept) lost")).ShouldBe(0);
        (await bridge.Database.ScalarAsync<long>("select count(*) from (select tag from kept except all select tag from truth) doubled")).ShouldBe(0);
        (await bridge.Database.ScalarAsync<long>("select count(*) from (select version - lag(version, 1, 0) over (partition by row order by id) as step from kept) steps where step <> 1")).ShouldBe(0);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.gap")).ShouldBe(0);
    }

    private static async Task WriteAsync(Bridge bridge, int writer, CancellationToken stop)
    {
        var random = new Random(writer);
        await using var connection = new NpgsqlConnection(bridge.Database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        for (int n = 0; !stop.IsCancellationRequested; n++)
        {
            await using var change = new NpgsqlCommand("""
                with changed as (update public.t set version = version + 1, tag = $2 where id = $1 returning tag),
                     told as (insert into truth select tag from changed)
                select pg_sleep($3)
                """, connection);
            change.Parameters.Add(new() { Value = random.Next(1, Rows + 1) });
            change.Parameters.Add(new() { Value = $"{writer} {n}" });
            change.Parameters.Add(new() { Value = random.Next(50) == 0 ? 0.2 : 0.002 });
            await change.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }
}
