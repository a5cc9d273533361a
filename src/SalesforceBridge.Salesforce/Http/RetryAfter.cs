using System.Net.Http.Headers;

namespace SalesforceBridge.Salesforce.Http;

/// <summary>The header by which a server says when to come back.</summary>
internal static class RetryAfter
{
    // Who says more means it as little as a timer could wait for it.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>How long the answer asks to wait, whether it names seconds or a date; null when it says nothing. At most a day.</summary>
    public static TimeSpan? Of(HttpResponseMessage response, TimeProvider time)
    {
        RetryConditionHeaderValue? header = response.Headers.RetryAfter;
        TimeSpan? wait = header?.Delta ?? header?.Date - time.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Longest ? Longest : wait;
    }
}
