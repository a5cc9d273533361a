using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Benchmarks;

/// <summary>A server of its own with the bridge's schema, and the drain of one table.</summary>
internal sealed class TableServer : IAsyncDisposable
{
    private readonly PostgresServer _server;
    private readonly BridgeDatabase _database;
    private readonly Cursors _cursors;
    private readonly TableDrain _drain;
    private readonly Lease _lease;

    private TableServer(PostgresServer server, BridgeDatabase database, Cursors cursors, TableDrain drain, Lease lease) =>
        (_server, _database, _cursors, _drain, _lease) = (server, database, cursors, drain, lease);

    public static async Task<TableServer> StartAsync(string[] settings, MessagingOptions options, TableWatch watch)
    {
        PostgresServer server = await PostgresServer.StartAsync(settings, CancellationToken.None);
        NpgsqlDataSource source = NpgsqlDataSource.Create(server.ConnectionString("postgres") + ";Maximum Pool Size=4;Max Auto Prepare=100;Auto Prepare Min Usages=2");
        await new Migrations(source, new BridgeSchema("bridge")).ApplyAsync(default);
        var database = new BridgeDatabase(source, options);
        var cursors = new Cursors(database);
        await cursors.EnrolAsync([(TableDrain.CursorOfTables, null)], default);
        var drain = new TableDrain(
            database, cursors, new Bells(TimeProvider.System), new StorageGauge(database), [watch], TimeProvider.System, NullLogger<TableDrain>.Instance);
        Lease lease = (await cursors.ClaimAsync(Guid.NewGuid(), [drain.Cursor], 1, default))[0];
        return new TableServer(server, database, cursors, drain, lease);
    }

    public ValueTask<NpgsqlConnection> OpenAsync() => _database.OpenAsync(default);

    /// <summary>Statements without parameters, each a transaction of its own.</summary>
    public async Task ExecuteAsync(string sql)
    {
        foreach (string statement in sql.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            await using NpgsqlCommand command = _database.Source.CreateCommand(statement);
            command.CommandTimeout = 300;
            await command.ExecuteNonQueryAsync();
        }
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using NpgsqlCommand command = _database.Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Lets the drain run until a query says so.</summary>
    public Task RunDrainAsync(string until) => RunDrainAsync(async () =>
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await ScalarAsync<bool>(until))
            await timer.WaitForNextTickAsync();
    });

    /// <summary>Lets the drain run beside something.</summary>
    public async Task RunDrainAsync(Func<Task> beside)
    {
        using var stop = new CancellationTokenSource();
        Task run = _drain.RunAsync(_lease, stop.Token);
        await beside();
        await stop.CancelAsync();
        await run.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    public async ValueTask DisposeAsync()
    {
        await _cursors.ReleaseAsync(_lease, default);
        await _database.Source.DisposeAsync();
        await _server.DisposeAsync();
    }
}
