using System.Net;
using System.Text.RegularExpressions;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>Reads the texts in which jobs tell their errors.</summary>
internal static partial class BulkError
{
    /// <summary>
    /// The errors of a row, from <c>sf__Error</c>: <c>CODE:text:Field__c Other__c --</c>, where each field has a blank behind it and there may
    /// be none; several follow one another.
    /// </summary>
    /// <returns>At least one error.</returns>
    public static IReadOnlyList<SalesforceError> OfRow(string? text)
    {
        SalesforceError[] errors = [.. RowErrors().Matches(text ?? "").Select(match => new SalesforceError(
            match.Groups["code"].Value,
            match.Groups["text"].Value,
            match.Groups["fields"].Value.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries),
            HttpStatusCode.OK))];
        return errors.Length > 0 ? errors : [new SalesforceError(OwnCodes.NoReason, text ?? "", [], HttpStatusCode.OK)];
    }

    /// <summary>The error of a job, from <c>errorMessage</c>: <c>InvalidBatch : Field name not found : Foo__c</c>.</summary>
    public static SalesforceError OfJob(string? text)
    {
        Match match = JobError().Match(text ?? "");
        return match.Success
            // REST answers tell the same codes in capitals.
            ? new SalesforceError(match.Groups["code"].Value.ToUpperInvariant(), match.Groups["text"].Value, [], HttpStatusCode.OK)
            : new SalesforceError(OwnCodes.NoReason, text ?? "the org does not say why the job failed", [], HttpStatusCode.OK);
    }

    // The text has colons and dashes of its own: an error ends where another one begins, or at the end. Some have no end of their own.
    [GeneratedRegex(@"\G(?<code>[A-Z][A-Z0-9_]+) ?:(?<text>.*?)(:(?<fields>[\w. ,]*)--)?(;?(?=[A-Z][A-Z0-9_]{3,}:)(?<=--;?)|\z)",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex RowErrors();

    [GeneratedRegex(@"\A(?<code>[A-Za-z_]+) ?: ?(?<text>.*)\z", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex JobError();
}
