using Npgsql;
using SalesforceBridge.LocalPostgres;

namespace SalesforceBridge.Testing;

/// <summary>A database of a test's own, on a server that the test process shares and that ends with it.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    // A crash of the machine is not what tests are about: a killed server keeps what it handed to the system.
    private static readonly Lazy<Task<PostgresServer>> Shared = new(() => PostgresServer.StartAsync(
        ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=400"], CancellationToken.None));

    private static int s_count;
    private readonly PostgresServer _server;

    private TestDatabase(PostgresServer server, string name) => (_server, Name) = (server, name);

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
        var database = new TestDatabase(server, $"test_{Environment.ProcessId}_{Interlocked.Increment(ref s_count)}");
        await ExecuteAsync(server, $"create database {database.Name} template {template}");
        return database;
    }

    /// <summary>Runs a statement on a fresh connection.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of the first row.</summary>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The first column of every row.</summary>
    public async Task<List<T>> ColumnAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        List<T> values = [];
        while (await reader.ReadAsync())
            values.Add(await reader.GetFieldValueAsync<T>(0));
        return values;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await ExecuteAsync(_server, $"drop database if exists {Name} with (force)");

    private static async Task ExecuteAsync(PostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
