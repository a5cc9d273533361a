using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>A page of a query's result. A property of this type reads the records of a subquery, which is null where there are none.</summary>
/// <param name="TotalSize">How many records the whole result has.</param>
/// <param name="NextRecordsUrl">The path of the next page, good for 2 days; null on the last.</param>
/// <param name="Records">The page's records; 2,000 at most, fewer when they are wide.</param>
public sealed record QueryPage<T>(
    [property: JsonPropertyName("totalSize")] int TotalSize,
    [property: JsonPropertyName("nextRecordsUrl")] string? NextRecordsUrl,
    [property: JsonPropertyName("records")] IReadOnlyList<T> Records);

/// <summary>Reads what a query is answered with.</summary>
internal static class QueryPageReader
{
    /// <exception cref="JsonException">It is no page of a query.</exception>
    public static QueryPage<T> Read<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type) => RecordListReader.Read<QueryPage<T>, T>(body, type, ReadPage);

    private static QueryPage<T> ReadPage<T>(ref Utf8JsonReader reader, RecordListReader<T> records)
    {
        int? totalSize = null;
        string? next = null;
        bool isLast = true;
        List<T> found = [];
        while (RecordListReader.NextMember(ref reader) is { } name)
        {
            switch (name)
            {
                case "totalSize" when reader.TokenType is JsonTokenType.Number:
                    totalSize = reader.GetInt32();
                    break;
                case "done":
                    isLast = reader.TokenType is not JsonTokenType.False;
                    break;
                case "nextRecordsUrl":
                    next = PathOf(ref reader);
                    break;
                case "records":
                    found = records.Read(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (next is null && !isLast)
            throw new JsonException("There are more records, and no page of them.");
        return totalSize is { } total ? new QueryPage<T>(total, next, found) : throw new JsonException("A query's result has a totalSize.");
    }

    // Whoever follows it sends a token along, so it must stay on the org's host.
    private static string? PathOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String when reader.GetString() is { } path && HostPath.IsPlain(path) => path,
        _ => throw new JsonException("A query's next page is a path on the org's host."),
    };
}
