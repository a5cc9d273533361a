using System.Text.Json;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A row of a trigger log that Heroku Connect could not send, or will not.</summary>
public sealed record HerokuConnectError
{
    /// <summary>The schema of the connection.</summary>
    public required string Schema { get; init; }

    /// <summary>The row's id in the trigger log; an id belongs to one connection, and begins anew with the add-on.</summary>
    public required long Id { get; init; }

    /// <summary><c>FAILED</c>, or <c>READONLY</c> for a change of a table whose mapping is read-only.</summary>
    public required string State { get; init; }

    /// <summary><c>insert</c>, <c>update</c> or <c>delete</c>.</summary>
    public required string Operation { get; init; }

    /// <summary>The mapped table, in the connection's schema.</summary>
    public required string Table { get; init; }

    /// <summary>The changed row's <c>id</c> in that table.</summary>
    public long? RecordId { get; init; }

    /// <summary>The record's Salesforce id; null where the row had none when it was changed.</summary>
    public string? Sfid { get; init; }

    /// <summary>What Salesforce or Connect said.</summary>
    public string? Error { get; init; }

    /// <summary>When the change was made.</summary>
    public DateTimeOffset? CapturedAt { get; init; }

    /// <summary>When Connect gave up.</summary>
    public DateTimeOffset? ProcessedAt { get; init; }

    /// <summary>Whether the row is in the archive by now.</summary>
    public bool IsArchived { get; init; }

    /// <summary>The columns that <see cref="Read"/> takes, of a row of log or archive.</summary>
    internal const string Columns = "id::bigint, state::text, lower(action)::text, table_name::text, record_id::bigint, sfid::text, sf_message::text, created_at, processed_at";

    internal const int CountOfColumns = 9;

    private const string WhyReadOnly = "The table's mapping is read-only, so Heroku Connect does not send this change.";

    internal static HerokuConnectError Read(NpgsqlDataReader row, string schema, bool isArchived)
    {
        string state = Text(row, 1) ?? "";
        return new HerokuConnectError
        {
            Schema = schema,
            Id = row.GetInt64(0),
            State = state,
            Operation = Text(row, 2) ?? "",
            Table = Text(row, 3) ?? "",
            RecordId = row.IsDBNull(4) ? null : row.GetInt64(4),
            Sfid = Text(row, 5),
            Error = Text(row, 6) ?? (state == "READONLY" ? WhyReadOnly : null),
            CapturedAt = Time(row, 7),
            ProcessedAt = Time(row, 8),
            IsArchived = isArchived,
        };
    }

    internal static string? Text(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : row.GetString(at);

    internal static DateTimeOffset? Time(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : row.GetFieldValue<DateTimeOffset>(at);
}

/// <summary>An error that the inbox was not told of yet.</summary>
/// <param name="Error">The error.</param>
/// <param name="Values">What was to be written, as hstore.</param>
/// <param name="Old">The row before, as hstore.</param>
/// <param name="CapturedAt">When the change was made; part of what the row is known by.</param>
/// <param name="Told">The hash by which this failure is known.</param>
internal sealed record NewError(HerokuConnectError Error, string? Values, string? Old, DateTimeOffset CapturedAt, long Told)
{
    /// <summary>What messages of one row have in common.</summary>
    public string Key => $"{Error.Schema}.{Error.Table} {Error.RecordId}";

    /// <summary>What routes read.</summary>
    public byte[] Payload()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("error", Error.Error);
            json.WriteString("state", Error.State);
            json.WriteString("schema", Error.Schema);
            json.WriteString("table", Error.Table);
            json.WriteString("operation", Error.Operation);
            WriteNumber(json, "record_id", Error.RecordId);
            json.WriteString("sfid", Error.Sfid);
            WriteRow(json, "values", Values);
            WriteRow(json, "old", Old);
            json.WriteNumber("id", Error.Id);
            WriteTime(json, "captured_at", Error.CapturedAt);
            WriteTime(json, "processed_at", Error.ProcessedAt);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    // A text that is no hstore is told as it is.
    private static void WriteRow(Utf8JsonWriter json, string name, string? hstore)
    {
        if (hstore is null || HstoreText.Read(hstore) is not { } pairs)
        {
            json.WriteString(name, hstore);
            return;
        }

        json.WriteStartObject(name);
        foreach ((string key, string? value) in pairs)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } known)
            json.WriteNumber(name, known);
        else
            json.WriteNull(name);
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } known)
            json.WriteString(name, known.UtcDateTime);
        else
            json.WriteNull(name);
    }
}
