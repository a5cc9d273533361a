using Npgsql;
using SalesforceBridge.Simulator;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Crashes;

/// <summary>A worker that ends in the middle of a long read.</summary>
[Trait("suite", "crash")]
public sealed class SoqlCrashTests(PublishedBridge published)
{
    private const int Rows = 20_000;
    private const string Source = "soql 1s: select Name from Account";

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task A_worker_that_ends_while_a_page_is_stored_leaves_the_rest_to_the_next(string signal)
    {
        await using Bridge bridge = await StartAsync();
        await using WorkerDynos workers = await WorkerDynos.OfAsync(published, bridge);
        WorkerDyno worker = await workers.StartWorkingAsync();
        await bridge.UntilAsync($"select position like '% after %' from bridge.cursor where name = '{Source}'");

        await using (NpgsqlConnection holder = await HoldAsync(bridge))
        {
            await bridge.UntilAsync("select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')");
            (await bridge.Database.ScalarAsync<string>($"select position from bridge.cursor where name = '{Source}'")).ShouldContain(" after ");
            await worker.Process.SignalAsync(signal);
            await worker.Process.EndAsync().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }

        await workers.LetLeaseRunOutAsync(worker);
        await workers.StartWorkingAsync();

        await bridge.UntilAsync($"select count(*) >= {Rows} from told");
        (await bridge.Database.ScalarAsync<bool>($"select count(*) = {Rows} and count(distinct id) = {Rows} from told")).ShouldBeTrue();
    }

    // The accounts are some minutes old, so that the org knows of them all, and share their seconds by the thousand.
    private static async Task<Bridge> StartAsync()
    {
        var clock = new OffsetClock { Offset = TimeSpan.FromMinutes(-5) };
        Bridge bridge = await Bridge.StartAsync(new SimulatorOptions { TimeProvider = clock });
        await bridge.Database.ExecuteAsync("create table told (id text)");
        bridge.WithRoute("telling", $"-- on: {Source}\n-- from: earliest\ninsert into told select key from message");
        for (int second = 0; second < Rows / 1000; second++)
        {
            bridge.Org.Change(transaction => Enumerable.Range(0, 1000).Count(n => transaction.Create("Account", new { Name = $"A{n}" }).Length > 0));
            clock.Offset += TimeSpan.FromSeconds(1);
        }

        clock.Offset = TimeSpan.Zero;
        return bridge;
    }

    private static async Task<NpgsqlConnection> HoldAsync(Bridge bridge)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        var connection = new NpgsqlConnection(bridge.Database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(ct);
        await using var hold = new NpgsqlCommand($"begin; select name from bridge.cursor where name = '{Source}' for update", connection);
        await hold.ExecuteNonQueryAsync(ct);
        return connection;
    }
}
