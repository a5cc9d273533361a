using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Tables;

/// <summary>Random edits, stamped now, earlier or not at all, some held long: in the end the messages replayed are the table.</summary>
public sealed class PollModelTests
{
    private const int Writers = 4;
    private const int Transactions = 150;
    private const int People = 60;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_messages_replayed_are_the_table(int seed)
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled with { PollOverlap = TimeSpan.FromMilliseconds(300), PollReconcile = TimeSpan.FromMilliseconds(150), ReloadQuiet = TimeSpan.FromMilliseconds(100) });
        await using RunningWorker worker = await shop.PollAsync();

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => EditAsync(shop, new Random((seed * 100) + writer))));
        await shop.IsReconciledAsync();
        await shop.IsReconciledAsync();

        // A row is the same as long as its sfid is; what a message says of it must fit what the one before it said.
        (await shop.Middle.ColumnAsync<string>("""
            select concat_ws(' ', id, payload->>'sfid', before, payload->>'operation') from (
                select *, lag(payload->>'operation') over (partition by payload->>'sfid' order by id) as before from bridge.inbox) told
            where (payload->>'operation' = 'insert') <> (before is null or before = 'delete') or before = 'delete' and payload->>'operation' = 'delete'
            """)).ShouldBeEmpty();
        (await shop.Middle.ColumnAsync<string>("""
            with replayed as (
                select sfid, email from (
                    select distinct on (payload->>'sfid') payload->>'sfid' as sfid, payload->'record'->>'email' as email, payload->>'operation' as operation
                    from bridge.inbox order by payload->>'sfid', id desc) last
                where operation <> 'delete')
            select concat_ws(' ', 'missing', sfid, email) from (select sfid, email from salesforce.contact except select * from replayed) missing
            union all select concat_ws(' ', 'too much', sfid, email) from (select * from replayed except select sfid, email from salesforce.contact) too_much
            """)).ShouldBeEmpty();
        (await shop.Middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBeGreaterThan(People);
    }

    [Fact]
    public async Task Ten_thousand_rows_are_told_once_each()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled);
        await using RunningWorker worker = await shop.PollAsync();

        for (int n = 0; n < 10; n++)
            await shop.ExecuteAsync($"insert into salesforce.contact (sfid, email, systemmodstamp) select 's' || n, 'e' || n, clock_timestamp() at time zone 'UTC' from generate_series({n * 1000}, {(n * 1000) + 999}) n");
        await shop.Middle.UntilAsync("select count(*) = 10000 from bridge.inbox");
        await shop.ExecuteAsync("update salesforce.contact set email = 'x' || email, systemmodstamp = clock_timestamp() at time zone 'UTC' where id % 2 = 0; delete from salesforce.contact where id % 1000 = 1");
        await shop.IsReconciledAsync();
        await shop.Middle.UntilAsync("select count(*) = 15010 from bridge.inbox");
        await shop.IsPolledAsync();

        (await shop.Middle.ColumnAsync<string>("select concat_ws(' ', payload->>'operation', count(*), count(distinct key)) from bridge.inbox group by payload->>'operation' order by 1"))
            .ShouldBe(["delete 10 10", "insert 10000 10000", "update 5000 5000"]);
    }

    private static async Task EditAsync(Shop shop, Random random)
    {
        await using var connection = new NpgsqlConnection(shop.Middle.ConnectionString);
        await connection.OpenAsync();
        for (int n = 0; n < Transactions; n++)
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
            foreach (int person in Enumerable.Range(1, People).OrderBy(_ => random.Next()).Take(3).Order())
                await ExecuteAsync(connection, Edit(random, person));
            await ExecuteAsync(connection, $"select pg_sleep({(random.Next(30) == 0 ? "0.4" : "0.005")})");
            if (random.Next(15) == 0)
                await transaction.RollbackAsync();
            else
                await transaction.CommitAsync();
        }
    }

    // A person keeps the sfid through being deleted and made again, as in a reload.
    private static string Edit(Random random, int person)
    {
        string stamp = random.Next(4) switch
        {
            0 => "null",
            1 => $"clock_timestamp() at time zone 'UTC' - interval '{random.Next(600)} seconds'",
            _ => "clock_timestamp() at time zone 'UTC'",
        };
        return random.Next(5) == 0
            ? $"delete from salesforce.contact where sfid = 's{person}'"
            : $"insert into salesforce.contact (sfid, email, systemmodstamp) values ('s{person}', 'e{random.Next(1000)}', {stamp}) on conflict (sfid) do update set email = excluded.email, systemmodstamp = excluded.systemmodstamp";
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
