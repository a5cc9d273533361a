using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SalesforceBridge.Salesforce.Rest;

/// <content>Many records by their ids.</content>
public sealed partial class SalesforceClient
{
    private const int MostReadInOneCall = 2_000;

    /// <summary>Records of one object by their ids, 2,000 in a call.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="ids">Their ids.</param>
    /// <param name="fields">The fields to read, at least one; <c>Id</c> comes unasked.</param>
    /// <param name="type">How a record is read.</param>
    /// <param name="ct">Ends the calls.</param>
    /// <returns>A record for each id, in their order; null where the org has none, has deleted it, or hides it from the user.</returns>
    /// <exception cref="Errors.SalesforceException">
    /// The org refused or could not be reached: <c>INVALID_FIELD</c> for a field and <c>NOT_FOUND</c> for an object that the user does not see.
    /// </exception>
    public async Task<IReadOnlyList<T?>> GetObjectsByIdAsync<T>(
        string sObject, IEnumerable<string> ids, IReadOnlyList<string> fields, JsonTypeInfo<T> type, CancellationToken ct)
    {
        List<T?> records = [];
        foreach (string[] chunk in ids.Chunk(MostReadInOneCall))
        {
            // A POST that only reads: as good twice as once.
            var request = new SalesforceRequest(HttpMethod.Post, $"composite/{RecordPath.Object(sObject)}")
            {
                What = $"read {sObject} records",
                Body = RetrieveBody(chunk, fields),
                Repeatable = true,
            };
            records.AddRange(await _exchange.SendAsync(request, reply => ReadRetrieved(reply, chunk.Length, type), ct));
        }

        return records;
    }

    /// <summary>Records of one object by their ids, as JSON; one that is missing is the JSON value null.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="ids">Their ids.</param>
    /// <param name="fields">The fields to read, at least one.</param>
    /// <param name="ct">Ends the calls.</param>
    public Task<IReadOnlyList<JsonElement>> GetObjectsByIdAsync(
        string sObject, IEnumerable<string> ids, IReadOnlyList<string> fields, CancellationToken ct) =>
        GetObjectsByIdAsync(sObject, ids, fields, RestJson.Default.JsonElement, ct);

    private static List<T?> ReadRetrieved<T>(SalesforceReply reply, int count, JsonTypeInfo<T> type)
    {
        List<T?> records = RecordListReader.ReadWithGaps(reply.Body.Span, type);
        return records.Count == count ? records : throw new JsonException("There is not one record or null for each id.");
    }

    private static ReadOnlyMemory<byte> RetrieveBody(string[] ids, IReadOnlyList<string> fields)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            WriteNames(writer, "ids", ids);
            WriteNames(writer, "fields", fields);
            writer.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    private static void WriteNames(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        writer.WriteStartArray(name);
        foreach (string value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }
}
