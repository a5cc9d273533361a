using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Benchmarks;

/// <summary>Routes with everything they keep (cursor, key, parking, one transaction a batch) against the bare statement.</summary>
internal static class RouteBenchmark
{
    private const int Messages = 100_000;
    private const int ExecuteMessages = 20_000;

    public static async Task RunAsync(Report report)
    {
        await using Bench bench = await Bench.StartAsync();
        await bench.FillAsync("topic T", Messages);

        Route select = Bench.Route("plain", "-- on: topic T\n-- do: update Order__c\n-- from: earliest\n-- batch: 5000\nselect payload->>'Id' as \"Id\", 'Accepted' as \"Status__c\" from message");
        await report.CompareAsync("select route, no key", Messages, () => bench.RunRouteAsync(select), "insert..select", bench.PlainSelectAsync, 0.5);

        Route keyed = Bench.Route("keyed", "-- on: topic T\n-- do: update Order__c\n-- from: earliest\n-- batch: 5000\n-- key: payload->>'Id'\nselect payload->>'Id' as \"Id\", 'Accepted' as \"Status__c\" from message");
        await report.CompareAsync("select route, with key", Messages, () => bench.RunRouteAsync(keyed), "insert..select", bench.PlainSelectAsync, 0.35);

        await bench.FillAsync("topic D", ExecuteMessages);
        Route execute = Bench.Route("execute", "-- on: topic D\n-- from: earliest\n-- batch: 1000\ninsert into tally as t (id, n) select payload->>'Id', 1 from message on conflict (id) do update set n = t.n + 1");
        await report.CompareAsync("DML route", ExecuteMessages, () => bench.RunRouteAsync(execute), "a transaction each",
            () => bench.OneByOneAsync(ExecuteMessages / 10), 8);
    }

    private sealed class Bench : IAsyncDisposable
    {
        private readonly PostgresServer _server;
        private readonly BridgeDatabase _database;
        private readonly Cursors _cursors;
        private readonly Bells _bells = new(TimeProvider.System);

        private Bench(PostgresServer server, BridgeDatabase database) => (_server, _database, _cursors) = (server, database, new Cursors(database));

        public static async Task<Bench> StartAsync()
        {
            PostgresServer server = await PostgresServer.StartAsync([], CancellationToken.None);
            NpgsqlDataSource source = NpgsqlDataSource.Create(server.ConnectionString("postgres") + ";Maximum Pool Size=3;Max Auto Prepare=100;Auto Prepare Min Usages=2");
            await new Migrations(source, new BridgeSchema("bridge")).ApplyAsync(default);
            var bench = new Bench(server, new BridgeDatabase(source, new MessagingOptions()));
            await bench.ExecuteAsync("create table tally (id text primary key, n int not null)");
            return bench;
        }

        public static Route Route(string name, string text) => new(RouteFile.Parse(name, text).Definition!);

        public Task FillAsync(string source, int count) => ExecuteAsync($$"""
            insert into bridge.inbox (source, payload)
            select '{{source}}', jsonb_build_object('Id', 'a00' || n, 'Amount__c', n, 'Note__c', repeat('x', 400)) from generate_series(1, {{count}}) n;
            analyze bridge.inbox
            """);

        /// <summary>From the oldest message to the newest, batches committed, by the runner itself.</summary>
        public async Task<TimeSpan> RunRouteAsync(Route route)
        {
            await ExecuteAsync("truncate bridge.outbox, tally; delete from bridge.cursor");
            IReadOnlyList<ILeasedWork> works = await new RouteBook(
                _database, _cursors, _bells, new RouteCheck(_database), new LaneDestinations(new NoDestinations(), new CallerTokens(_database, null)), TimeProvider.System, NullLogger<RouteBook>.Instance)
                .OpenAsync([route], default);
            ILeasedWork work = works.Single(work => work.Cursor.StartsWith("route ", StringComparison.Ordinal));
            Lease lease = (await _cursors.ClaimAsync(Guid.NewGuid(), [work.Cursor], 1, default))[0];
            string newest = await _cursors.NewestAsync(route.Definition.Source.ToString(), default);

            return await Report.TimeAsync(async () =>
            {
                using var stop = new CancellationTokenSource();
                Task run = work.RunAsync(lease, stop.Token);
                using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
                while (await ScalarAsync<string>($"select coalesce(position, '0') from bridge.cursor where name = 'route {route.Definition.Name} on {route.Definition.Source}'") != newest)
                    await timer.WaitForNextTickAsync();
                await stop.CancelAsync();
                await run.ContinueWith(_ => { }, TaskScheduler.Default);
            });
        }

        public async Task<TimeSpan> PlainSelectAsync()
        {
            await ExecuteAsync("truncate bridge.outbox");
            return await Report.TimeAsync(() => ExecuteAsync("""
                insert into bridge.outbox (lane, destination, body, inbox_id)
                select 'plain', 'update Order__c', jsonb_build_object('Id', payload->>'Id', 'Status__c', 'Accepted'), id
                from bridge.inbox where source = 'topic T' order by id
                """));
        }

        /// <summary>What one would write at first: a message, its work and its position in a transaction each. Scaled to the whole number.</summary>
        public async Task<TimeSpan> OneByOneAsync(int count)
        {
            await ExecuteAsync("truncate tally; create table if not exists place (id bigint); truncate place; insert into place values (0)");
            await using NpgsqlConnection connection = await _database.OpenAsync(default);
            TimeSpan taken = await Report.TimeAsync(async () =>
            {
                for (int n = 0; n < count; n++)
                    await OneAsync(connection);
            });
            return taken * (ExecuteMessages / count);
        }

        public async ValueTask DisposeAsync()
        {
            await _database.Source.DisposeAsync();
            await _server.DisposeAsync();
        }

        private static async Task OneAsync(NpgsqlConnection connection)
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
            await using var read = new NpgsqlCommand("select i.id, i.payload->>'Id' from bridge.inbox i, place where source = 'topic D' and i.id > place.id order by i.id limit 1", connection);
            long id;
            string key;
            await using (NpgsqlDataReader reader = await read.ExecuteReaderAsync())
            {
                await reader.ReadAsync();
                (id, key) = (reader.GetInt64(0), reader.GetString(1));
            }

            await using var write = new NpgsqlCommand("insert into tally as t (id, n) values ($1, 1) on conflict (id) do update set n = t.n + 1", connection) { Parameters = { new() { Value = key } } };
            await write.ExecuteNonQueryAsync();
            await using var move = new NpgsqlCommand("update place set id = $1", connection) { Parameters = { new() { Value = id } } };
            await move.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
        }

        private async Task ExecuteAsync(string sql)
        {
            await using NpgsqlCommand command = _database.Source.CreateCommand(sql);
            command.CommandTimeout = 300;
            await command.ExecuteNonQueryAsync();
        }

        private async Task<T> ScalarAsync<T>(string sql)
        {
            await using NpgsqlCommand command = _database.Source.CreateCommand(sql);
            return (T)(await command.ExecuteScalarAsync())!;
        }

        private sealed class NoDestinations : IDestinations
        {
            public IDestination? Find(string name) => null;
        }
    }
}
