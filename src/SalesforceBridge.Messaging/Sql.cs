using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Statements with positional parameters only. Npgsql takes apart a command without them, at every semicolon; with
/// them it sends the text as it is, so that a user's SQL reaches the server as it was written.
/// </summary>
internal static class Sql
{
    // Beyond what the server itself may take: an answer that comes later than this does not come at all.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(15);

    public static NpgsqlBatchCommand Command(string text, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (object? value in values)
        {
            command.Parameters.Add(value switch
            {
                NpgsqlParameter parameter => parameter,
                string word => Text(word),
                _ => new NpgsqlParameter { Value = value ?? DBNull.Value },
            });
        }

        return command;
    }

    public static NpgsqlParameter Typed(NpgsqlDbType type, object? value) => new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };

    public static NpgsqlParameter Text(string? value) => Typed(NpgsqlDbType.Text, Storable(value));

    public static NpgsqlParameter TextArray(IEnumerable<string?> values) => Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, values.Select(Storable).ToArray());

    public static NpgsqlParameter BigintArray(IEnumerable<long> values) => Typed(NpgsqlDbType.Array | NpgsqlDbType.Bigint, values.ToArray());

    /// <summary>Runs statements in one round trip. Without a transaction of its own around it a batch is one by itself.</summary>
    public static Task ExecuteAsync(NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> commands, CancellationToken ct) =>
        ExecuteAsync(connection, commands, TimeSpan.Zero, ct);

    /// <summary>The same for statements to which the server gives this much time.</summary>
    public static async Task ExecuteAsync(NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> commands, TimeSpan time, CancellationToken ct)
    {
        await using NpgsqlBatch batch = Batch(connection, commands, time);
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>
    /// Runs statements in one round trip and reads the rows of the last one that yields rows. Whatever comes before it must yield
    /// none, or no columns, or void as our functions do.
    /// </summary>
    public static Task<List<T>> ReadLastAsync<T>(
        NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> commands, Func<NpgsqlDataReader, T> read, CancellationToken ct) =>
        ReadLastAsync(connection, commands, read, TimeSpan.Zero, ct);

    /// <summary>The same for statements to which the server gives this much time.</summary>
    public static async Task<List<T>> ReadLastAsync<T>(
        NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> commands, Func<NpgsqlDataReader, T> read, TimeSpan time, CancellationToken ct)
    {
        await using NpgsqlBatch batch = Batch(connection, commands, time);
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

    /// <summary>
    /// The text as PostgreSQL can store it. One NUL or lone surrogate, in a key or in an error's text, would otherwise fail the
    /// statement for all its neighbours.
    /// </summary>
    public static string? Storable(string? text)
    {
        if (text is null)
            return null;
        bool hasSurrogates = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0;
        string whole = hasSurrogates ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;
        return whole.Replace('\0', '\uFFFD');
    }

    private static NpgsqlBatch Batch(NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> commands, TimeSpan time)
    {
        var batch = new NpgsqlBatch(connection);
        foreach (NpgsqlBatchCommand command in commands)
            batch.BatchCommands.Add(command);
        if (time > TimeSpan.Zero)
            batch.Timeout = (int)Math.Min((time + Margin).TotalSeconds, int.MaxValue);
        return batch;
    }
}
