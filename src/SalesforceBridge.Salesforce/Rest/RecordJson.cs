using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>
/// A record to send, as JSON: from a dictionary of fields, a <see cref="JsonElement"/>, UTF-8 bytes, or a typed record with its
/// source-generated <see cref="JsonTypeInfo{T}"/>. A null clears the field; a field left out stays as it is.
/// </summary>
/// <param name="Utf8">One JSON object.</param>
public readonly record struct RecordJson(ReadOnlyMemory<byte> Utf8)
{
    /// <summary>A typed record, its properties named by <c>JsonPropertyName</c> where the field's name is no name in C#.</summary>
    /// <param name="record">The record.</param>
    /// <param name="type">
    /// How it is written. Give its context <see cref="SalesforceDateTimeConverter"/> for moments and <see cref="SalesforceTimeConverter"/> for times
    /// of day; days are <c>DateOnly</c>. A null clears its field, unless the context or property says <c>JsonIgnoreCondition.WhenWritingNull</c>:
    /// then <see cref="Clearing"/> says which fields are cleared all the same.
    /// </param>
    public static RecordJson From<T>(T record, JsonTypeInfo<T> type) => new(JsonSerializer.SerializeToUtf8Bytes(record, type));

    /// <summary>Fields by name.</summary>
    /// <param name="fields">
    /// Values may be null, text, numbers, booleans, <c>DateTimeOffset</c>, <c>DateOnly</c>, <c>TimeOnly</c>, <c>byte[]</c> (base64),
    /// JSON, a dictionary for a related record by its external id, a list of these for an action's input, and in a composite the id that another
    /// subrequest will tell.
    /// </param>
    /// <exception cref="ArgumentException">A value is of another type; a <c>DateTime</c> does not say which day it is where.</exception>
    public static RecordJson FromDictionary(IReadOnlyDictionary<string, object?> fields)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
            FieldWriter.Write(writer, fields);
        return new RecordJson(output.WrittenMemory);
    }

    /// <summary>A JSON object.</summary>
    /// <param name="fields">Fields by name.</param>
    public static RecordJson FromJsonElement(JsonElement fields) => From(fields, RestJson.Default.JsonElement);

    /// <summary>Fields by name; see <see cref="FromDictionary"/>.</summary>
    public static implicit operator RecordJson(Dictionary<string, object?> fields) => FromDictionary(fields);

    /// <summary>A JSON object.</summary>
    public static implicit operator RecordJson(JsonElement fields) => FromJsonElement(fields);

    /// <summary>The record with nulls for these fields, which clears them: for a typed record whose nulls are left out (NetCoreForce's <c>FieldsToNull</c>).</summary>
    /// <param name="fields">The fields' API names; each takes the place of what the record has under it.</param>
    public RecordJson Clearing(params IEnumerable<string> fields)
    {
        ReadOnlyMemory<byte> cleared = Utf8;
        foreach (string field in fields)
            cleared = RecordBytes.WithMember(cleared.Span, field, null);
        return new RecordJson(cleared);
    }

    internal static RecordJson OfId(string id) => new(RecordBytes.WithMember("{}"u8, "Id", id));

    internal RecordJson With(string field, string value) => new(RecordBytes.WithMember(Utf8.Span, field, value));

    /// <summary>Keeps payloads out of logs.</summary>
    public override string ToString() => $"a record of {Utf8.Length} bytes";
}
