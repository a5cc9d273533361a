using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Soql;

/// <summary>Gives an aggregate query its meaning: the fields of its result, and what each is made of.</summary>
/// <param name="query">Its conditions are bound, all else is not.</param>
/// <param name="resolve">Finds what a path of a row means.</param>
internal sealed class GroupBinder(SoqlQuery query, Func<FieldPath, FieldPath> resolve)
{
    /// <summary>The type of the rows that are no records.</summary>
    public const string ResultType = "AggregateResult";

    private readonly List<GroupColumn> _columns = [];
    private int _unnamed;

    /// <exception cref="SoqlException">MALFORMED_QUERY, and what is wrong with a field.</exception>
    public SoqlQuery Bind()
    {
        FieldPath[] keys = [.. query.GroupBy.Select(path => Check(resolve(path)))];
        FieldPath[] select = [.. query.Select.Select(path => Select(path, keys))];
        foreach (FieldPath key in keys.Where(key => !_columns.Exists(column => column.Source.Means(key))))
            Add(key, $"group by {string.Join('.', key.Names)}");
        Condition? having = query.Having is null ? null : new ConditionBinder(path => Place(path, keys), query.Text).Bind(query.Having);
        SortKey[] order = [.. query.OrderBy.Select(key => key with { Path = Place(key.Path, keys) })];
        return query with { Select = select, OrderBy = order, Having = null, Grouping = new Grouping(Result(), _columns, having) };
    }

    private FieldPath Select(FieldPath path, FieldPath[] keys)
    {
        FieldPath source = Require(path, keys);
        string name = path.Alias ?? (path.Function is null ? path.Names[^1] : $"expr{_unnamed++}");
        return _columns.Exists(column => string.Equals(column.Target.Name, name, StringComparison.OrdinalIgnoreCase))
            ? throw SoqlException.Malformed($"duplicate alias: {name}")
            : Add(source, path.Alias ?? (path.Function is null ? source.Field!.Name : name));
    }

    // Where HAVING and ORDER BY find what they name.
    private FieldPath Place(FieldPath path, FieldPath[] keys)
    {
        FieldPath source = Require(path, keys);
        return _columns.Find(column => column.Source.Means(source)) is { } column
            ? Show(path, column.Target)
            : Add(source, $"{path.Function} of {string.Join('.', path.Names)}");
    }

    private FieldPath Require(FieldPath path, FieldPath[] keys)
    {
        FieldPath source = Check(resolve(path));
        return source.Function is not null || Array.Exists(keys, source.Means)
            ? source
            : throw SoqlException.At("MALFORMED_QUERY", query.Text, path.At, $"Field must be grouped or aggregated: {source.Field!.Name}");
    }

    private FieldPath Add(FieldPath source, string name)
    {
        Field target = source.Field! with { Name = name, Type = TypeOf(source), RelationshipName = null };
        _columns.Add(new GroupColumn(source, target));
        return Show(source, target);
    }

    private static FieldPath Show(FieldPath path, Field target) => new([target.Name]) { At = path.At, Field = target };

    private static FieldType TypeOf(FieldPath source) => source.Function switch
    {
        AggregateFunction.Count or AggregateFunction.CountDistinct => FieldType.Int,
        AggregateFunction.Avg => FieldType.Double,
        _ => source.Field!.Type,
    };

    private static FieldPath Check(FieldPath path)
    {
        Field field = path.Field!;
        return path.Function switch
        {
            null when field.Type is FieldType.TextArea or FieldType.Multipicklist =>
                throw SoqlException.Malformed($"field '{field.Name}' can not be grouped in a query call"),
            AggregateFunction.Sum or AggregateFunction.Avg when !field.IsNumber => throw Unsupported(path),
            AggregateFunction.Min or AggregateFunction.Max when field.Type is FieldType.Boolean or FieldType.TextArea or FieldType.Multipicklist => throw Unsupported(path),
            _ => path,
        };
    }

    private static SoqlException Unsupported(FieldPath path) =>
        SoqlException.Malformed($"field {path.Field!.Name} does not support aggregate operator {path.Function.ToString()!.ToUpperInvariant()}");

    private ObjectType Result()
    {
        Field[] fields = [.. _columns.Select(column => column.Target)];
        return new ObjectType
        {
            Name = ResultType,
            Label = ResultType,
            KeyPrefix = "",
            Fields = fields,
            FieldsByName = fields.ToDictionary(field => field.Name, StringComparer.OrdinalIgnoreCase),
            ParentsByName = new Dictionary<string, Field>(),
            Rules = [],
        };
    }
}
