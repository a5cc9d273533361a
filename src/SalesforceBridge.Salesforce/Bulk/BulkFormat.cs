namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>What stands between two values of a line.</summary>
public enum BulkDelimiter
{
    /// <summary><c>,</c>, which is the org's default.</summary>
    Comma,

    /// <summary>The tab character.</summary>
    Tab,

    /// <summary><c>;</c></summary>
    Semicolon,

    /// <summary><c>|</c></summary>
    Pipe,

    /// <summary><c>^</c></summary>
    Caret,

    /// <summary><c>`</c></summary>
    Backquote,
}

/// <summary>What ends a line.</summary>
public enum BulkLineEnding
{
    /// <summary>A line feed, which is the org's default.</summary>
    Lf,

    /// <summary>A carriage return and a line feed.</summary>
    CrLf,
}

/// <summary>The form of a job's CSV: that of what is sent, and of what comes back.</summary>
/// <param name="Delimiter">What stands between two values.</param>
/// <param name="LineEnding">What ends a line. Values may hold line ends of either sort.</param>
public sealed record BulkFormat(BulkDelimiter Delimiter = BulkDelimiter.Comma, BulkLineEnding LineEnding = BulkLineEnding.Lf)
{
    internal char Separator => Delimiter switch
    {
        BulkDelimiter.Tab => '\t',
        BulkDelimiter.Semicolon => ';',
        BulkDelimiter.Pipe => '|',
        BulkDelimiter.Caret => '^',
        BulkDelimiter.Backquote => '`',
        _ => ',',
    };

    internal string NewLine => LineEnding is BulkLineEnding.CrLf ? "\r\n" : "\n";

    internal string DelimiterName => Delimiter.ToString().ToUpperInvariant();

    internal string LineEndingName => LineEnding is BulkLineEnding.CrLf ? "CRLF" : "LF";

    internal static BulkFormat Read(string? delimiter, string? lineEnding) => new(
        Enum.TryParse(delimiter, ignoreCase: true, out BulkDelimiter known) ? known : BulkDelimiter.Comma,
        lineEnding == "CRLF" ? BulkLineEnding.CrLf : BulkLineEnding.Lf);
}
