using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace SalesforceBridge.Simulator.HerokuConnect;

/// <summary>The log of what apps changed, and its archive: which entries are next, and what became of them.</summary>
internal sealed class TriggerLog(Layout layout)
{
    private const int Batch = 200;
    private const string Columns = """
        id, txid, created_at, updated_at, processed_at, processed_tx, state, action, table_name, record_id, sfid, old, "values", sf_result, sf_message
        """;

    /// <summary>Deals with the entries that nobody sends, and copies back what an operator wants to be sent again.</summary>
    public Task SettleAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken ct) => ExecuteAsync(connection, $"""
        update {layout.Log} set state = case state when '{LogState.Ignore}' then '{LogState.Ignored}' else state end,
               updated_at = $1, processed_at = $1, processed_tx = txid_current()
        where state = '{LogState.Ignore}' or state = '{LogState.ReadOnly}' and processed_at is null;
        """, $"""
        with again as (
            update {layout.Archive} set state = '{LogState.Requeued}', updated_at = $1 where state = '{LogState.Requeue}' returning *)
        insert into {layout.Log} (txid, created_at, updated_at, state, action, table_name, record_id, sfid, old, "values")
        select txid_current(), clock_timestamp(), $1, '{LogState.New}', action, table_name, record_id, sfid, old, "values" from again order by id
        """, now, ct);

    /// <summary>The next entries in the order of their ids, pending from now on. Those that were left pending come again.</summary>
    public async Task<IReadOnlyList<LogEntry>> TakeAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"""
            update {layout.Log} set state = '{LogState.Pending}', updated_at = $1
            where id in (select id from {layout.Log} where state in ('{LogState.New}', '{LogState.Pending}') order by id limit {Batch})
            returning id, action, table_name, coalesce(record_id, 0), sfid, hstore_to_json(coalesce("values", '')::hstore)::text
            """, connection);
        command.Parameters.Add(Moment(now));
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        List<LogEntry> entries = [];
        while (await reader.ReadAsync(ct))
        {
            entries.Add(new LogEntry(
                reader.GetInt32(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3), await reader.IsDBNullAsync(4, ct) ? null : reader.GetString(4),
                JsonSerializer.Deserialize<Dictionary<string, string?>>(reader.GetString(5))!));
        }
        return [.. entries.OrderBy(entry => entry.Id)];
    }

    /// <summary>Says what became of an entry, in the transaction that tells its row.</summary>
    public NpgsqlBatchCommand Finish(WrittenEntry written, DateTimeOffset now) => new($"""
        update {layout.Log} set state = $1, sf_message = $2, updated_at = $3, processed_at = $3, processed_tx = txid_current() where id = $4
        """)
    {
        Parameters = { Text(written.State), Text(written.Message), Moment(now), new NpgsqlParameter { Value = written.Id } },
    };

    /// <summary>Moves what was dealt with before a moment.</summary>
    public Task ArchiveAsync(NpgsqlConnection connection, DateTimeOffset before, CancellationToken ct) => ExecuteAsync(connection, $"""
        with done as (
            delete from {layout.Log} where processed_at <= $1 and state not in ('{LogState.New}', '{LogState.Pending}') returning {Columns})
        insert into {layout.Archive} ({Columns}) select {Columns} from done
        """, "", before, ct);

    /// <summary>How many entries of a table wait, and how many were refused in the last day.</summary>
    public async Task<(long Pending, long Errors)> CountAsync(NpgsqlConnection connection, string table, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"""
            select (select count(*) from {layout.Log} where table_name = $1 and state in ('{LogState.New}', '{LogState.Pending}')),
                   (select count(*) from {layout.Log} where table_name = $1 and state = '{LogState.Failed}' and updated_at > $2)
                   + (select count(*) from {layout.Archive} where table_name = $1 and state = '{LogState.Failed}' and updated_at > $2)
            """, connection);
        command.Parameters.Add(Text(table));
        command.Parameters.Add(Moment(now - TimeSpan.FromDays(1)));
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    public static NpgsqlParameter Text(string? value) => new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)value ?? DBNull.Value };

    private static NpgsqlParameter Moment(DateTimeOffset value) => new() { NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = value.UtcDateTime };

    private static async Task ExecuteAsync(NpgsqlConnection connection, string first, string second, DateTimeOffset moment, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (string sql in new[] { first, second }.Where(sql => sql.Length > 0))
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { Moment(moment) } });
        await batch.ExecuteNonQueryAsync(ct);
    }
}
