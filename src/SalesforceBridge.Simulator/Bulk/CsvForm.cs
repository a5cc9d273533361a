using System.Text;
using CsvHelper;

namespace SalesforceBridge.Simulator.Bulk;

/// <summary>The form of a job's CSV.</summary>
/// <param name="Delimiter">As the API names it: <c>COMMA</c>.</param>
/// <param name="LineEnding"><c>LF</c> or <c>CRLF</c>.</param>
internal sealed record CsvForm(string Delimiter, string LineEnding)
{
    private static readonly Dictionary<string, char> Delimiters = new(StringComparer.Ordinal)
    {
        ["COMMA"] = ',',
        ["TAB"] = '\t',
        ["SEMICOLON"] = ';',
        ["PIPE"] = '|',
        ["CARET"] = '^',
        ["BACKQUOTE"] = '`',
    };

    public char Separator => Delimiters[Delimiter];

    public string NewLine => LineEnding == "CRLF" ? "\r\n" : "\n";

    public bool IsKnown => Delimiters.ContainsKey(Delimiter) && LineEnding is "LF" or "CRLF";

    public CsvReader Read(Stream content) => CsvReader.Create(
        content,
        new CsvReaderOptions { Separator = Separator, DetectSeparatorHint = false, MalformedData = CsvMalformedDataHandling.Throw },
        leaveOpen: true);

    /// <summary>A line with every value in quotes: a client that takes any delimiter for one would stumble over bare ones.</summary>
    public byte[] Line(params IEnumerable<string> values) => Encoding.UTF8.GetBytes(
        string.Join(Separator, values.Select(value => $"\"{value.Replace("\"", "\"\"")}\"")) + NewLine);

    /// <summary>Whether the first line ends as was declared.</summary>
    public bool EndsLines(Stream content)
    {
        int before = -1;
        for (int next = content.ReadByte(); next >= 0; (before, next) = (next, content.ReadByte()))
        {
            if (next == '\n')
                return before == '\r' == (LineEnding == "CRLF");
        }
        return true;
    }
}
