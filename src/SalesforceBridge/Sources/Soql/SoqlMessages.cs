using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Sources.Soql;

/// <summary>What a row of a query, and a record that was deleted, are in the inbox.</summary>
internal static class SoqlMessages
{
    /// <summary>A row that was created or changed: which of the two the org does not say.</summary>
    public const string Upsert = "upsert";

    /// <summary>A row that is told because nobody knows which deletes were missed.</summary>
    public const string Snapshot = "snapshot";

    /// <summary>A record that was deleted; only its id is left.</summary>
    public const string Delete = "delete";

    private const string Attributes = "attributes";

    // What the payload takes in is the org's own JSON, with all that JSON allows.
    private static readonly JsonWriterOptions AsItCame = new() { SkipValidation = true };

    /// <summary>The message of a row.</summary>
    /// <param name="source">The source's name.</param>
    /// <param name="row">The row as it came.</param>
    /// <param name="again">Set while every row is told again; those that were told before are told all the same.</param>
    public static NewMessage Of(string source, JsonElement row, DateTimeOffset? again)
    {
        SoqlPlace place = PlaceOf(row);
        return new NewMessage(source, Payload(again is null ? Upsert : Snapshot, json => WriteWithoutAttributes(json, row)))
        {
            Key = place.Id,
            DedupeKey = again is { } since ? $"{Snapshot} {SoqlPosition.Text(since)} {DedupeKeyOf(place)}" : DedupeKeyOf(place),
            OccurredAt = place.Modstamp,
        };
    }

    /// <summary>The message of a record that was deleted.</summary>
    public static NewMessage Of(string source, DeletedRecord deleted) => new(source, Payload(Delete, json =>
    {
        json.WriteStartObject();
        json.WriteString("Id", deleted.Id);
        json.WriteEndObject();
    }))
    {
        Key = deleted.Id,
        DedupeKey = $"{Delete} {deleted.Id} {SoqlPosition.Text(deleted.DeletedDate)}",
        OccurredAt = deleted.DeletedDate,
    };

    /// <summary>The place of a row in the order in which records changed.</summary>
    /// <exception cref="FormatException">The row has no id or time.</exception>
    public static SoqlPlace PlaceOf(JsonElement row) => new(
        SalesforceDateTimeConverter.TryParse(MemberOf(row, "SystemModstamp"), out DateTimeOffset modstamp)
            ? modstamp
            : throw new FormatException("a row of the org's answer has no SystemModstamp that is a time"),
        MemberOf(row, "Id") ?? throw new FormatException("a row of the org's answer has no Id"));

    private static string DedupeKeyOf(SoqlPlace place) => $"{place.Id} {SoqlPosition.Text(place.Modstamp)}";

    private static string? MemberOf(JsonElement row, string name)
    {
        foreach (JsonProperty member in row.EnumerateObject())
        {
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : null;
        }

        return null;
    }

    private static ReadOnlyMemory<byte> Payload(string operation, Action<Utf8JsonWriter> writeRecord)
    {
        var payload = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(payload, AsItCame))
        {
            json.WriteStartObject();
            json.WriteString("operation", operation);
            json.WritePropertyName("record");
            writeRecord(json);
            json.WriteEndObject();
        }

        return payload.WrittenMemory;
    }

    // Each row, and each parent in it, comes with a member that says its type and address; no field is called so.
    private static void WriteWithoutAttributes(Utf8JsonWriter json, JsonElement row)
    {
        json.WriteStartObject();
        foreach (JsonProperty member in row.EnumerateObject().Where(member => member.Name != Attributes))
        {
            json.WritePropertyName(member.Name);
            if (member.Value.ValueKind == JsonValueKind.Object)
                WriteWithoutAttributes(json, member.Value);
            else
                json.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
        }

        json.WriteEndObject();
    }
}
