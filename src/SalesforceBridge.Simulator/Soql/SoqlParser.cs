namespace SalesforceBridge.Simulator.Soql;

/// <summary>Reads the part of SOQL that the simulator runs: one object, its parents, WHERE, ORDER BY, LIMIT, OFFSET, COUNT().</summary>
internal sealed class SoqlParser
{
    // Words that cannot be an object's alias.
    private static readonly string[] Clauses = ["where", "order", "limit", "offset", "group", "for", "having", "with", "using"];

    private readonly List<Token> _tokens;
    private int _next;

    private SoqlParser(string text) => _tokens = SoqlLexer.Read(text);

    /// <exception cref="SoqlException">MALFORMED_QUERY.</exception>
    public static SoqlQuery Parse(string soql)
    {
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
        Condition condition = parser.Disjunction();
        parser.ExpectEnd();
        return condition;
    }

    private Token Current => _tokens[_next];

    private SoqlQuery Query()
    {
        Expect("select");
        List<FieldPath> select = Selection();
        Expect("from");
        string from = Name();
        string? alias = Current.Kind is TokenKind.Name && !Array.Exists(Clauses, Current.Is) ? Name() : null;
        return new SoqlQuery
        {
            From = from,
            Alias = alias,
            Select = select,
            Where = Accept("where") ? Disjunction() : null,
            OrderBy = Accept("order") ? SortKeys() : [],
            Limit = Accept("limit") ? Number() : null,
            Offset = Accept("offset") ? Number() : 0,
        };
    }

    private List<FieldPath> Selection()
    {
        if (Current.Is("count") && _tokens[_next + 1].Is("("))
        {
            Expect("count");
            Expect("(");
            Expect(")");
            return [];
        }
        List<FieldPath> fields = [Path()];
        while (Accept(","))
            fields.Add(Path());
        return fields;
    }

    private Condition Disjunction()
    {
        Condition left = Conjunction();
        while (Accept("or"))
            left = new Condition.Or(left, Conjunction());
        return left;
    }

    private Condition Conjunction()
    {
        Condition left = Negation();
        while (Accept("and"))
            left = new Condition.And(left, Negation());
        return left;
    }

    private Condition Negation()
    {
        if (Accept("not"))
            return new Condition.Not(Negation());
        if (!Accept("("))
            return Comparison();
        Condition inner = Disjunction();
        Expect(")");
        return inner;
    }

    private Condition.Compare Comparison()
    {
        FieldPath path = Path();
        if (Accept("not"))
        {
            Expect("in");
            return new Condition.Compare(path, Operator.NotIn, Literals());
        }
        if (Accept("in"))
            return new Condition.Compare(path, Operator.In, Literals());
        Operator comparison = Current.Text.ToUpperInvariant() switch
        {
            "=" => Operator.Equal,
            "!=" or "<>" => Operator.NotEqual,
            "<" => Operator.Less,
            "<=" => Operator.LessOrEqual,
            ">" => Operator.Greater,
            ">=" => Operator.GreaterOrEqual,
            "LIKE" => Operator.Like,
            _ => throw Unexpected(),
        };
        _next++;
        return new Condition.Compare(path, comparison, [Literal()]);
    }

    private List<object?> Literals()
    {
        Expect("(");
        List<object?> literals = [Literal()];
        while (Accept(","))
            literals.Add(Literal());
        Expect(")");
        return literals;
    }

    private List<SortKey> SortKeys()
    {
        Expect("by");
        List<SortKey> keys = [SortKey()];
        while (Accept(","))
            keys.Add(SortKey());
        return keys;
    }

    private SortKey SortKey()
    {
        FieldPath path = Path();
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

    private FieldPath Path() => new(Name().Split('.'));

    private string Name() => Current.Kind is TokenKind.Name ? _tokens[_next++].Text : throw Unexpected();

    private object? Literal() => Current.Kind is TokenKind.Literal ? _tokens[_next++].Value : throw Unexpected();

    private int Number() =>
        Literal() is decimal number && number >= 0 && decimal.IsInteger(number) && number <= int.MaxValue ? (int)number : throw Unexpected();

    private bool Accept(string text)
    {
        bool found = Current.Is(text);
        if (found)
            _next++;
        return found;
    }

    private void Expect(string text)
    {
        if (!Accept(text))
            throw Unexpected();
    }

    private void ExpectEnd()
    {
        if (Current.Kind is not TokenKind.End)
            throw Unexpected();
    }

    private SoqlException Unexpected() => new(
        "MALFORMED_QUERY",
        $"\nERROR at Row:1:Column:{Current.Position + 1}\nunexpected token: '{Current.Text}'");
}
