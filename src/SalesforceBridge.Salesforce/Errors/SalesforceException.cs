using System.Net;

namespace SalesforceBridge.Salesforce.Errors;

/// <summary>A call to the org that did not succeed as a whole.</summary>
/// <param name="what">What was being done, such as <c>update Account</c>.</param>
/// <param name="errors">What the org said, at least one.</param>
/// <param name="errorClass">What to make of it.</param>
/// <param name="retryAfter">How long the org asked to wait, if it did.</param>
/// <param name="inner">What caused it, where it is not an answer of the org.</param>
public sealed class SalesforceException(
    string what, IReadOnlyList<SalesforceError> errors, ErrorClass errorClass, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(Text(what, errors), inner)
{
    private const int LongestText = 1_000;

    /// <summary>What the org said; at least one.</summary>
    public IReadOnlyList<SalesforceError> Errors { get; } = errors;

    /// <summary>What helps, and whom it blames.</summary>
    public ErrorClass Class { get; } = errorClass;

    /// <summary>How long the org asked to wait (<c>Retry-After</c>), or how long no token will be asked for; null when neither.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>What the org answered, as it came: up to 64 KB of it; empty when there was no such answer. It may hold field values.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The first error's code.</summary>
    public string Code => Errors[0].Code;

    /// <summary>The HTTP status of the answer; null when there was none.</summary>
    public HttpStatusCode? Status => Errors[0].Status;

    /// <summary>Whether the call had a condition that the record does not meet any more (HTTP 412). Nothing was done.</summary>
    public bool ChangedMeanwhile => Status is HttpStatusCode.PreconditionFailed;

    /// <summary>Whether the org may have acted all the same: a create may exist, an event may have been published.</summary>
    public bool InDoubt => Class.InDoubt;

    private static string Text(string what, IReadOnlyList<SalesforceError> errors)
    {
        string said = string.Join("; ", errors);
        string status = errors[0].Status is { } code ? $" (HTTP {(int)code})" : "";
        return $"{what} failed: {(said.Length > LongestText ? said[..LongestText] + "..." : said)}{status}";
    }
}
