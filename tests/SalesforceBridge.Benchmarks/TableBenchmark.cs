using Npgsql;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Benchmarks;

/// <summary>What captured tables cost their writers, and how fast changes reach the inbox.</summary>
internal static class TableBenchmark
{
    private const int Transactions = 500;
    private const int Rows = 20_000;

    public static async Task RunAsync(Report report)
    {
        await using Bench bench = await Bench.StartAsync();

        await report.CompareAsync("single-row transactions on a captured table", Transactions,
            () => bench.OneByOneAsync("captured"), "bare", () => bench.OneByOneAsync("bare"), 0.5);
        await report.CompareAsync("a bulk update of a captured table", Rows,
            () => bench.UpdateAllAsync("captured"), "bare", () => bench.UpdateAllAsync("bare"), 0.2);
        await report.CompareAsync("drain of changes into the inbox", Rows, bench.DrainAsync, "COPY", bench.CopyAsync, 0.05);
    }

    private sealed class Bench(TableServer server) : IAsyncDisposable
    {
        public static async Task<Bench> StartAsync()
        {
            var bench = new Bench(await TableServer.StartAsync(
                [], new MessagingOptions { Storage = long.MaxValue }, new TableWatch("table public.captured", "public.captured", Reconcile: false, [])));
            await bench.MakeTablesAsync();
            return bench;
        }

        /// <summary>One update a transaction, as an app writes. The drain sleeps, so each of them rings.</summary>
        public async Task<TimeSpan> OneByOneAsync(string table)
        {
            await server.ExecuteAsync("truncate bridge.change");
            await using NpgsqlConnection connection = await server.OpenAsync();
            await using var update = new NpgsqlCommand($"update public.{table} set phone = $2 where id = $1", connection) { Parameters = { new() { Value = 1 }, new() { Value = "" } } };
            await update.PrepareAsync();
            int round = Random.Shared.Next();
            return await Report.TimeAsync(async () =>
            {
                for (int n = 1; n <= Transactions; n++)
                {
                    (update.Parameters[0].Value, update.Parameters[1].Value) = (n, $"{round} {n}");
                    await update.ExecuteNonQueryAsync();
                }
            });
        }

        public async Task<TimeSpan> UpdateAllAsync(string table)
        {
            await server.ExecuteAsync($"truncate bridge.change; vacuum public.{table}");
            return await Report.TimeAsync(() => server.ExecuteAsync($"update public.{table} set phone = random()::text"));
        }

        /// <summary>What a bulk update left, until nothing of it waits.</summary>
        public async Task<TimeSpan> DrainAsync()
        {
            await UpdateAllAsync("captured");
            await server.ExecuteAsync("truncate bridge.inbox");
            return await Report.TimeAsync(() => server.RunDrainAsync("select not exists (select from bridge.change)"));
        }

        /// <summary>The same messages, copied into a table like the inbox.</summary>
        public async Task<TimeSpan> CopyAsync()
        {
            await server.ExecuteAsync("drop table if exists copied; create table copied (like bridge.inbox including indexes)");
            await using NpgsqlConnection connection = await server.OpenAsync();
            await server.ExecuteAsync("truncate bridge.inbox, bridge.change; update public.captured set phone = random()::text");
            await server.RunDrainAsync("select not exists (select from bridge.change)");
            List<(string Source, long Id, string Key, string Payload)> rows = [];
            await using (var read = new NpgsqlCommand("select source, id, key, payload::text from bridge.inbox", connection))
            await using (NpgsqlDataReader reader = await read.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                    rows.Add((reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3)));
            }

            return await Report.TimeAsync(async () =>
            {
                await using NpgsqlBinaryImporter copy = await connection.BeginBinaryImportAsync("copy copied (source, id, key, payload, hops, received_at) from stdin binary");
                foreach ((string source, long id, string key, string payload) in rows)
                {
                    await copy.StartRowAsync();
                    await copy.WriteAsync(source);
                    await copy.WriteAsync(id);
                    await copy.WriteAsync(key);
                    await copy.WriteAsync(payload, NpgsqlTypes.NpgsqlDbType.Jsonb);
                    await copy.WriteAsync((short)0);
                    await copy.WriteAsync(DateTime.UnixEpoch);
                }

                await copy.CompleteAsync();
            });
        }

        public ValueTask DisposeAsync() => server.DisposeAsync();

        // As Heroku Connect makes them, without its own triggers.
        private async Task MakeTablesAsync()
        {
            foreach (string table in new[] { "captured", "bare" })
            {
                await server.ExecuteAsync($"""
                    create table public.{table} (
                        id serial primary key, sfid varchar(18) unique, name varchar(121), email varchar(80), phone varchar(40), city varchar(40), street varchar(255),
                        rating double precision, isdeleted boolean, createddate timestamp, systemmodstamp timestamp, _hc_lastop varchar(32), _hc_err text);
                    create index on public.{table} (systemmodstamp);
                    insert into public.{table} (sfid, name, email, phone, city, street, rating, isdeleted, createddate, systemmodstamp, _hc_lastop)
                    select '003000000000' || n, 'Name ' || n, 'n' || n || '@example.com', n, 'City', repeat('Street ', 8), n, false, now(), now(), 'SYNCED'
                    from generate_series(1, {Rows}) n;
                    analyze public.{table}
                    """);
            }

            await server.RunDrainAsync("select last_value % 2 = 1 and exists (select from bridge.watch where due is null) from bridge.capture");
        }
    }
}
