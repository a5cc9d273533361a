using SalesforceBridge.Messaging;

namespace SalesforceBridge.Sources.Soql;

/// <summary>
/// The query of a source, taken apart as far as the bridge adds to it: the fields it selects, its object, and what it asks of rows.
/// What they mean the org judges; here it is only sure that a part ends where it seems to.
/// </summary>
internal sealed record SoqlQuery
{
    /// <summary>The most rows that one page has: what an org sends in one answer.</summary>
    public const int PageSize = 2000;

    private const string Id = "Id";
    private const string Modstamp = "SystemModstamp";

    private static readonly string[] Aggregates = ["count", "count_distinct", "sum", "avg", "min", "max", "grouping"];

    private static readonly (string Word, string Why)[] Clauses =
    [
        ("group", "`group by` makes rows that are no records; group in the route's statement"),
        ("having", "`having` asks something of groups; filter in the route's statement"),
        ("order", "`order by` is the bridge's own: rows come in the order in which they changed; remove it"),
        ("limit", "`limit` would leave out rows for ever; remove it"),
        ("offset", "`offset` would leave out rows for ever; remove it"),
        ("for", "`for view`, `for reference` and `for update` change or lock records; remove it"),
        ("all", "`all rows` is not for the API; write `deletes: yes` to hear of deleted records"),
        ("update", "`update tracking` and `update viewstat` count somebody's reading; remove it"),
        ("with", "`with` is not for a source; remove it (the integration user's rights hold in any case)"),
        ("using", "`using scope` depends on who asks; say in `where` which rows are meant"),
    ];

    private SoqlQuery(string select, string sObject, string alias, string? where) => (Select, SObject, Alias, Where) = (select, sObject, alias, where);

    /// <summary>The fields, <c>Id</c> and <c>SystemModstamp</c> among them.</summary>
    public string Select { get; }

    /// <summary>The object whose records are the rows.</summary>
    public string SObject { get; }

    /// <summary>What the query calls its object, with the blank before; empty for nothing.</summary>
    public string Alias { get; }

    /// <summary>What it asks of rows; null for nothing.</summary>
    public string? Where { get; }

