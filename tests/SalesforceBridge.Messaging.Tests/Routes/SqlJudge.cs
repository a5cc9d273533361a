using System.Data;
using Npgsql;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Messaging.Tests.Routes;

/// <summary>
/// A real server that runs SQL text as it is: as one statement, not rewritten by the client. It holds three messages in the
/// table <c>stored</c>, and a view <c>message</c> of them where a text is run alone. Nothing it runs stays.
/// </summary>
public sealed class SqlJudge : IAsyncLifetime
{
    public const string MessageCte = "message as (select * from stored)";

    private const string MessageView = "create view message as select * from stored";

    private TestDatabase _database = null!;
    private NpgsqlConnection _connection = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        await _database.ExecuteAsync("""
            create table stored (id bigint, payload jsonb);
            insert into stored values (1, '{"v": "a"}'), (2, '{"v": "b;"}'), (3, '{"v": null}');
            create table target (id bigint primary key, v text);
            insert into target values (1, 'old');
            """);
        _connection = new NpgsqlConnection(_database.ConnectionString + ";Pooling=false");
        await _connection.OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>The rows of a statement that finds <c>message</c> as a view.</summary>
    public Task<List<string>> RowsAloneAsync(string sql) => RowsAsync(MessageView, sql);

    /// <summary>The rows of a statement that must bring <c>message</c> itself.</summary>
    public Task<List<string>> RowsAsync(string sql) => RowsAsync("select", sql);

    /// <summary>What stands in the target after DML that finds <c>message</c> as a view.</summary>
    public Task<List<string>> TargetAfterAloneAsync(string dml) => RowsAsync(MessageView, dml, "select * from target order by id");

    /// <summary>What stands in the target after DML that must bring <c>message</c> itself.</summary>
    public Task<List<string>> TargetAfterAsync(string dml) => RowsAsync("select", dml, "select * from target order by id");

    /// <summary>Whether the server takes a text as one statement and runs it.</summary>
    public async Task<bool> AcceptsAsync(string sql)
    {
        try
        {
            await RowsAsync("select", sql);
            return true;
        }
        catch (PostgresException)
        {
            // The client gives a connection up when the server misses a parameter's value.
            if (_connection.State != ConnectionState.Open)
                await _connection.OpenAsync();
            return false;
        }
    }

    // A batch command's text goes to the server as it is.
    private async Task<List<string>> RowsAsync(params string[] statements)
    {
        await using NpgsqlTransaction rolledBack = await _connection.BeginTransactionAsync();
        await using var batch = new NpgsqlBatch(_connection, rolledBack);
        foreach (string sql in statements)
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync();

        List<string> rows = [];
        do
        {
            rows.Clear();
            while (await reader.ReadAsync())
                rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => $"{reader.GetName(i)}={reader.GetValue(i)}")));
        }
        while (await reader.NextResultAsync());

        return rows;
    }
}
