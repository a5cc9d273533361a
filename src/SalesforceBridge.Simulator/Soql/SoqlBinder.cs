using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Soql;

/// <summary>Gives a statement's names their meaning and its literals the type of the field they are compared with.</summary>
/// <param name="objects">What exists.</param>
/// <param name="isHidden">Fields the asking user may not see.</param>
internal sealed class SoqlBinder(IReadOnlyDictionary<string, ObjectType> objects, Func<ObjectType, Field, bool>? isHidden = null)
{
    /// <summary>The API's largest OFFSET.</summary>
    private const int MaxOffset = 2000;

    private string? _alias;

    /// <exception cref="SoqlException">INVALID_TYPE, INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR, NUMBER_OUTSIDE_VALID_RANGE.</exception>
    public SoqlQuery Bind(SoqlQuery query)
    {
        if (!objects.TryGetValue(query.From, out ObjectType? type))
        {
            throw new SoqlException("INVALID_TYPE", $"sObject type '{query.From}' is not supported. If you are attempting to use a custom object, " +
                "be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.");
        }
        if (query.Offset > MaxOffset)
            throw new SoqlException("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000");
        _alias = query.Alias;
        return query with
        {
            Type = type,
            Select = [.. query.Select.Select(path => Bind(path, type))],
            Where = query.Where is null ? null : Bind(query.Where, type),
            OrderBy = [.. query.OrderBy.Select(key => key with { Path = Bind(key.Path, type) })],
        };
    }

    /// <exception cref="SoqlException">As for a whole statement.</exception>
    public Condition Bind(Condition condition, ObjectType type) => condition switch
    {
        Condition.And and => new Condition.And(Bind(and.Left, type), Bind(and.Right, type)),
        Condition.Or or => new Condition.Or(Bind(or.Left, type), Bind(or.Right, type)),
        Condition.Not not => new Condition.Not(Bind(not.Inner, type)),
        Condition.Compare compare => Bind(compare, type),
        _ => throw new InvalidOperationException($"Unknown condition {condition}."),
    };

    private Condition.Compare Bind(Condition.Compare compare, ObjectType type)
    {
        FieldPath path = Bind(compare.Path, type);
        Field field = path.Field!;
        if (compare.Operator is Operator.Like && !field.IsText)
            throw new SoqlException("INVALID_FIELD", $"\ninvalid operator on {FieldValue.TypeName(field.Type)} field");
        bool keepEscapes = compare.Operator is Operator.Like;
        return compare with { Path = path, Values = [.. compare.Values.Select(value => Convert(field, value, keepEscapes))] };
    }

    private FieldPath Bind(FieldPath path, ObjectType type)
    {
        IEnumerable<string> names = path.Names;
        if (path.Names.Count > 1 && (Same(path.Names[0], _alias) || (Same(path.Names[0], type.Name) && !type.ParentsByName.ContainsKey(type.Name))))
            names = path.Names.Skip(1);
        List<Field> parents = [];
        ObjectType owner = type;
        string[] steps = [.. names];
        foreach (string relationship in steps[..^1])
        {
            if (!owner.ParentsByName.TryGetValue(relationship, out Field? reference))
            {
                throw new SoqlException("INVALID_FIELD", $"\nDidn't understand relationship '{relationship}' in field path. If you are attempting to use a " +
                    "custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.");
            }
            parents.Add(reference);
            owner = objects[reference.ReferenceTo!];
        }
        if (!owner.FieldsByName.TryGetValue(steps[^1], out Field? field) || isHidden?.Invoke(owner, field) is true)
            throw NoSuchColumn(steps[^1], owner.Name);
        return path with { Parents = parents, Field = field };
    }

    private static object? Convert(Field field, object? literal, bool keepEscapes) => literal switch
    {
        null => null,
        string text when field.IsId => SalesforceId.Normalise(text) ?? throw new SoqlException("INVALID_QUERY_FILTER_OPERATOR", $"\ninvalid ID field: {text}"),
        string text when field.IsText => keepEscapes ? text : text.Replace("\\%", "%", StringComparison.Ordinal).Replace("\\_", "_", StringComparison.Ordinal),
        decimal when field.IsNumber => literal,
        bool when field.Type is FieldType.Boolean => literal,
        DateOnly when field.Type is FieldType.Date => literal,
        DateTimeOffset when field.Type is FieldType.DateTime => literal,
        string => throw WrongType(field, "should not be enclosed in quotes"),
        _ when field.IsText || field.IsId => throw WrongType(field, "should be enclosed in quotes"),
        _ => throw WrongType(field, "is of another type"),
    };

    private static SoqlException WrongType(Field field, string instead) => new(
        "INVALID_FIELD",
        $"\nvalue of filter criterion for field '{field.Name}' must be of type {FieldValue.TypeName(field.Type)} and {instead}");

    private static SoqlException NoSuchColumn(string name, string type) => new(
        "INVALID_FIELD",
        $"\nNo such column '{name}' on entity '{type}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. " +
        "Please reference your WSDL or the describe call for the appropriate names.");

    private static bool Same(string name, string? other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);
}
