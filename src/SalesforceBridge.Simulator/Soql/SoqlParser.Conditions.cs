namespace SalesforceBridge.Simulator.Soql;

/// <summary>Conditions, and the steps through the tokens.</summary>
internal sealed partial class SoqlParser
{
    // Every AND or every OR in one pair of brackets: a mix of both is refused. NOT may only come first.
    private Condition Conditions(Func<FieldPath> operand)
    {
        Condition left = Accept("not") ? new Condition.Not(Term(operand)) : Term(operand);
        if (Current.Is("or"))
        {
            while (Accept("or"))
                left = new Condition.Or(left, Term(operand));
            return left;
        }
        while (Accept("and"))
            left = new Condition.And(left, Term(operand));
        return left;
    }

    private Condition Term(Func<FieldPath> operand)
    {
        if (Current.Is("not"))
            throw Unexpected();
        if (!Accept("("))
            return Comparison(operand());
        Condition inner = Inside(() => Conditions(operand));
        Expect(")");
        return inner;
    }

    private Condition Comparison(FieldPath path)
    {
        if (Accept("not"))
        {
            Expect("in");
            return Membership(path, negated: true);
        }
        if (Accept("in"))
            return Membership(path, negated: false);
        if (Accept("includes"))
            return new Condition.Compare(path, Operator.Includes, Literals());
        if (Accept("excludes"))
            return new Condition.Compare(path, Operator.Excludes, Literals());
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

    private Condition Membership(FieldPath path, bool negated)
    {
        if (!Next.Is("select"))
            return new Condition.Compare(path, negated ? Operator.NotIn : Operator.In, Literals());
        Expect("(");
        SoqlQuery query = Inside(Query);
        Expect(")");
        return new Condition.SemiJoin(path, negated, query);
    }

    private List<object?> Literals()
    {
        Expect("(");
        List<object?> literals = Several(Literal);
        Expect(")");
        return literals;
    }

    // What stands in brackets is read by the same methods, and no query may use up the stack of the org.
    private T Inside<T>(Func<T> read)
    {
        if (++_depth > MaxDepth)
            throw SoqlException.TooComplicated();
        T inner = read();
        _depth--;
        return inner;
    }

    private Token Next => _tokens[Math.Min(_next + 1, _tokens.Count - 1)];

    private string Name() => Current.Kind is TokenKind.Name ? _tokens[_next++].Text : throw Unexpected();

    private object? Literal() => Current.Kind is TokenKind.Literal ? _tokens[_next++].Value : throw Unexpected();

    private int Number() =>
        Current.Value is decimal number && number >= 0 && decimal.IsInteger(number) && number <= int.MaxValue ? (int)(decimal)Literal()! : throw Unexpected();

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

    private SoqlException Unexpected() => SoqlException.At("MALFORMED_QUERY", _text, Current.Position, $"unexpected token: '{Current.Text}'");
}
