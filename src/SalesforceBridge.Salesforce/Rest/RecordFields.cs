using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Records as plain dictionaries of fields, for whoever has no type for them.</summary>
public static class RecordFields
{
    /// <summary>
    /// How a record is read as a dictionary, wherever a method asks for a type: <c>org.QueryAsync(soql, RecordFields.Type, ct)</c>. Values are null,
    /// text (moments and days too, since JSON does not tell them apart), <c>decimal</c> (<c>double</c> for what has no such), booleans, a dictionary
    /// for a related record and a list for records of a subquery; where the org tells not all of these at once, a dictionary with <c>records</c> and the
    /// <c>nextRecordsUrl</c> for <see cref="SalesforceClient.QueryMoreAsync{T}"/>. Names are matched without regard to case; <c>attributes</c> are left out.
    /// </summary>
    public static JsonTypeInfo<Dictionary<string, object?>> Type => RecordFieldsJson.Default.DictionaryStringObject;
}

/// <summary>Reads a record's fields, and writes them as <see cref="RecordJson.FromDictionary"/> does.</summary>
internal sealed class RecordFieldsConverter : JsonConverter<Dictionary<string, object?>>
{
    private const string Attributes = "attributes";
    private const string Records = "records";

    public override Dictionary<string, object?> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
            throw new JsonException("A record is a JSON object.");
        using var document = JsonDocument.ParseValue(ref reader);
        return Fields(document.RootElement);
    }

    public override void Write(Utf8JsonWriter writer, Dictionary<string, object?> value, JsonSerializerOptions options) => FieldWriter.Write(writer, value);

    private static Dictionary<string, object?> Fields(JsonElement record)
    {
        Dictionary<string, object?> fields = new(StringComparer.OrdinalIgnoreCase);
        foreach (JsonProperty member in record.EnumerateObject().Where(member => !member.NameEquals(Attributes)))
            fields[member.Name] = Value(member.Value);
        return fields;
    }

    private static object? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.Number => value.TryGetDecimal(out decimal number) ? number : value.GetDouble(),
        JsonValueKind.Array => value.EnumerateArray().Select(Value).ToList(),
        // A subquery's answer is a page; what a reader wants of it are its records, unless there are more of them.
        _ => value.TryGetProperty(Records, out JsonElement records) && value.TryGetProperty("done", out JsonElement done) && done.ValueKind is JsonValueKind.True
            ? Value(records)
            : Fields(value),
    };
}

[JsonSourceGenerationOptions(Converters = [typeof(RecordFieldsConverter)])]
[JsonSerializable(typeof(Dictionary<string, object?>))]
internal sealed partial class RecordFieldsJson : JsonSerializerContext;