    /// <summary>The query of a source <c>soql 5m: select ...</c>.</summary>
    /// <exception cref="FormatException">The bridge cannot add its part to this query; the message says what to do.</exception>
    public static SoqlQuery Of(SourceName source) => Parse(source.Argument[(source.Argument.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());

    /// <summary>Takes a query apart.</summary>
    /// <exception cref="FormatException">As for a source.</exception>
    public static SoqlQuery Parse(string soql)
    {
        List<SoqlToken> tokens = SoqlTokens.Read(soql);
        int from = tokens.FindIndex(token => token.Depth == 0 && token.Is("from"));
        if (tokens.Count == 0 || !tokens[0].Is("select") || from < 2)
            throw new FormatException("a query is `select`, fields, `from` and an object (`select Id, Name from Account`)");
        if (from + 1 == tokens.Count || !IsName(tokens[from + 1]))
            throw new FormatException("after `from` stands no object; name one (`select Id, Name from Account`)");
        SoqlToken sObject = tokens[from + 1];
        int next = from + 2;
        SoqlToken? alias = next < tokens.Count && IsName(tokens[next]) && !IsClause(tokens[next]) ? tokens[next++] : null;
        List<SoqlToken[]> fields = [.. FieldsOf(tokens[1..from], sObject.Text)];
        string[] missing = [.. new[] { Id, Modstamp }.Where(name => !fields.Exists(field => Names(field, name, sObject.Text, alias?.Text)))];
        return new SoqlQuery(
            string.Join(", ", [soql[tokens[1].At..tokens[from - 1].End], .. missing]), sObject.Text, alias is { } called ? $" {called.Text}" : "",
            WhereOf(soql, tokens[next..]));
    }

    /// <summary>The next rows that changed at or after a place and before a moment, in the order in which they changed.</summary>
    /// <param name="after">The place behind the last row that is known; null for all.</param>
    /// <param name="before">The moment.</param>
    /// <param name="most">How many.</param>
    public string After(SoqlPlace? after, DateTimeOffset before, int most)
    {
        List<string> conditions = [];
        if (Where is not null)
            conditions.Add($"({Where})");
        // The first of the two is what the org's index helps with.
        if (after is { } place)
            conditions.Add($"{Modstamp} >= {Literal(place.Modstamp)}");
        if (after is { Id: { } id } last)
            conditions.Add($"({Modstamp} > {Literal(last.Modstamp)} or {Id} > '{id}')");
        conditions.Add($"{Modstamp} < {Literal(before)}");
        return $"select {Select} from {SObject}{Alias} where {string.Join(" and ", conditions)} order by {Modstamp}, {Id} limit {most}";
    }

    private static string Literal(DateTimeOffset moment) => SoqlPosition.Text(moment);

    private static IEnumerable<SoqlToken[]> FieldsOf(List<SoqlToken> tokens, string sObject)
    {
        List<SoqlToken> field = [];
        foreach (SoqlToken token in tokens)
        {
            if (token is { Depth: 0, Text: "," })
            {
                yield return Checked(field, sObject);
                field.Clear();
            }
            else
            {
                field.Add(token);
            }
        }

        yield return Checked(field, sObject);
    }

    private static SoqlToken[] Checked(List<SoqlToken> field, string sObject) => field switch
    {
        [] => throw new FormatException("between two commas of `select` stands no field; remove a comma"),
        [{ Text: "(" }, ..] => throw new FormatException(
            "a query inside of `select` yields the children of a row, and a child that changes does not change the row; make a source of the children's object"),
        [var first, ..] when first.Is("typeof") => throw new FormatException(
            "`typeof` yields other fields from row to row; name the fields themselves (`What.Name`)"),
        [var first, { Text: "(" }, ..] when first.Is("fields") => throw new FormatException(
            "`fields(...)` yields what the org has at the moment; name the fields"),
        [var first, { Text: "(" }, ..] when Array.Exists(Aggregates, first.Is) => throw new FormatException(
            $"`{first.Text}(...)` counts over many rows, and each message is one row; select fields of {sObject} and count in the route's statement"),
        _ => [.. field],
    };

    // A path may begin with the object's own name or alias.
    private static bool Names(SoqlToken[] field, string name, string sObject, string? alias) =>
        field is [var only] && (only.Is(name) || only.Is($"{sObject}.{name}") || (alias is not null && only.Is($"{alias}.{name}")));

    private static string? WhereOf(string soql, List<SoqlToken> rest)
    {
        if (rest.Find(token => token.Depth == 0 && IsClause(token) && !token.Is("where")) is { Text: not null } clause)
            throw new FormatException(Clauses.First(known => clause.Is(known.Word)).Why);
        return rest switch
        {
            [] => null,
            [{ Text: "," }, ..] => throw new FormatException("a source has one object; remove what follows the comma after it"),
            [var where, ..] when !where.Is("where") => throw new FormatException($"`{where.Text}` is not understood here; after the object stands `where`, or nothing"),
            [_] => throw new FormatException("after `where` stands nothing; say which rows are meant, or remove it"),
            [_, .. var conditions] => Checked(soql, conditions),
        };
    }

    private static string Checked(string soql, List<SoqlToken> conditions)
    {
        if (conditions.Exists(IsVariable))
            throw new FormatException("`:name` is a variable of Apex; write its value");
        if (conditions.Exists(token => token is { Depth: 0, Kind: SoqlTokenKind.Word } && token.Is("where")))
            throw new FormatException("a second `where` stands in the query; combine them with `and`");
        return soql[conditions[0].At..conditions[^1].End];
    }

    private static bool IsName(SoqlToken token) =>
        token.Kind == SoqlTokenKind.Word && char.IsAsciiLetter(token.Text[0]) && token.Text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    // After the colon of LAST_N_DAYS:30 and of a time stands a digit.
    private static bool IsVariable(SoqlToken token) => token.Text == ":"
        || (token.Kind == SoqlTokenKind.Word && token.Text.IndexOf(':', StringComparison.Ordinal) is var colon and > 0 && colon + 1 < token.Text.Length
            && char.IsLetter(token.Text[colon + 1]));

    private static bool IsClause(SoqlToken token) => token.Is("where") || Array.Exists(Clauses, clause => token.Is(clause.Word));
}

/// <summary>A place in the order in which records changed.</summary>
/// <param name="Modstamp">A record's <c>SystemModstamp</c>.</param>
/// <param name="Id">Its id; null for the place before all records of that time.</param>
internal readonly record struct SoqlPlace(DateTimeOffset Modstamp, string? Id);
