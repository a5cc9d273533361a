using System.Text.RegularExpressions;

namespace SalesforceBridge.Messaging;

/// <summary>
/// The header lines at the top of a route's file: comment lines <c>-- name: value</c>, split at the first colon, the value verbatim.
/// A comment line of another shape is prose and blank lines do not matter; the first line that is neither begins the statement.
/// </summary>
internal sealed class RouteHeaders(RouteFaults faults)
{
    public const string On = "on", Do = "do", Key = "key", From = "from", Replay = "replay", Nulls = "nulls", OncePer = "once per",
        WhenDead = "when dead", WhenInDoubt = "when in doubt", Retry = "retry", Timeout = "timeout", Batch = "batch", Was = "was",
        Enabled = "enabled", As = "as", Misfire = "misfire", Bulk = "bulk", Reply = "reply", Takes = "takes", Columns = "columns",
        Mode = "mode", Reconcile = "reconcile", Deletes = "deletes", Together = "together";

    /// <summary>Headers that other features read; a definition hands them on as text.</summary>
    public static readonly IReadOnlyList<string> Other = [Bulk];

    private static readonly string[] Known =
        [On, Do, Key, From, Replay, Nulls, OncePer, WhenDead, WhenInDoubt, Retry, Timeout, Batch, Was, Enabled, As, Reply, Takes, Misfire, Columns, Mode, Reconcile, Deletes, Together, .. Other];

    private readonly Dictionary<string, int> _lines = [];
    private readonly Dictionary<string, string> _values = [];

    /// <summary>The file's text after the header lines.</summary>
    public string Body { get; private set; } = "";

    /// <summary>The line of the file that <see cref="Body"/> starts on, from 1.</summary>
    public int BodyLine { get; private set; } = 1;

    public static RouteHeaders Read(string text, RouteFaults faults)
    {
        var headers = new RouteHeaders(faults);
        int line = 1, at = 0;
        while (at < text.Length)
        {
            int end = text.IndexOf('\n', at);
            int next = end < 0 ? text.Length : end + 1;
            string content = text[at..next].Trim();
            if (content.Length > 0 && !content.StartsWith("--", StringComparison.Ordinal))
                break;
            headers.ReadLine(line, content);
            (at, line) = (next, line + 1);
        }

        (headers.Body, headers.BodyLine) = (text[at..], line);
        return headers;
    }

    /// <summary>The file has the header, be its value right or wrong.</summary>
    public bool Has(string name) => _lines.ContainsKey(name);

    public int LineOf(string name) => _lines[name];

    /// <summary>A header's value, or <paramref name="otherwise"/> when the file has none or a wrong one, which is a fault.</summary>
    /// <param name="name">The header.</param>
    /// <param name="otherwise">The value without the header.</param>
    /// <param name="parse">Throws a FormatException that says what to write.</param>
    public T Value<T>(string name, T otherwise, Func<string, T> parse)
    {
        if (!_values.TryGetValue(name, out string? value))
            return otherwise;
        try
        {
            return parse(value);
        }
        catch (FormatException fault)
        {
            faults.Add(_lines[name], $"{name}: {fault.Message}");
            return otherwise;
        }
    }

    private void ReadLine(int line, string content)
    {
        Match header = Shapes.HeaderLine().Match(content);
        if (!header.Success)
            return;

        string[] words = header.Groups["name"].Value.ToLowerInvariant().Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        string name = string.Join(' ', words);
        string value = header.Groups["value"].Value.Trim();
        if (!Known.Contains(name))
            faults.Add(line, $"`{name}:` is no header; {Nearest.To(name, Known)} (A remark up here has no colon after its first words.)");
        else if (!_lines.TryAdd(name, line))
            faults.Add(line, $"`{name}:` stands on line {_lines[name]} already; keep one of them");
        else if (value.Length == 0)
            faults.Add(line, $"`{name}:` has no value; write one after the colon or remove the line");
        else
            _values[name] = value;
    }
}
