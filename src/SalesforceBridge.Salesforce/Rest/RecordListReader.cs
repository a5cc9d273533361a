using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Reads a JSON array of records one by one, so that their list needs no metadata of its own.</summary>
internal static class RecordListReader
{
    /// <exception cref="JsonException">It is no array, or a record is null or of another form.</exception>
    public static List<T> Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type) =>
        [.. ReadWithGaps(json, type).Select(record => record ?? throw new JsonException("A record is null."))];

    /// <summary>As <see cref="Read"/>, but a null stays where it is: the org has no such record.</summary>
    /// <exception cref="JsonException">It is no array, or a record is of another form.</exception>
    public static List<T?> ReadWithGaps<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartArray)
            throw new JsonException("Records are a list.");
        List<T?> records = [];
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
            records.Add(JsonSerializer.Deserialize(ref reader, type));
        return records;
    }
}
