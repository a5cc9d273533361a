using System.Text;
using Npgsql;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.HerokuConnect;

/// <summary>From the org to Postgres: what changed there since the last look, written so that triggers know who writes.</summary>
internal sealed class OrgReader(Org org, TimeProvider time)
{
    private const int Chunk = 2000;

    /// <summary>Brings a mapped table to where the org is.</summary>
    /// <returns>How many records were written or deleted.</returns>
    public async Task<int> ReadAsync(NpgsqlConnection connection, Mapping mapping, CancellationToken ct)
    {
        Record[] changed = org.Read(store =>
            store[mapping.Type].Rows.Where(record => mapping.Applied.GetValueOrDefault(record.Id) != record).ToArray());
        foreach (Record[] chunk in changed.Chunk(Chunk))
        {
            await ApplyAsync(connection, mapping, chunk, ct);
            foreach (Record record in chunk)
                mapping.Applied[record.Id] = record;
        }
        mapping.ReadAt = time.GetUtcNow();
        return changed.Length;
    }

    /// <summary>Empties the table and fills it again, as after a reload on Heroku Connect's dashboard: the rows get other ids.</summary>
    public async Task ReloadAsync(NpgsqlConnection connection, Mapping mapping, ReloadMethod method, CancellationToken ct)
    {
        string empty = method is ReloadMethod.Truncate
            ? $"truncate {mapping.QualifiedName} restart identity"
            : $"delete from {mapping.QualifiedName}";
        await WriteAsync(connection, [new NpgsqlBatchCommand(empty), new NpgsqlBatchCommand(Restart(mapping))], ct);
        mapping.Applied.Clear();
        await ReadAsync(connection, mapping, ct);
    }

    private async Task ApplyAsync(NpgsqlConnection connection, Mapping mapping, Record[] records, CancellationToken ct)
    {
        string[] deleted = [.. records.Where(record => record.IsDeleted).Select(record => record.Id)];
        Record[] present = [.. records.Where(record => !record.IsDeleted)];
        List<NpgsqlBatchCommand> commands = [];
        if (deleted.Length > 0)
            commands.Add(new NpgsqlBatchCommand($"delete from {mapping.QualifiedName} where sfid = any($1)") { Parameters = { new NpgsqlParameter { Value = deleted } } });
        if (present.Length > 0)
            commands.Add(new NpgsqlBatchCommand(Upsert(mapping)) { Parameters = { TriggerLog.Text(ToJson(mapping, present)) } });
        await WriteAsync(connection, commands, ct);
    }

    // A row that an app made and whose record the org has by now is known by its upsert field.
    private static string Upsert(Mapping mapping)
    {
        string table = mapping.QualifiedName;
        string[] columns = [.. mapping.Columns.Select(column => Names.Quote(column.Name))];
        string byKey = mapping.Key is { } key
            ? $", (select id from {table} k where k.sfid is null and k.{Names.Quote(key.Name)} = s.{Names.Quote(key.Name)})"
            : "";
        return $"""
            with s as materialized (select * from json_populate_recordset(null::{table}, $1::json)),
            known as (
                update {table} t set {string.Join(", ", columns.Select(column => $"{column} = s.{column}"))}
                from s where t.id = coalesce((select id from {table} k where k.sfid = s.sfid){byKey}) returning s.sfid)
            insert into {table} ({string.Join(", ", columns)}) select {string.Join(", ", columns.Select(column => $"s.{column}"))}
            from s where not exists (select from known where known.sfid = s.sfid)
            """;
    }

    private static string Restart(Mapping mapping) =>
        $"select setval(pg_get_serial_sequence({Names.Literal(mapping.QualifiedName)}, 'id'), 1, false)";

    private string ToJson(Mapping mapping, Record[] records) => org.Read(store => Encoding.UTF8.GetString(OrgJson.Write(json =>
    {
        json.WriteStartArray();
        foreach (Record record in records)
        {
            json.WriteStartObject();
            foreach (MappedColumn column in mapping.Columns)
                column.Write(json, record, store);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    })));

    private static async Task WriteAsync(NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> commands, CancellationToken ct)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("set local xmlbinary to 'hex'"));
        foreach (NpgsqlBatchCommand command in commands)
            batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }
}
