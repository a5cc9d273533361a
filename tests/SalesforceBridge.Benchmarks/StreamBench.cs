using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NpgsqlTypes;
using SalesforceBridge.Configuration;
using SalesforceBridge.InteropTests.Bayeux;
using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Messaging;
using SalesforceBridge.Org;
using SalesforceBridge.Sources;

namespace SalesforceBridge.Benchmarks;

/// <summary>The bridge's own stream source, and what it is measured against, on one database and one server.</summary>
internal sealed class StreamBench : IAsyncDisposable
{
    private const string Source = "event Order_Placed__e";
    private readonly PostgresServer _postgres;
    private readonly NodeBayeuxServer _server;
    private readonly BridgeDatabase _database;
    private readonly Cursors _cursors;

    private StreamBench(PostgresServer postgres, NodeBayeuxServer server, BridgeDatabase database) =>
        (_postgres, _server, _database, _cursors) = (postgres, server, database, new Cursors(database));

    public static async Task<StreamBench> StartAsync(NodeBayeuxServer server)
    {
        PostgresServer postgres = await PostgresServer.StartAsync([], CancellationToken.None);
        NpgsqlDataSource source = NpgsqlDataSource.Create(postgres.ConnectionString("postgres") + ";Maximum Pool Size=3;Max Auto Prepare=100;Auto Prepare Min Usages=2");
        await new Migrations(source, new BridgeSchema("bridge")).ApplyAsync(default);
        var bench = new StreamBench(postgres, server, new BridgeDatabase(source, new MessagingOptions { Storage = 100L << 30 }));
        await bench.ExecuteAsync("create table naive (id bigint generated always as identity primary key, payload jsonb, replay_id bigint unique); create table place (id bigint); insert into place values (0)");
        return bench;
    }

    /// <summary>Through the bridge, until the last event is committed.</summary>
    public async Task<TimeSpan> IntoInboxAsync(int events)
    {
        await ExecuteAsync("truncate bridge.inbox; delete from bridge.cursor");
        await _cursors.EnrolAsync([(OrgStreams.CursorOfStreams, null), (Source, null)], default);
        Lease lease = (await _cursors.ClaimAsync(Guid.NewGuid(), [OrgStreams.CursorOfStreams], 1, default))[0];
        var settings = new OrgSettings(_server.Host, "62.0", null, new OrgCredentials.Missing([]));
        using var session = new OrgSession(_server.Tokens(), settings, TimeProvider.System, NullLoggerFactory.Instance);
        var streams = new OrgStreams([new StreamSource(Source, "/event/Order_Placed__e", RouteReplay.Earliest)], _database, _cursors,
            new InboxLog(_database, new Bells(TimeProvider.System)), new StorageGauge(_database), session, untold: null, TimeProvider.System, NullLogger.Instance);

        return await Report.TimeAsync(async () =>
        {
            using var stop = new CancellationTokenSource();
            Task run = streams.RunAsync(lease, stop.Token);
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (await ScalarAsync<string>($"select coalesce(position, '') from bridge.cursor where name = '{Source}'") != $"{events}")
                await timer.WaitForNextTickAsync();
            await stop.CancelAsync();
            await run.ContinueWith(_ => { }, TaskScheduler.Default);
        });
    }

    /// <summary>Polls that are parsed and dropped, and a COPY of the same rows: whichever takes longer.</summary>
    public async Task<TimeSpan> SlowerBaselineAsync(int events)
    {
        TimeSpan polls = await Report.TimeAsync(async () =>
        {
            using var bare = new BarePolls(_server.Host);
            await bare.ReadAsync(events);
        });
        TimeSpan copy = await CopyAsync(events);
        return polls > copy ? polls : copy;
    }

    /// <summary>What one would write at first: each event and its position in a transaction of their own.</summary>
    public async Task<TimeSpan> NaiveAsync(int events)
    {
        await ExecuteAsync("truncate naive");
        await using NpgsqlConnection connection = await _database.OpenAsync(default);
        return await Report.TimeAsync(async () =>
        {
            using var bare = new BarePolls(_server.Host);
            await bare.ReadAsync(events, (payload, id) => StoreOneAsync(connection, payload, id));
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _database.Source.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    private async Task<TimeSpan> CopyAsync(int events)
    {
        await ExecuteAsync("truncate bridge.inbox");
        byte[] payload = Encoding.UTF8.GetBytes($$"""{"CreatedDate":"2026-11-22T18:31:40.517Z","Number__c":1,"Text__c":"{{new string('x', 310)}}"}""");
        return await Report.TimeAsync(async () =>
        {
            await using NpgsqlConnection connection = await _database.OpenAsync(default);
            await using NpgsqlBinaryImporter copy = await connection.BeginBinaryImportAsync("copy bridge.inbox (source, dedupe_key, payload) from stdin binary");
            for (int n = 0; n < events; n++)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(Source, NpgsqlDbType.Text);
                await copy.WriteAsync($"2ec0e371-1395-457f-9275-{n:d12}", NpgsqlDbType.Text);
                await copy.WriteAsync(payload, NpgsqlDbType.Jsonb);
            }

            await copy.CompleteAsync();
        });
    }

    private static async Task StoreOneAsync(NpgsqlConnection connection, ReadOnlyMemory<byte> payload, long id)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await using var insert = new NpgsqlCommand("insert into naive (payload, replay_id) values ($1, $2) on conflict do nothing", connection)
        {
            Parameters = { new() { Value = payload, NpgsqlDbType = NpgsqlDbType.Jsonb }, new() { Value = id } },
        };
        await insert.ExecuteNonQueryAsync();
        await using var move = new NpgsqlCommand("update place set id = $1", connection) { Parameters = { new() { Value = id } } };
        await move.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using NpgsqlCommand command = _database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<T> ScalarAsync<T>(string sql)
    {
        await using NpgsqlCommand command = _database.Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
