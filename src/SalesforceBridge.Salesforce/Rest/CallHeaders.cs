using System.Globalization;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>The headers by which a call says more than it asks.</summary>
internal static class CallHeaders
{
    private const string CallOptions = "Sforce-Call-Options";

    private const string AutoAssign = "Sforce-Auto-Assign";
    private const string DuplicateRule = "Sforce-Duplicate-Rule-Header";
    private const string QueryOptions = "Sforce-Query-Options";
    private const int SmallestPage = 200;
    private const int LargestPage = 2_000;

    /// <exception cref="ArgumentException">An option cannot be said in a header.</exception>
    public static Dictionary<string, string> Of(CallOptions options)
    {
        Dictionary<string, string> headers = [];
        if (options.Session is { } session)
            Checked(session, "session");
        string?[] calling =
        [
            options.ClientName is { } client ? $"client={Part(client, "client name")}" : null,
            options.DefaultNamespace is { } prefix ? $"defaultNamespace={Part(prefix, "default namespace")}" : null,
        ];
        if (calling.Any(part => part is not null))
            headers[CallOptions] = string.Join(", ", calling.OfType<string>());
        if (options.AssignmentRule is { } rule)
            headers[AutoAssign] = Checked(rule.Value, "assignment rule");
        if (options.AllowDuplicates)
            headers[DuplicateRule] = "allowSave=true";
        if (options.BatchSize is { } size)
            headers[QueryOptions] = $"batchSize={PageSize(size)}";
        return headers;
    }

    private static string PageSize(int size) => size is >= SmallestPage and <= LargestPage
        ? size.ToString(CultureInfo.InvariantCulture)
        : throw new ArgumentException($"A page of a query holds {SmallestPage} to {LargestPage} records, not {size}.", nameof(size));

    /// <summary>A value that goes into a header as it is. What else there is would end the header, or the connection before anything is sent.</summary>
    /// <exception cref="ArgumentException">It holds something else than visible ASCII and blanks; the message does not repeat it.</exception>
    public static string Checked(string value, string what) => value.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0
        ? value
        : throw new ArgumentException($"A header cannot hold the {what}: it has line breaks, other control characters or letters beyond ASCII.", nameof(value));

    private static string Part(string value, string what) => Checked(value, what).AsSpan().IndexOfAny(',', ';') < 0
        ? value
        : throw new ArgumentException($"The {what} '{value}' must not hold a comma or a semicolon.", nameof(value));
}
