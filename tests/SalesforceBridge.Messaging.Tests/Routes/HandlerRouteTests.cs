using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Routes;

public sealed class HandlerRouteTests
{
    private const string On = "-- on: event N__e\n-- do: create X\n-- retry: 3 from 10ms to 10ms\n-- timeout: 300ms\n-- key: payload->>'k'";

    [Fact]
    public async Task A_handlers_sql_and_deliveries_are_one_transaction_with_its_position()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n int)");
        int failures = 2;
        Route route = Middle.Handler("worker", On, async (message, transaction, ct) =>
        {
            await InsertAsync(transaction, message.Id, ct);
            await transaction.UpdateAsync("X", """{"Id":"a"}""", ct);
            if (failures-- > 0)
                throw new InvalidOperationException("not yet");
            await transaction.PublishAsync("Done__e", """{"ok":true}""", ct);
        });
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 1);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 2 from bridge.outcome");

        (await middle.ScalarAsync<long>("select count(*) from t")).ShouldBe(1);
        (await middle.ColumnAsync<string>("select destination || ' ' || key from bridge.outbox order by id")).ShouldBe(["update X k0", "publish Done__e k0"]);
    }

    [Fact]
    public async Task A_handler_that_fails_takes_nobody_else_with_it()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table t (n bigint)");
        Route route = Middle.Handler("worker", On, async (message, transaction, ct) =>
        {
            await InsertAsync(transaction, message.Id, ct);
            await Misbehave(message.Id % 5, transaction, ct);
        });
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 10, keys: 10);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 8 from bridge.failure where state = 'dead'");

        List<string> codes = await middle.ColumnAsync<string>("select coalesce(code, split_part(error, ':', 1)) from bridge.failure order by id limit 4");
        codes.ShouldBe(["TimeoutException", "The handler did not end within 0.3 s; give its route a longer `timeout", "25P02", "22012"], ignoreOrder: true);
        (await middle.ScalarAsync<long>("select count(*) from t")).ShouldBe(2);
        (await middle.ScalarAsync<bool>("select stopped is null and not careful from bridge.cursor where name = 'route worker'")).ShouldBeTrue();
    }

    private static async Task Misbehave(long how, RouteTransaction transaction, CancellationToken ct)
    {
        switch (how)
        {
            case 1:
                throw new TimeoutException("its own");
            case 2:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
                break;
            case 3:
                // An error that it keeps to itself leaves the transaction broken.
                await Should.ThrowAsync<PostgresException>(() => ExecuteAsync(transaction, "select nonsense", ct));
                break;
            case 4:
                await ExecuteAsync(transaction, "select 1 / 0", ct);
                break;
        }
    }

    private static Task InsertAsync(RouteTransaction transaction, long n, CancellationToken ct) => ExecuteAsync(transaction, $"insert into t values ({n})", ct);

    private static async Task ExecuteAsync(RouteTransaction transaction, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
