using Npgsql;
using SalesforceBridge.LocalPostgres;

namespace SalesforceBridge.Testing;

/// <summary>A database of a test's own, on a server that the test process shares and that ends with it.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    // A crash of the machine is not what tests are about: a killed server keeps what it handed to the system.
    private static readonly Lazy<Task<PostgresServer>> Shared = new(() => PostgresServer.StartWithinAsync(
        Folder(), ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=400", "max_wal_size=256MB"], CancellationToken.None));

    private static int _count;
    private readonly PostgresServer _server;

    // Tests ask again and again until something holds; a connection for each question would keep the machine busy by itself.
    private readonly NpgsqlDataSource _questions;

    private TestDatabase(PostgresServer server, string name)
    {
        (_server, Name) = (server, name);
        _questions = NpgsqlDataSource.Create(ConnectionString + ";Maximum Pool Size=4");
    }

    /// <summary>The database's name.</summary>
    public string Name { get; }

    /// <summary>How Npgsql reaches it.</summary>
    public string ConnectionString => _server.ConnectionString(Name);

    /// <summary>How <c>DATABASE_URL</c> names it.</summary>
    public string Url => _server.Url(Name);

    /// <summary>A new database on the shared server.</summary>
    /// <param name="template">The database to copy; nothing may be connected to it.</param>
    public static async Task<TestDatabase> CreateAsync(string template = "template1") =>
        await CreateAsync(await Shared.Value, template);

    /// <summary>A new database on a server of the test's own.</summary>
    public static async Task<TestDatabase> CreateAsync(PostgresServer server, string template = "template1")
    {
        var database = new TestDatabase(server, $"test_{Environment.ProcessId}_{Interlocked.Increment(ref _count)}");
        await ExecuteAsync(server, $"create database {database.Name} template {template}");
        return database;
    }

    /// <summary>Runs a statement.</summary>
    public Task ExecuteAsync(string sql) => AskAsync(sql, async command => await command.ExecuteNonQueryAsync());

    /// <summary>The first column of the first row.</summary>
    public Task<T> ScalarAsync<T>(string sql) => AskAsync(sql, async command => (T)(await command.ExecuteScalarAsync())!);

    /// <summary>The first column of every row.</summary>
    public Task<List<T>> ColumnAsync<T>(string sql) => AskAsync(sql, async command =>
    {
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        List<T> values = [];
        while (await reader.ReadAsync())
            values.Add(await reader.GetFieldValueAsync<T>(0));
        return values;
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _questions.DisposeAsync();
        await ExecuteAsync(_server, $"drop database if exists {Name} with (force)");
    }

    // Each database is three hundred files: where there is memory for them a file system would only be busy with making and removing them.
    private static string Folder()
    {
        var memory = new DriveInfo("/dev/shm");
        return memory is { IsReady: true, DriveType: DriveType.Ram, AvailableFreeSpace: > 4L << 30 } ? memory.Name : Path.GetTempPath();
    }

    private async Task<T> AskAsync<T>(string sql, Func<NpgsqlCommand, Task<T>> ask)
    {
        try
        {
            return await AskOnceAsync(sql, ask);
        }
        catch (NpgsqlException error) when (error is not PostgresException || error.SqlState!.StartsWith("57P", StringComparison.Ordinal))
        {
            // A kept connection did not outlive what the test did to the server.
            _questions.Clear();
            return await AskOnceAsync(sql, ask);
        }
    }

    private async Task<T> AskOnceAsync<T>(string sql, Func<NpgsqlCommand, Task<T>> ask)
    {
        await using NpgsqlConnection connection = await _questions.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await ask(command);
    }

    private static async Task ExecuteAsync(PostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
