using System.Collections.Concurrent;
using System.Globalization;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>Since when each describe says what it says, so that who knows it already is answered 304.</summary>
internal sealed class DescribeHistory(Org org)
{
    /// <summary>What never changed is older than the org's start.</summary>
    private readonly DateTimeOffset _created = org.Now - TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, (byte[] Body, DateTimeOffset Since)> _told = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The describe, or 304 when it is the same since the moment that the caller names.</summary>
    public JsonReply Answer(HttpContext context, JsonReply describe)
    {
        byte[] body = describe.Body.ToArray();
        (_, DateTimeOffset since) = _told.AddOrUpdate(
            context.Request.Path.Value!,
            _ => (body, _created),
            (_, told) => told.Body.AsSpan().SequenceEqual(body) ? told : (body, org.Now));
        context.Response.Headers.LastModified = since.ToString("R", CultureInfo.InvariantCulture);
        return IsKnown(context.Request.Headers.IfModifiedSince, since) ? JsonReply.Empty(StatusCodes.Status304NotModified) : describe;
    }

    // A value that is no date is as good as none.
    private static bool IsKnown(string? condition, DateTimeOffset since) =>
        DateTimeOffset.TryParseExact(condition, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset known)
        && known >= Records.OrgTransaction.Second(since);
}
