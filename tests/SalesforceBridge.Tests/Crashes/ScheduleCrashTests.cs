using Npgsql;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Crashes;

/// <summary>A worker that ends between looking what is due and storing it.</summary>
[Trait("suite", "crash")]
public sealed class ScheduleCrashTests(PublishedBridge published)
{
    private const string EverySecond = "-- on: every 1s\ninsert into ticked select payload->>'scheduledAt' from message";

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task A_worker_that_ends_in_the_middle_of_a_fire_leaves_it_to_the_next(string signal)
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table ticked (at text)");
        bridge.WithRoute("ticking", EverySecond);
        await using WorkerDynos workers = await WorkerDynos.OfAsync(published, bridge);
        WorkerDyno worker = await workers.StartWorkingAsync();
        await bridge.UntilAsync("select count(*) >= 2 from bridge.inbox");

        await using (NpgsqlConnection holder = await HoldAsync(bridge, "every 1s"))
        {
            await bridge.UntilAsync("select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')");
            await worker.Process.SignalAsync(signal);
            await worker.Process.EndAsync().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        }

        await workers.LetLeaseRunOutAsync(worker);
        long before = await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox");
        await workers.StartWorkingAsync();
        await bridge.UntilAsync($"select count(*) >= {before + 3} from bridge.inbox");

        List<DateTime> seconds = await bridge.Database.ColumnAsync<DateTime>("select occurred_at from bridge.inbox order by occurred_at");
        seconds.ShouldBe(Enumerable.Range(0, seconds.Count).Select(second => seconds[0].AddSeconds(second)));
    }

    private static async Task<NpgsqlConnection> HoldAsync(Bridge bridge, string cursor)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        var connection = new NpgsqlConnection(bridge.Database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(ct);
        await using var hold = new NpgsqlCommand($"begin; select name from bridge.cursor where name = '{cursor}' for update", connection);
        await hold.ExecuteNonQueryAsync(ct);
        return connection;
    }
}
