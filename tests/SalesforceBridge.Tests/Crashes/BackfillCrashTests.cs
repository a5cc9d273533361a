using Npgsql;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Crashes;

/// <summary>A backfill that ends in the middle, and is typed again.</summary>
[Trait("suite", "crash")]
public sealed class BackfillCrashTests(PublishedBridge published)
{
    private const int Accounts = 12_000;

    [Theory]
    [InlineData("KILL", 137)]
    [InlineData("TERM", 1)]
    [InlineData("INT", 1)]
    public async Task One_that_ends_while_a_page_is_stored_tells_every_record_once_when_it_is_typed_again(string signal, int exitCode)
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(Accounts);
        await using TestHost worker = await loaded.RunAsync();
        await using RunningProcess first = await StartAsync(loaded);
        await loaded.Bridge.UntilAsync("select position like 'records after %' from bridge.backfill");

        await using (NpgsqlConnection holder = await HoldAsync(loaded.Bridge))
        {
            await loaded.Bridge.UntilAsync("select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')");
            await first.SignalAsync(signal);
            (await first.EndAsync().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)).ShouldBe(exitCode, first.Output);
        }

        (await loaded.Bridge.Database.ScalarAsync<bool>("select finished_at is null and stored > 0 from bridge.backfill")).ShouldBeTrue();
        await using RunningProcess second = await StartAsync(loaded);
        (await second.EndAsync()).ShouldBe(0, second.Output);
        await loaded.IsThroughAsync();

        second.Output.ShouldContain("It goes on where it was.");
        await loaded.EachWasToldOnceAsync(Accounts);
        await loaded.MirrorShouldEqualOrgAsync();
    }

    private async Task<RunningProcess> StartAsync(LoadedOrg loaded)
    {
        Dyno dyno = new(await published.FolderAsync());
        foreach ((string variable, string value) in loaded.Bridge.Vars)
            dyno.With(variable, value);
        return dyno.Run("exec bridge backfill account-mirrored");
    }

    private static async Task<NpgsqlConnection> HoldAsync(Bridge bridge)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        var connection = new NpgsqlConnection(bridge.Database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(ct);
        await using var hold = new NpgsqlCommand($"begin; select name from bridge.cursor where name = '{LoadedOrg.Source}' for update", connection);
        await hold.ExecuteNonQueryAsync(ct);
        return connection;
    }
}
