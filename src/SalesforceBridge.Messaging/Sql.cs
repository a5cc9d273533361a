using Npgsql;
using NpgsqlTypes;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Statements with positional parameters only. Npgsql takes apart a command without them, at every semicolon; with
/// them it sends the text as it is, so that a user's SQL reaches the server as it was written.
/// </summary>
internal static class Sql
{
    public static NpgsqlBatchCommand Command(string text, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (object? value in values)
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
        return command;
    }

    public static NpgsqlParameter Typed(NpgsqlDbType type, object? value) => new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };

    public static NpgsqlParameter Text(string? value) => Typed(NpgsqlDbType.Text, value);

    public static NpgsqlParameter TextArray(IEnumerable<string?> values) => Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, values.ToArray());

    public static NpgsqlParameter BigintArray(IEnumerable<long> values) => Typed(NpgsqlDbType.Array | NpgsqlDbType.Bigint, values.ToArray());

    /// <summary>Runs statements in one round trip. Without a transaction of its own around it a batch is one by itself.</summary>
    public static async Task ExecuteAsync(NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> commands, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (NpgsqlBatchCommand command in commands)
            batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Runs statements in one round trip and reads the rows of the last one that yields rows; our functions yield void.</summary>
    public static async Task<List<T>> ReadLastAsync<T>(
        NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> commands, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (NpgsqlBatchCommand command in commands)
            batch.BatchCommands.Add(command);
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(ct);
        List<T> rows = [];
        do
        {
            if (reader.FieldCount == 0 || reader.GetDataTypeName(0) == "void")
                continue;
            rows.Clear();
            while (await reader.ReadAsync(ct))
                rows.Add(read(reader));
        }
        while (await reader.NextResultAsync(ct));
        return rows;
    }
}
