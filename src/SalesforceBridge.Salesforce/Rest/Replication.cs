using System.Globalization;
using System.Text.Json.Serialization;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Which records of an object were created or changed in a span of time (getUpdated).</summary>
/// <param name="Ids">Their ids, 18 characters each; at most 600,000.</param>
/// <param name="LatestDateCovered">
/// Up to where the answer is complete: never after the span's end, and not after the start of a transaction that was still open
/// when the org answered, since its records may be committed later with an earlier <c>SystemModstamp</c>.
/// </param>
public sealed record UpdatedRecords(
    IReadOnlyList<string> Ids,
    [property: JsonConverter(typeof(SalesforceDateTimeConverter))] DateTimeOffset LatestDateCovered)
{
    /// <summary>The org's clock when it answered, in whole seconds; null where the answer had no <c>Date</c>.</summary>
    [JsonIgnore]
    public DateTimeOffset? AnsweredAt { get; init; }
}

/// <summary>Which records of an object were deleted in a span of time (getDeleted).</summary>
/// <param name="Deleted">The records, in the org's order.</param>
/// <param name="EarliestDateAvailable">The oldest moment that the org's log of deletes still knows.</param>
/// <param name="LatestDateCovered">Up to where the answer is complete; see <see cref="UpdatedRecords.LatestDateCovered"/>.</param>
public sealed record DeletedRecords(
    [property: JsonPropertyName("deletedRecords")] IReadOnlyList<DeletedRecord> Deleted,
    [property: JsonConverter(typeof(SalesforceDateTimeConverter))] DateTimeOffset EarliestDateAvailable,
    [property: JsonConverter(typeof(SalesforceDateTimeConverter))] DateTimeOffset LatestDateCovered)
{
    /// <summary>The org's clock when it answered, in whole seconds; null where the answer had no <c>Date</c>.</summary>
    [JsonIgnore]
    public DateTimeOffset? AnsweredAt { get; init; }
}

/// <summary>A record that was deleted.</summary>
/// <param name="Id">Its id, 18 characters.</param>
/// <param name="DeletedDate">When, in whole seconds.</param>
public sealed record DeletedRecord(
    string Id,
    [property: JsonConverter(typeof(SalesforceDateTimeConverter))] DateTimeOffset DeletedDate);

/// <summary>Spans of time as the replication resources take them, and the org's clock in their answers.</summary>
internal static class ReplicationSpan
{
    public static string Query(DateTimeOffset start, DateTimeOffset end) => $"?start={Text(start)}&end={Text(end)}";

    public static DateTimeOffset? AnsweredAt(SalesforceReply reply) =>
        reply.Headers.TryGetValue("Date", out string? date)
        && DateTimeOffset.TryParseExact(date, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment)
            ? moment
            : null;

    private static string Text(DateTimeOffset moment) =>
        Uri.EscapeDataString(moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'+00:00'", CultureInfo.InvariantCulture));
}
