using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests;

public sealed class CrashTests
{
    [Fact]
    public async Task After_postgres_crashed_and_came_back_nothing_is_lost_or_doubled()
    {
        await using PostgresServer server = await PostgresServer.StartAsync(["max_connections=40"], default);
        await using Middle middle = await Middle.StartOnAsync(server, Middle.Quick);
        await middle.ExecuteAsync("create table t (n int, at bigint generated always as identity)");
        Route write = Middle.Route("writes", "-- on: event N__e\n-- batch: 10\ninsert into t (n) select (payload->>'n')::int from message");
        Route send = Middle.Route("sends", "-- on: event N__e\n-- do: create X\n-- batch: 10\nselect payload->>'n' as \"Id\" from message");
        middle.Destinations.CallSize = 7;
        await middle.EnrolAsync(write, send);
        await using RunningWorker worker = await middle.RunAsync(write, send);
        int accepted = 0;
        for (int crash = 0; crash < 2; crash++)
        {
            for (int n = 0; n < 10; n++, accepted += 20)
                await middle.AcceptNumbersAsync("event N__e", 20, first: accepted);
            await middle.UntilAsync($"select count(*) > {accepted - 150} from t");
            await server.StopAsync(crash: true, default);
            await server.LaunchAsync(default);
        }

        await middle.UntilAsync($"select count(*) >= {accepted} from t");
        await middle.UntilAsync($"select count(*) >= {accepted} from bridge.outcome");
        (await middle.ColumnAsync<int>("select n from t order by at")).ShouldBe(Enumerable.Range(0, accepted));
        middle.Destinations.Made.ShouldBe(Enumerable.Range(0, accepted).Select(n => $"{n}"));
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }
}
