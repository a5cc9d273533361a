using System.Globalization;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>The header that says since when an answer has been as it is, in whole seconds.</summary>
internal static class LastModified
{
    /// <summary>The moment, and whether nothing can have changed in what was left of its second; null where the answer does not say.</summary>
    public static (DateTimeOffset At, bool IsOver)? Of(SalesforceReply reply) => Moment(reply, "Last-Modified") is { } modified
        ? (modified, Moment(reply, "Date") > modified)
        : null;

    private static DateTimeOffset? Moment(SalesforceReply reply, string header) =>
        reply.Headers.TryGetValue(header, out string? text)
        && DateTimeOffset.TryParseExact(text, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment)
            ? moment
            : null;
}
