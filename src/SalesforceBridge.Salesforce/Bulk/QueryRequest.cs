using System.Text.Json;

namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>A query job to be made.</summary>
/// <param name="Soql">
/// The query, at most 100,000 characters. Bulk queries have no aggregates, <c>GROUP BY</c>, <c>OFFSET</c>, <c>TYPEOF</c>, child queries and
/// compound fields (Bulk API 2.0, Create a Query Job).
/// </param>
public sealed record QueryRequest(string Soql)
{
    /// <summary>Whether deleted records are wanted too, while they are in the recycle bin.</summary>
    public bool WithDeleted { get; init; }

    /// <summary>The form of the CSV.</summary>
    public BulkFormat Format { get; init; } = new();

    /// <summary>The most rows in one page; null, the default, leaves it to the org. A hint: pages may be smaller.</summary>
    public int? MaxRecords { get; init; }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteString("operation", WithDeleted ? "queryAll" : "query");
        json.WriteString("query", Soql);
        json.WriteString("columnDelimiter", Format.DelimiterName);
        json.WriteString("lineEnding", Format.LineEndingName);
    }
}
