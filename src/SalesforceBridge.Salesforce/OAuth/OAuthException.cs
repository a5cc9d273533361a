using System.Net;

namespace SalesforceBridge.Salesforce.OAuth;

/// <summary>No token: the org refused the grant, or could not be reached.</summary>
/// <param name="message">What happened and what to do; never a secret.</param>
/// <param name="isFatal">Whether the org refused, so that asking again as before cannot help.</param>
/// <param name="retryAfter">How long the source waits before it asks the org again, if it does wait.</param>
/// <param name="inner">What caused it.</param>
public sealed class OAuthException(string message, bool isFatal, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>
    /// True when the org refused (<c>invalid_grant</c>, <c>invalid_client_id</c>, ...): someone must change a setting here or in
    /// the org. False for what passes by itself: outages, limits, a broken network.
    /// </summary>
    public bool IsFatal { get; } = isFatal;

    /// <summary>How long the source waits before it asks the org again; null when the next call asks at once.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>The org's word for the fault, such as <c>invalid_grant</c>; null when it gave none.</summary>
    public string? Code { get; init; }

    /// <summary>The HTTP status of the answer; null when there was none.</summary>
    public HttpStatusCode? Status { get; init; }

    internal OAuthException Again(TimeSpan retryAfter) =>
        new(Message, IsFatal, retryAfter, this) { Code = Code, Status = Status };
}
