using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Tables;

/// <summary>Eight writers with uneven transactions, some held long, some rolled back, on few rows: nothing lost, nothing twice, each row in order.</summary>
public sealed class HostileLoadTests
{
    private const int Writers = 8;
    private const int Transactions = 120;
    private const int Rows = 40;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public async Task No_change_is_lost_or_doubled_and_each_rows_order_is_kept(int run, bool cutsTheDrain)
    {
        await using Middle middle = await Middle.StartAsync(Shop.Quick);
        await middle.ExecuteAsync($"""
            create table public.t (id int primary key, version int not null, tag text);
            insert into public.t select n, 0, '' from generate_series(1, {Rows}) n;
            create table truth (tag text)
            """);
        Route route = Middle.Route("listens", "-- on: table public.t\nselect 1 from message");
        await using Cable cable = middle.Cable();
        await using Middle process = middle.Beside(cable);
        await using RunningWorker first = await (cutsTheDrain ? process : middle).RunWithTablesAsync(route);
        await middle.UntilAsync("select due is null from bridge.watch");

        await using NpgsqlConnection elsewhere = await middle.Database.OpenAsync(default);
        await using NpgsqlTransaction open = await elsewhere.BeginTransactionAsync();
        await new NpgsqlCommand("create table never (id int)", elsewhere, open).ExecuteNonQueryAsync();
        await using var otherDatabase = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(middle.ConnectionString) { Database = "postgres" }.ConnectionString);
        await otherDatabase.OpenAsync();
        await using NpgsqlTransaction alsoOpen = await otherDatabase.BeginTransactionAsync();
        await new NpgsqlCommand("select pg_current_xact_id()", otherDatabase, alsoOpen).ExecuteNonQueryAsync();
        Task load = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteAsync(middle, run * Writers + writer)));
        for (int cut = 0; cutsTheDrain && cut < 5; cut++)
        {
            await middle.UntilAsync($"select count(*) > {cut * 200} from bridge.inbox");
            cable.Cut();
            cable.Mend();
        }

        await load;
        await middle.UntilAsync("select count(*) = 0 from bridge.change");
        await open.RollbackAsync();

        (await middle.ScalarAsync<long>("select count(*) from (select tag from truth except all select payload->'record'->>'tag' from bridge.inbox) lost")).ShouldBe(0);
        (await middle.ScalarAsync<long>("select count(*) from (select payload->'record'->>'tag' from bridge.inbox except all select tag from truth) doubled")).ShouldBe(0);
        (await middle.ScalarAsync<long>("""
            select count(*) from (
                select (payload->'record'->>'version')::int - lag((payload->'record'->>'version')::int, 1, 0) over (partition by key order by id) as step from bridge.inbox) steps
            where step <> 1
            """)).ShouldBe(0);
        (await middle.ScalarAsync<long>("select count(*) from truth")).ShouldBeGreaterThan(Writers * Transactions);
    }

    private static async Task WriteAsync(Middle middle, int writer)
    {
        var random = new Random(writer);
        await using var connection = new NpgsqlConnection(middle.ConnectionString);
        await connection.OpenAsync();
        for (int n = 0; n < Transactions; n++)
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
            foreach (int row in Enumerable.Range(1, Rows).OrderBy(_ => random.Next()).Take(2).Order())
                await ChangeAsync(connection, row, $"{writer} {n} {row}", random.Next(50) == 0 ? 0.3 : random.NextDouble() / 100);
            if (random.Next(20) == 0)
                await transaction.RollbackAsync();
            else
                await transaction.CommitAsync();
        }
    }

    private static async Task ChangeAsync(NpgsqlConnection connection, int row, string tag, double held)
    {
        await using var change = new NpgsqlCommand(
            "with changed as (update public.t set version = version + 1, tag = $2 where id = $1 returning tag) insert into truth select tag from changed", connection);
        change.Parameters.Add(new() { Value = row });
        change.Parameters.Add(new() { Value = tag });
        await change.ExecuteNonQueryAsync();
        await using var hold = new NpgsqlCommand("select pg_sleep($1)", connection) { Parameters = { new() { Value = held } } };
        await hold.ExecuteNonQueryAsync();
    }
}
