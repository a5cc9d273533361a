using System.Text.Json;
using Npgsql;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.HerokuConnect;

/// <summary>From Postgres to the org: takes the trigger log in order, and tells each row what became of its change.</summary>
internal sealed class LogWriter(TriggerLog log, OrgSender sender, IReadOnlyList<Mapping> mappings, TimeSpan archiveAfter, TimeProvider time)
{
    private readonly Dictionary<string, Mapping> _mappings = mappings.ToDictionary(mapping => mapping.Table);

    /// <summary>Sends everything that was committed before.</summary>
    /// <param name="connection">Of its own while this lasts.</param>
    /// <param name="note">Told of each entry when both sides are done with it.</param>
    /// <param name="ct">Ends it between two entries.</param>
    public async Task WriteAsync(NpgsqlConnection connection, Action<WrittenEntry> note, CancellationToken ct)
    {
        await log.SettleAsync(connection, time.GetUtcNow(), ct);
        while (await log.TakeAsync(connection, time.GetUtcNow(), ct) is { Count: > 0 } entries)
        {
            foreach (LogEntry entry in entries)
                note(await WriteAsync(connection, entry, ct));
        }
        await log.ArchiveAsync(connection, time.GetUtcNow() - archiveAfter, ct);
    }

    private async Task<WrittenEntry> WriteAsync(NpgsqlConnection connection, LogEntry entry, CancellationToken ct)
    {
        if (!_mappings.TryGetValue(entry.Table, out Mapping? mapping))
            return await FinishAsync(connection, Refused(entry, $"There is no mapping for the table {entry.Table}."), row: null, ct);
        LogEntry known = entry.Sfid is null && entry.Action != "DELETE" ? entry with { Sfid = await SfidAsync(connection, mapping, entry.RecordId, ct) } : entry;
        WriteOutcome? outcome = sender.Send(mapping, known);
        mapping.WrittenAt = time.GetUtcNow();
        return outcome switch
        {
            null => await FinishAsync(connection, new WrittenEntry(entry.Id, entry.Table, entry.Action, LogState.Ignored, null), row: null, ct),
            WriteOutcome.Written written => await FinishAsync(connection, Done(entry), TellDone(mapping, known, written.Id), ct),
            WriteOutcome.Refused refused => await FinishAsync(connection, Refused(entry, $"{refused.Error.Code}: {refused.Error.Message}"), TellRefused(mapping, entry, refused.Error), ct),
            _ => throw new InvalidOperationException("A record is written or refused."),
        };
    }

    private static WrittenEntry Done(LogEntry entry) => new(entry.Id, entry.Table, entry.Action, LogState.Success, null);

    private static WrittenEntry Refused(LogEntry entry, string why) => new(entry.Id, entry.Table, entry.Action, LogState.Failed, why);

    private static async Task<string?> SfidAsync(NpgsqlConnection connection, Mapping mapping, int recordId, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"select sfid from {mapping.QualifiedName} where id = $1", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = recordId });
        return await command.ExecuteScalarAsync(ct) as string;
    }

    // Where the reader, or an upsert, has put the record into another row, this one stays without its id, as with the real one.
    private static NpgsqlBatchCommand? TellDone(Mapping mapping, LogEntry entry, string id) => entry switch
    {
        { Action: "DELETE" } => null,
        { Action: "INSERT", Sfid: null } => Command($"""
            update {mapping.QualifiedName} set sfid = $2, _hc_lastop = 'INSERTED', _hc_err = null
            where id = $1 and sfid is null and not exists (select from {mapping.QualifiedName} other where other.sfid = $2)
            """, entry.RecordId, id),
        _ => Command($"update {mapping.QualifiedName} set _hc_lastop = $2, _hc_err = null where id = $1", entry.RecordId, "UPDATED"),
    };

    private static NpgsqlBatchCommand TellRefused(Mapping mapping, LogEntry entry, ApiError error) => Command(
        $"update {mapping.QualifiedName} set _hc_lastop = 'FAILED', _hc_err = $2 where id = $1", entry.RecordId,
        JsonSerializer.Serialize(new { op = entry.Action, src = "TRIGGER_LOG", id = entry.Id, code = error.Code, msg = error.Message }));

    private static NpgsqlBatchCommand Command(string sql, int recordId, string text) =>
        new(sql) { Parameters = { new NpgsqlParameter { Value = recordId }, TriggerLog.Text(text) } };

    // What the org has done is recorded, even by one who is being stopped.
    private async Task<WrittenEntry> FinishAsync(NpgsqlConnection connection, WrittenEntry written, NpgsqlBatchCommand? row, CancellationToken ct)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(CancellationToken.None);
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("set local xmlbinary to 'hex'"));
        batch.BatchCommands.Add(log.Finish(written, time.GetUtcNow()));
        if (row is not null)
            batch.BatchCommands.Add(row);
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        ct.ThrowIfCancellationRequested();
        return written;
    }
}
