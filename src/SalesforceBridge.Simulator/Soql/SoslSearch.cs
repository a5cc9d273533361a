using System.Text.RegularExpressions;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Soql;

/// <summary>A SOSL statement: words to find, and the queries whose rows are looked through, one for each object returned.</summary>
/// <param name="Terms">What a record must hold, each somewhere in its fields.</param>
/// <param name="Group">ALL, NAME, EMAIL or PHONE.</param>
/// <param name="Returning">Unbound.</param>
/// <param name="Limit">Of all records together.</param>
internal sealed partial record SoslSearch(IReadOnlyList<Regex> Terms, string Group, IReadOnlyList<SoqlQuery> Returning, int? Limit)
{
    private const int MaxRecords = 2000;

    /// <summary>In milliseconds.</summary>
    private const int LongestMatch = 1000;

    /// <summary>How many records it finds at most.</summary>
    public int Most => Math.Min(Limit ?? MaxRecords, MaxRecords);

    /// <exception cref="SoqlException">MALFORMED_SEARCH, or what is wrong with the query of an object.</exception>
    public static SoslSearch Parse(string sosl)
    {
        Match statement = Statement().Match(sosl);
        if (!statement.Success)
            throw Malformed("No search term found. The search term must be enclosed in braces.");
        string group = statement.Groups["group"] is { Success: true, Value: var named } ? named.ToUpperInvariant() : "ALL";
        if (!statement.Groups["returning"].Success)
            throw new SoqlException("MALFORMED_SEARCH", "The simulator wants a RETURNING clause");
        int? limit = statement.Groups["limit"].Success ? int.Parse(statement.Groups["limit"].ValueSpan) : null;
        return new SoslSearch(ReadTerms(statement.Groups["find"].Value), group, [.. Split(statement.Groups["returning"].Value).Select(ReadObject)], limit);
    }

    /// <summary>Whether every term is somewhere in the record's fields that may be seen.</summary>
    public bool Finds(Record record, Func<ObjectType, Field, bool> isHidden)
    {
        string[] texts = [.. record.Type.Fields.Where(field => IsSearched(field) && !isHidden(record.Type, field)).Select(field => record[field] as string).OfType<string>()];
        return Terms.All(term => Array.Exists(texts, term.IsMatch));
    }

    private bool IsSearched(Field field) => Group switch
    {
        "NAME" => field.Name is "Name" or "FirstName" or "LastName",
        "EMAIL" => field.Type is FieldType.Email,
        "PHONE" => field.Type is FieldType.Phone,
        _ => field.IsText,
    };

    // Words are joined by AND; * and ? stand for letters, quotes hold a phrase together, a backslash takes a sign's meaning away.
    private static Regex[] ReadTerms(string find)
    {
        Regex[] terms = [.. Term().Matches(find).Where(term => term.Value is not "AND").Select(term => ToRegex(term.Value.Trim('"')))];
        return find.Trim().Length > 1 && terms.Length > 0 ? terms : throw Malformed("search term must be longer than one character: " + find);
    }

    private static Regex ToRegex(string term)
    {
        string pattern = TermSign().Replace(term, sign => sign.Value switch
        {
            "*" => @"\w*",
            "?" => @"\w",
            ['\\', var escaped] => Regex.Escape(escaped.ToString()),
            var other => Regex.Escape(other),
        });
        return new Regex($@"(?<!\w){pattern}(?!\w)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(LongestMatch));
    }

    // Account(Id, Name WHERE … LIMIT 5) is a query of its own.
    private static SoqlQuery ReadObject(string text)
    {
        Match parts = Returned().Match(text);
        if (!parts.Success)
            throw Malformed($"unexpected token: '{text.Trim()}'");
        string fields = parts.Groups["fields"] is { Success: true, Value: var named } ? named : SystemFields.Id;
        return SoqlParser.Parse($"select {fields} from {parts.Groups["object"].Value} {parts.Groups["clauses"].Value}");
    }

    private static IEnumerable<string> Split(string returning)
    {
        int from = 0;
        int depth = 0;
        bool quoted = false;
        for (int at = 0; at < returning.Length; at++)
        {
            char sign = returning[at];
            quoted ^= sign == '\'' && returning[Math.Max(0, at - 1)] != '\\';
            depth += quoted ? 0 : sign switch { '(' => 1, ')' => -1, _ => 0 };
            if (sign != ',' || depth > 0 || quoted)
                continue;
            yield return returning[from..at];
            from = at + 1;
        }
        yield return returning[from..];
    }

    private static SoqlException Malformed(string message) => new("MALFORMED_SEARCH", message);

    [GeneratedRegex(
        @"^\s*FIND\s*\{(?<find>(?:[^\\}]|\\.)*)\}(?:\s+IN\s+(?<group>ALL|NAME|EMAIL|PHONE)\s+FIELDS)?(?:\s+RETURNING\s+(?<returning>.+?))?(?:\s+LIMIT\s+(?<limit>\d{1,9}))?\s*$",
        RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.ExplicitCapture, LongestMatch)]
    private static partial Regex Statement();

    [GeneratedRegex("""
        "[^"]*"|(?:\\.|\S)+
        """, RegexOptions.None, LongestMatch)]
    private static partial Regex Term();

    [GeneratedRegex(@"\\.|.", RegexOptions.Singleline, LongestMatch)]
    private static partial Regex TermSign();

    [GeneratedRegex(
        @"^\s*(?<object>\w+)\s*(\(\s*(?<fields>.+?)\s*(?<clauses>\b(where|order|limit|offset)\b.*)?\)\s*)?$",
        RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.ExplicitCapture, LongestMatch)]
    private static partial Regex Returned();
}
