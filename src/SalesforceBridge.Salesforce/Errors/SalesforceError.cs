using System.Net;

namespace SalesforceBridge.Salesforce.Errors;

/// <summary>One error as the org told it.</summary>
/// <param name="Code">
/// The org's <c>errorCode</c> (<c>statusCode</c> in item results), or one of <see cref="OwnCodes"/> when it named none.
/// </param>
/// <param name="Message">The org's text; it may quote field values, so it is for the operator and not for metrics.</param>
/// <param name="Fields">The fields it is about; often empty.</param>
/// <param name="Status">The HTTP status of the answer; null when there was none.</param>
public sealed record SalesforceError(string Code, string Message, IReadOnlyList<string> Fields, HttpStatusCode? Status)
{
    /// <summary>Code, text and fields, as an operator reads them.</summary>
    public override string ToString() =>
        Fields.Count == 0 ? $"{Code}: {Message}" : $"{Code}: {Message} (fields: {string.Join(", ", Fields)})";
}

/// <summary>Codes for what the org does not name itself.</summary>
public static class OwnCodes
{
    /// <summary>No connection came about, so nothing was sent.</summary>
    public const string NotReached = "NOT_REACHED";

    /// <summary>The request may have arrived, but its answer did not: a timeout, or a connection lost.</summary>
    public const string NoReply = "NO_REPLY";

    /// <summary>HTTP says success and the body is not what such a call answers with.</summary>
    public const string UnusableReply = "UNUSABLE_REPLY";

    /// <summary>A record was refused without a word.</summary>
    public const string NoReason = "NO_REASON_GIVEN";

    /// <summary>HTTP 300: more than one record has the external id.</summary>
    public const string MultipleChoices = "MULTIPLE_CHOICES";

    /// <summary>An answer without an error code of the API, such as a page of HTML: <c>HTTP_503</c>.</summary>
    /// <param name="status">Its status.</param>
    public static string Http(HttpStatusCode status) => $"HTTP_{(int)status}";
}
