using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Soql;

/// <summary>A statement that cannot be run, with the API's code for why.</summary>
internal sealed class SoqlException(string code, string message) : ApiException(400, new ApiError(code, message))
{
    /// <summary>How much of a long line is shown on either side of a place.</summary>
    private const int Shown = 40;

    public static SoqlException Malformed(string message) => new("MALFORMED_QUERY", message);

    public static SoqlException TooComplicated() =>
        new("QUERY_TOO_COMPLICATED", "Query is either selecting too many fields or the filter conditions are too complicated.");

    /// <summary>An error with the line it is in, and a caret below its place.</summary>
    /// <param name="code">The API's.</param>
    /// <param name="text">The whole statement.</param>
    /// <param name="at">The place.</param>
    /// <param name="message">What is wrong there.</param>
    public static SoqlException At(string code, string text, int at, string message)
    {
        int begin = at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;
        int end = text.IndexOf('\n', at) is var found and >= 0 ? found : text.Length;
        int row = text.AsSpan(0, begin).Count('\n') + 1;
        int from = Math.Max(begin, at - Shown);
        string line = text[from..Math.Min(end, at + Shown)].TrimEnd();
        return new SoqlException(code, $"\n{line}\n{new string(' ', at - from)}^\nERROR at Row:{row}:Column:{at - begin + 1}\n{message}");
    }
}
