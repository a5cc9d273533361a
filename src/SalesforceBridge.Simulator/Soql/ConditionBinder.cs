using System.Text.RegularExpressions;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Soql;

/// <summary>Gives the paths of a condition their meaning and its literals the type of the field they are compared with.</summary>
/// <param name="resolve">Finds what a path means.</param>
/// <param name="text">The statement; empty when there is none.</param>
internal sealed partial class ConditionBinder(Func<FieldPath, FieldPath> resolve, string text)
{
    /// <summary>What is selected from, where sub-selects are allowed.</summary>
    public ObjectType? Outer { get; init; }

    /// <summary>Binds a sub-select.</summary>
    public Func<SoqlQuery, SoqlQuery>? Inner { get; init; }

    /// <exception cref="SoqlException">INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR, MALFORMED_QUERY.</exception>
    public Condition Bind(Condition condition) => Bind(condition, top: true);

    private Condition Bind(Condition condition, bool top) => condition switch
    {
        Condition.And and => new Condition.And(Bind(and.Left, top), Bind(and.Right, top)),
        Condition.Or or => new Condition.Or(Bind(or.Left, top: false), Bind(or.Right, top: false)),
        Condition.Not not => new Condition.Not(Bind(not.Inner, top: false)),
        Condition.Compare compare => Bind(compare),
        Condition.SemiJoin when !top || Inner is null => throw SoqlException.Malformed(
            "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE expressions."),
        Condition.SemiJoin join => Bind(join),
        _ => throw new InvalidOperationException($"Unknown condition {condition}."),
    };

    private Condition.Compare Bind(Condition.Compare compare)
    {
        FieldPath path = resolve(compare.Path);
        Field field = path.Field!;
        bool fits = compare.Operator switch
        {
            Operator.Like => field.IsText,
            Operator.Includes or Operator.Excludes => field.Type is FieldType.Multipicklist,
            Operator.Less or Operator.LessOrEqual or Operator.Greater or Operator.GreaterOrEqual => field.Type is not FieldType.Boolean,
            _ => true,
        };
        if (!fits)
            throw Wrong("INVALID_FIELD", path, $"invalid operator on {FieldValue.TypeName(field.Type)} field");
        return compare with { Path = path, Values = [.. compare.Values.Select(value => Convert(path, value, keepEscapes: compare.Operator is Operator.Like))] };
    }

    private Condition.SemiJoin Bind(Condition.SemiJoin join)
    {
        FieldPath path = resolve(join.Path);
        if (!path.Field!.IsId)
            throw SoqlException.Malformed($"The left operand field in the where expression for outer query should be an id field, cannot use: '{path.Field.Name}'");
        if (HasSemiJoin(join.Query.Where))
            throw SoqlException.Malformed("Nesting of semi join sub-selects is not supported");
        SoqlQuery inner = Inner!(join.Query);
        if (inner.Type == Outer)
            throw SoqlException.Malformed("The inner and outer selects should not be on the same object type");
        if (inner is not { Select: [{ Field: { IsId: true } selected }], Children: [], Grouping: null } || !PointAlike(path, selected, inner.Type!))
        {
            throw SoqlException.Malformed(
                $"The selected field '{string.Join(", ", inner.Select.Select(chosen => chosen.Names[^1]))}' in the subquery and the left operand field in the where expression " +
                $"in the outer query '{path.Names[^1]}' should point to the same object type");
        }
        return join with { Path = path, Query = inner };
    }

    private bool PointAlike(FieldPath outer, Field inner, ObjectType innerType)
    {
        string owner = outer.Parents.Count == 0 ? Outer!.Name : outer.Parents[^1].ReferenceTo!;
        return string.Equals(outer.Field!.ReferenceTo ?? owner, inner.ReferenceTo ?? innerType.Name, StringComparison.OrdinalIgnoreCase);
    }

    private static bool HasSemiJoin(Condition? condition) => condition switch
    {
        Condition.And and => HasSemiJoin(and.Left) || HasSemiJoin(and.Right),
        Condition.Or or => HasSemiJoin(or.Left) || HasSemiJoin(or.Right),
        Condition.Not not => HasSemiJoin(not.Inner),
        _ => condition is Condition.SemiJoin,
    };

    private object? Convert(FieldPath path, object? literal, bool keepEscapes)
    {
        Field field = path.Field!;
        return literal switch
        {
            null => null,
            string id when field.IsId => SalesforceId.Normalise(id) ?? throw Wrong("INVALID_QUERY_FILTER_OPERATOR", path, $"invalid ID field: {id}"),
            string value when field.IsText => keepEscapes ? value : Escape().Replace(value, "${sign}"),
            decimal when field.IsNumber => literal,
            bool when field.Type is FieldType.Boolean => literal,
            DateOnly when field.Type is FieldType.Date => literal,
            DateTimeOffset when field.Type is FieldType.DateTime => literal,
            RelativeDate when field.Type is FieldType.Date or FieldType.DateTime => literal,
            string => throw WrongType(path, "should not be enclosed in quotes"),
            _ when field.IsText || field.IsId => throw WrongType(path, "should be enclosed in quotes"),
            _ => throw WrongType(path, "is of another type"),
        };
    }

    private SoqlException WrongType(FieldPath path, string instead) => Wrong(
        "INVALID_FIELD", path, $"value of filter criterion for field '{path.Field!.Name}' must be of type {FieldValue.TypeName(path.Field.Type)} and {instead}");

    private SoqlException Wrong(string code, FieldPath path, string message) =>
        text.Length == 0 ? new SoqlException(code, "\n" + message) : SoqlException.At(code, text, path.At, message);

    [GeneratedRegex(@"\\(?<sign>[%_\\])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Escape();
}
