using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Schema;

/// <summary>A saved query whose matching changes are streamed.</summary>
/// <param name="Name">The channel is <c>/topic/Name</c>.</param>
/// <param name="Query">Bound; a notification shows its fields.</param>
internal sealed record PushTopic(string Name, SoqlQuery Query)
{
    /// <summary>An update tells only when one of these changed; nothing: any field will do.</summary>
    public required IReadOnlyList<Field>? WatchedFields { get; init; }

    public required IReadOnlyList<Operation> Operations { get; init; }

    /// <exception cref="SoqlException">INVALID_FIELD: the query is none that a topic may have.</exception>
    public static PushTopic Read(IReadOnlyDictionary<string, object?> values, IReadOnlyDictionary<string, ObjectType> objects)
    {
        SoqlQuery query = ReadQuery((string)values["Query"]!, objects);
        Field[] selected = [.. query.Select.Select(path => path.Field!)];
        Field[] asked = [.. FieldsOf(query.Where)];
        return new PushTopic((string)values["Name"]!, query)
        {
            WatchedFields = Enum.Parse<NotifyForFields>(values.GetValueOrDefault("NotifyForFields") as string ?? nameof(NotifyForFields.Referenced)) switch
            {
                NotifyForFields.All => null,
                NotifyForFields.Select => selected,
                NotifyForFields.Where => asked,
                _ => [.. selected, .. asked],
            },
            Operations = [.. OperationsOf(values)],
        };
    }

    private static SoqlQuery ReadQuery(string text, IReadOnlyDictionary<string, ObjectType> objects)
    {
        SoqlQuery query;
        try
        {
            query = new SoqlBinder(objects).Bind(SoqlParser.Parse(text));
        }
        catch (SoqlException error)
        {
            throw new SoqlException("INVALID_FIELD", error.Message);
        }
        return WhatIsWrong(query) is { } wrong ? throw new SoqlException("INVALID_FIELD", wrong) : query;
    }

    private static string? WhatIsWrong(SoqlQuery query) => query switch
    {
        { IsCount: true } or { Grouping: not null } => "Aggregate queries are not supported",
        _ when query.OrderBy.Count > 0 => "'ORDER BY' clause is not allowed",
        { Limit: not null } => "'LIMIT' is not allowed",
        { Offset: > 0 } => "'OFFSET' clause is not allowed",
        _ when query.Children.Count > 0 || query.Select.Any(path => path.Parents.Count > 0) => "relationships are not supported",
        _ when query.Where is { } where && WhatIsWrong(where) is { } wrong => wrong,
        _ when !query.Select.Any(path => path.Field!.Name == SystemFields.Id) => "The query must select Id",
        _ => null,
    };

    private static string? WhatIsWrong(Condition condition) => condition switch
    {
        Condition.And and => WhatIsWrong(and.Left) ?? WhatIsWrong(and.Right),
        Condition.Or or => WhatIsWrong(or.Left) ?? WhatIsWrong(or.Right),
        Condition.Not => "'NOT' is not supported",
        Condition.SemiJoin => "semi/anti join sub-selects are not supported",
        Condition.Compare { Path.Parents.Count: > 0 } => "relationships are not supported",
        _ => null,
    };

    private static IEnumerable<Field> FieldsOf(Condition? condition) => condition switch
    {
        Condition.And and => FieldsOf(and.Left).Concat(FieldsOf(and.Right)),
        Condition.Or or => FieldsOf(or.Left).Concat(FieldsOf(or.Right)),
        Condition.Compare compare => [compare.Path.Field!],
        _ => [],
    };

    // Nothing is undeleted here: the REST API cannot.
    private static IEnumerable<Operation> OperationsOf(IReadOnlyDictionary<string, object?> values) =>
        from pair in new (string Field, Operation Operation)[]
        {
            ("NotifyForOperationCreate", Operation.Insert), ("NotifyForOperationUpdate", Operation.Update), ("NotifyForOperationDelete", Operation.Delete),
        }
        where values.GetValueOrDefault(pair.Field) is not false
        select pair.Operation;
}

/// <summary>The change of which fields makes an update worth a notification.</summary>
internal enum NotifyForFields
{
    Referenced,
    All,
    Select,
    Where,
}
