using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>A page of a query's result.</summary>
/// <param name="TotalSize">How many records the whole result has.</param>
/// <param name="NextRecordsUrl">The path of the next page, good for 2 days; null on the last.</param>
/// <param name="Records">The page's records; 2,000 at most, fewer when they are wide.</param>
public sealed record QueryPage<T>(int TotalSize, string? NextRecordsUrl, IReadOnlyList<T> Records);

/// <summary>Reads a page record by record, so that its type needs no metadata of its own.</summary>
internal static class QueryPageReader
{
    /// <exception cref="JsonException">It is no page of a query.</exception>
    public static QueryPage<T> Read<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type)
    {
        int? totalSize = null;
        string? next = null;
        List<T> records = [];
        foreach (JsonMember member in new JsonMembers(body))
        {
            if (member.Is("totalSize"u8) && int.TryParse(member.Value, out int size))
                totalSize = size;
            else if (member.Is("nextRecordsUrl"u8))
                next = PathOf(member);
            else if (member.Is("records"u8))
                records = RecordListReader.Read(member.Value, type);
        }

        return totalSize is { } total
            ? new QueryPage<T>(total, next, records)
            : throw new JsonException("A query's result has a totalSize.");
    }

    // Whoever follows it sends a token along, so it must stay on the org's host.
    private static string? PathOf(JsonMember member) => member.Text switch
    {
        null => null,
        ['/', not '/', ..] path => path,
        _ => throw new JsonException("A query's next page is a path on the org's host."),
    };
}
