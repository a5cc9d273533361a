using Npgsql;
using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Crashes;

[Trait("suite", "crash")]
public sealed class DatabaseCrashTests(PublishedBridge published)
{
    [Fact]
    public async Task A_database_that_crashes_and_comes_back_costs_nothing()
    {
        const int Crashes = 4;
        CancellationToken ct = TestContext.Current.CancellationToken;
        var chance = Chance.New();
        await using PostgresServer server = await PostgresServer.StartAsync(OwnServer.Settings, ct);
        await using Bridge bridge = await Bridge.StartAsync(server: server);
        await using OrderFlow flow = await OrderFlow.PrepareAsync(bridge);
        await using WorkerDynos workers = await WorkerDynos.OfAsync(published, bridge);
        await workers.StartWorkingAsync();
        await workers.StartWorkingAsync();
        await flow.UntilHeardAsync();
        flow.Begin();

        for (int crash = 0; crash < Crashes; crash++)
        {
            await chance.MomentAsync(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(2000));
            await server.StopAsync(crash: true, ct);
            await chance.MomentAsync(TimeSpan.Zero, TimeSpan.FromMilliseconds(700));
            await server.LaunchAsync(ct);
            long begun = TimeProvider.System.GetTimestamp();
            long before = await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox");
            await bridge.UntilAsync($"select count(*) > {before} from bridge.inbox");
            chance.Note($"First event stored {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:F2} s after the server was back");
        }

        chance.Note($"{Crashes} crashes of the database: {await flow.EndAsync()}");
        workers.Running.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Connections_that_are_ended_at_random_cost_nothing()
    {
        const int Ended = 40;
        var chance = Chance.New();
        await using Bridge bridge = await Bridge.StartAsync();
        await using OrderFlow flow = await OrderFlow.PrepareAsync(bridge);
        await using WorkerDynos workers = await WorkerDynos.OfAsync(published, bridge);
        await workers.StartWorkingAsync();
        await workers.StartWorkingAsync();
        await flow.UntilHeardAsync();
        flow.Begin();

        await using var connection = new NpgsqlConnection(bridge.Database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        int ended = 0;
        while (ended < Ended)
        {
            await chance.MomentAsync(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(300));
            await using var end = new NpgsqlCommand("""
                select count(pg_terminate_backend(pid)) from (
                    select pid from pg_stat_activity where datname = current_database() and application_name like 'bridge%' order by random() limit 1) one
                """, connection);
            ended += (int)(long)(await end.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        }

        chance.Note($"{ended} connections ended: {await flow.EndAsync()}");
        workers.Running.Count.ShouldBe(2);
    }
}
