namespace SalesforceBridge.Simulator.Soql;

/// <summary>Reads SOQL: an object, its parents and children, conditions, groups and order. TYPEOF, DATA CATEGORY, ROLLUP and functions of dates it does not know.</summary>
internal sealed partial class SoqlParser
{
    // Words that cannot be an object's alias.
    private static readonly string[] Clauses = ["where", "order", "limit", "offset", "group", "for", "having", "with", "using", "all"];

    private static readonly string[] Locks = ["view", "reference", "update"];

    // In characters, as documented; and as deep as nobody means it.
    private const int MaxLength = 100_000;
    private const int MaxDepth = 1_000;

    private readonly string _text;
    private readonly List<Token> _tokens;
    private int _next;
    private int _depth;

    private SoqlParser(string text) => (_text, _tokens) = (text, SoqlLexer.Read(text));

    /// <exception cref="SoqlException">MALFORMED_QUERY, QUERY_TOO_COMPLICATED.</exception>
    public static SoqlQuery Parse(string soql)
    {
        if (soql.Length > MaxLength)
            throw SoqlException.TooComplicated();
        var parser = new SoqlParser(soql);
        SoqlQuery query = parser.Query();
        parser.ExpectEnd();
        return query;
    }

    /// <summary>What could follow WHERE, alone.</summary>
    /// <exception cref="SoqlException">MALFORMED_QUERY.</exception>
    public static Condition ParseCondition(string text)
    {
        var parser = new SoqlParser(text);
        Condition condition = parser.Conditions(parser.Path);
        parser.ExpectEnd();
        return condition;
    }

    private Token Current => _tokens[_next];

    private SoqlQuery Query()
    {
        Expect("select");
        SoqlQuery query = Selection(new SoqlQuery { Text = _text, From = "" });
        Expect("from");
        query = query with { FromAt = Current.Position, From = Name() };
        query = query with
        {
            Alias = Current.Kind is TokenKind.Name && !Array.Exists(Clauses, Current.Is) ? Name() : null,
            Where = Accept("where") ? Conditions(Path) : null,
        };
        return Tail(Groups(query));
    }

    private SoqlQuery Selection(SoqlQuery query)
    {
        if (Current.Is("count") && Next.Is("(") && _tokens[_next + 2].Is(")"))
        {
            _next += 3;
            return query with { IsCount = true };
        }
        do
        {
            query = Selected(query);
        }
        while (Accept(","));
        return query;
    }

    private SoqlQuery Selected(SoqlQuery query)
    {
        if (Accept("("))
        {
            SoqlQuery child = Inside(Query);
            Expect(")");
            return query with { Children = [.. query.Children, child] };
        }
        if (Current.Is("fields") && Next.Is("("))
        {
            _next += 2;
            FieldSet set = Current.Kind is TokenKind.Name && Enum.TryParse(Current.Text, ignoreCase: true, out FieldSet named) ? named : throw Unexpected();
            _next++;
            Expect(")");
            return query with { FieldSets = [.. query.FieldSets, set] };
        }
        FieldPath path = Operand();
        if (Current.Kind is TokenKind.Name && !Current.Is("from"))
            path = path with { Alias = Name() };
        return query with { Select = [.. query.Select, path] };
    }

    private SoqlQuery Groups(SoqlQuery query)
    {
        if (!Accept("group"))
            return query;
        Expect("by");
        return query with { GroupBy = Several(Path), Having = Accept("having") ? Conditions(Operand) : null };
    }

    private SoqlQuery Tail(SoqlQuery query)
    {
        query = query with
        {
            OrderBy = Accept("order") ? SortKeys() : [],
            Limit = Accept("limit") ? Number() : null,
            Offset = Accept("offset") ? Number() : 0,
        };
        // Nobody else works in this org, so that a lock means nothing; nor does it remember what was looked at.
        while (Accept("for"))
        {
            if (!Array.Exists(Locks, Accept))
                throw Unexpected();
        }
        if (!Accept("all"))
            return query;
        Expect("rows");
        return query with { AllRows = true };
    }

    private List<SortKey> SortKeys()
    {
        Expect("by");
        return Several(SortKey);
    }

    private SortKey SortKey()
    {
        FieldPath path = Operand();
        bool descending = Accept("desc");
        if (!descending)
            Accept("asc");
        bool nullsLast = false;
        if (Accept("nulls"))
        {
            nullsLast = Accept("last");
            if (!nullsLast)
                Expect("first");
        }
        return new SortKey(path, descending, nullsLast);
    }

    /// <summary>A field, or an aggregate of one.</summary>
    private FieldPath Operand()
    {
        if (!Next.Is("(") || FunctionOf(Current.Text) is not { } function)
            return Path();
        int at = Current.Position;
        _next += 2;
        FieldPath path = Path() with { At = at, Function = function };
        Expect(")");
        return path;
    }

    private static AggregateFunction? FunctionOf(string name) => name.ToUpperInvariant() switch
    {
        "COUNT" => AggregateFunction.Count,
        "COUNT_DISTINCT" => AggregateFunction.CountDistinct,
        "SUM" => AggregateFunction.Sum,
        "AVG" => AggregateFunction.Avg,
        "MIN" => AggregateFunction.Min,
        "MAX" => AggregateFunction.Max,
        _ => null,
    };

    private FieldPath Path()
    {
        int at = Current.Position;
        return new FieldPath(Name().Split('.')) { At = at };
    }

    private List<T> Several<T>(Func<T> read)
    {
        List<T> all = [read()];
        while (Accept(","))
            all.Add(read());
        return all;
    }
}
