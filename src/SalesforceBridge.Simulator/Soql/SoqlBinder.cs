using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Soql;

/// <summary>Gives a statement's names their meaning and its literals the type of the field they are compared with.</summary>
/// <param name="objects">What exists.</param>
/// <param name="isHidden">Fields the asking user may not see.</param>
internal sealed class SoqlBinder(IReadOnlyDictionary<string, ObjectType> objects, Func<ObjectType, Field, bool>? isHidden = null)
{
    /// <summary>The API's largest OFFSET.</summary>
    private const int MaxOffset = 2000;

    /// <summary>How many rows a query may ask for whose fields nobody counted.</summary>
    private const int MaxOfAllFields = 200;

    private const string Reference = " Please reference your WSDL or the describe call for the appropriate names.";

    /// <summary>Whether it may ask for deleted rows by ALL ROWS, as Apex may and the API may not.</summary>
    public bool AllowsAllRows { get; init; }

    /// <exception cref="SoqlException">INVALID_TYPE, INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR, NUMBER_OUTSIDE_VALID_RANGE, MALFORMED_QUERY.</exception>
    public SoqlQuery Bind(SoqlQuery query)
    {
        if (!objects.TryGetValue(query.From, out ObjectType? type))
        {
            throw SoqlException.At("INVALID_TYPE", query.Text, query.FromAt, $"sObject type '{query.From}' is not supported. If you are attempting to use a custom object, " +
                "be sure to append the '__c' after the entity name." + Reference);
        }
        return BindRows(query with { Type = type });
    }

    /// <summary>A condition on one row: no sub-select.</summary>
    /// <exception cref="SoqlException">As for a whole statement.</exception>
    public Condition Bind(Condition condition, ObjectType type) =>
        new ConditionBinder(path => Bind(path, type, alias: null, text: ""), "").Bind(condition);

    /// <summary>The children's query of a row of <paramref name="parent"/>.</summary>
    private SoqlQuery BindChild(SoqlQuery query, ObjectType parent)
    {
        if (query.IsCount || query.IsAggregate)
            throw SoqlException.Malformed("Only root queries support aggregate expressions");
        string relationship = query.From.Split('.')[^1];
        foreach (ObjectType child in objects.Values)
        {
            foreach (Field field in child.Fields)
            {
                if (Same(field.ReferenceTo ?? "", parent.Name) && field.ChildRelationshipName is { } name && Same(name, relationship))
                    return BindRows(query with { From = name, Type = child, Reference = field });
            }
        }
        throw SoqlException.At("INVALID_TYPE", query.Text, query.FromAt, $"Didn't understand relationship '{relationship}' in FROM part of query call. " +
            "If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name." + Reference);
    }

    private SoqlQuery BindRows(SoqlQuery query)
    {
        CheckForm(query);
        ObjectType type = query.Type!;
        FieldPath Resolve(FieldPath path) => Bind(path, type, query.Alias, query.Text);
        query = query with { Where = query.Where is null ? null : new ConditionBinder(Resolve, query.Text) { Outer = type, Inner = Bind }.Bind(query.Where) };
        if (query.IsAggregate)
            return new GroupBinder(query, Resolve).Bind();
        if (query.Select.FirstOrDefault(path => path.Alias is not null) is not null)
            throw SoqlException.Malformed("only aggregate expressions use field aliasing");
        FieldPath[] select = [.. query.Select.Select(Resolve)];
        if (Array.Find(select, path => select.Count(path.Means) > 1) is { } twice)
            throw new SoqlException("INVALID_FIELD", $"duplicate field selected: {twice.Names[^1]}");
        return query with
        {
            Select = [.. select, .. query.FieldSets.SelectMany(set => FieldsOf(type, set)).Where(path => !Array.Exists(select, path.Means))],
            Children = [.. query.Children.Select(child => BindChild(child, type))],
            OrderBy = [.. query.OrderBy.Select(key => key with { Path = Resolve(key.Path) })],
        };
    }

    private void CheckForm(SoqlQuery query)
    {
        if (query.Offset > MaxOffset)
            throw new SoqlException("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000");
        if (query.AllRows && !AllowsAllRows)
            throw SoqlException.Malformed("ALL ROWS not allowed in this context");
        if (query.FieldSets.Any(set => set is not FieldSet.Standard) && query.Limit is not <= MaxOfAllFields)
            throw SoqlException.Malformed("The SOQL FIELDS function must have a LIMIT of at most 200");
        if (query.IsCount && (query.GroupBy.Count > 0 || query.OrderBy.Count > 0))
            throw SoqlException.Malformed("COUNT() stands alone in a query without GROUP BY and ORDER BY; use COUNT(fieldName)");
        if (query is { IsAggregate: true, IsCount: false, GroupBy: [], Limit: not null })
            throw SoqlException.Malformed("Non-grouped query that uses overall aggregate functions cannot also use LIMIT");
        if (query.IsAggregate && (query.Children.Count > 0 || query.FieldSets.Count > 0))
            throw SoqlException.Malformed("Aggregate queries have no sub-selects and no FIELDS function in their select list");
        if (!query.IsAggregate && query.OrderBy.FirstOrDefault(key => key.Path.Function is not null) is { Path: var path })
            throw SoqlException.At("MALFORMED_QUERY", query.Text, path.At, "Ordered field must be grouped or aggregated: " + path.Names[^1]);
    }

    private IEnumerable<FieldPath> FieldsOf(ObjectType type, FieldSet set) =>
        from field in type.Fields
        where isHidden?.Invoke(type, field) is not true
        where set is FieldSet.All || field.Name.EndsWith("__c", StringComparison.OrdinalIgnoreCase) == (set is FieldSet.Custom)
        select new FieldPath([field.Name]) { Field = field };

    private FieldPath Bind(FieldPath path, ObjectType type, string? alias, string text)
    {
        IEnumerable<string> names = path.Names;
        if (path.Names.Count > 1 && (Same(path.Names[0], alias) || (Same(path.Names[0], type.Name) && !type.ParentsByName.ContainsKey(type.Name))))
            names = path.Names.Skip(1);
        List<Field> parents = [];
        ObjectType owner = type;
        string[] steps = [.. names];
        foreach (string relationship in steps[..^1])
        {
            if (!owner.ParentsByName.TryGetValue(relationship, out Field? reference))
            {
                throw Wrong(path, text, $"Didn't understand relationship '{relationship}' in field path. If you are attempting to use a " +
                    "custom relationship, be sure to append the '__r' after the custom relationship name." + Reference);
            }
            parents.Add(reference);
            owner = objects[reference.ReferenceTo!];
        }
        if (!owner.FieldsByName.TryGetValue(steps[^1], out Field? field) || isHidden?.Invoke(owner, field) is true)
        {
            throw Wrong(path, text, $"No such column '{steps[^1]}' on entity '{owner.Name}'. If you are attempting to use a custom field, " +
                "be sure to append the '__c' after the custom field name." + Reference);
        }
        return path with { Parents = parents, Field = field };
    }

    // A condition alone has no statement that could be shown.
    private static SoqlException Wrong(FieldPath path, string text, string message) =>
        text.Length == 0 ? new SoqlException("INVALID_FIELD", "\n" + message) : SoqlException.At("INVALID_FIELD", text, path.At, message);

    private static bool Same(string name, string? other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);
}
