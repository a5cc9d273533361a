using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SalesforceBridge.Salesforce.Rest;

/// <content>Full-text search.</content>
public sealed partial class SalesforceClient
{
    /// <summary>The records that a SOSL search finds, of every object it returns, best first within each; 2,000 at most.</summary>
    /// <param name="sosl">
    /// The search, such as <c>FIND {Acme} IN ALL FIELDS RETURNING Account(Id, Name)</c>. The org's index follows its records with a delay of seconds to minutes.
    /// </param>
    /// <param name="type">How a record is read.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="Errors.SalesforceException">
    /// The org refused or could not be reached: <c>MALFORMED_SEARCH</c> for a search it cannot read, <c>INVALID_TYPE</c> and
    /// <c>INVALID_FIELD</c> for what the user does not see.
    /// </exception>
    public Task<IReadOnlyList<T>> SearchAsync<T>(string sosl, JsonTypeInfo<T> type, CancellationToken ct) =>
        GetAsync<IReadOnlyList<T>>($"search?q={Uri.EscapeDataString(sosl)}", "search", body => RecordListReader.Read<List<T>, T>(body, type, ReadFound), ct);

    /// <summary>The records that a SOSL search finds, as JSON; <c>attributes.type</c> says which object each is of.</summary>
    /// <param name="sosl">The search.</param>
    /// <param name="ct">Ends the call.</param>
    public Task<IReadOnlyList<JsonElement>> SearchAsync(string sosl, CancellationToken ct) => SearchAsync(sosl, RestJson.Default.JsonElement, ct);

    private static List<T> ReadFound<T>(ref Utf8JsonReader reader, RecordListReader<T> records)
    {
        List<T>? found = null;
        while (RecordListReader.NextMember(ref reader) is { } name)
        {
            if (name == "searchRecords")
                found = records.Read(ref reader);
            else
                reader.Skip();
        }

        return found ?? throw new JsonException("A search is answered with searchRecords.");
    }
}
