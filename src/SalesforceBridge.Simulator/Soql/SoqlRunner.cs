using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Soql;

/// <summary>Runs a bound query against the rows of the org.</summary>
internal static class SoqlRunner
{
    /// <summary>The API's answer to an aggregate query has one page.</summary>
    private const int MaxGroups = 2000;

    /// <param name="query">Bound.</param>
    /// <param name="store">Held still by the caller.</param>
    /// <param name="withDeleted">queryAll: rows in the recycle bin too.</param>
    public static IReadOnlyList<Record> Run(SoqlQuery query, RecordStore store, bool withDeleted)
    {
        query = Prepare(query, store);
        return Run(query, Candidates(query, store[query.Type!]).Where(record => withDeleted || !record.IsDeleted), store);
    }

    /// <summary>Looks only at these rows.</summary>
    /// <param name="query">Prepared.</param>
    /// <param name="rows">Of its type.</param>
    /// <param name="store">Held still by the caller.</param>
    public static IReadOnlyList<Record> Run(SoqlQuery query, IEnumerable<Record> rows, RecordStore store)
    {
        rows = rows.Where(record => query.Where?.HoldsFor(record, store) is not false);
        if (query.Grouping is { } grouping)
            rows = grouping.Group(rows, store);
        if (query.OrderBy.Count > 0)
            rows = Sort(rows, query.OrderBy, store);
        if (query.Offset > 0)
            rows = rows.Skip(query.Offset);
        if (query.Limit is { } limit)
            rows = rows.Take(limit);
        Record[] result = [.. rows];
        return query.Grouping is null || result.Length <= MaxGroups
            ? result
            : throw new SoqlException("EXCEEDED_ID_LIMIT", "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch");
    }

    /// <summary>The query with the ids of its sub-selects in their place.</summary>
    public static SoqlQuery Prepare(SoqlQuery query, RecordStore store) => query with { Where = query.Where is null ? null : Prepare(query.Where, store) };

    private static Condition Prepare(Condition condition, RecordStore store) => condition switch
    {
        Condition.And and => new Condition.And(Prepare(and.Left, store), Prepare(and.Right, store)),
        Condition.SemiJoin join => new Condition.Compare(join.Path, join.Negated ? Operator.NotIn : Operator.In, IdsOf(join.Query, store)),
        _ => condition,
    };

    // An empty list would say nothing about the first value; this one matches no row.
    private static List<object?> IdsOf(SoqlQuery query, RecordStore store)
    {
        FieldPath selected = query.Select[0];
        object?[] ids = [.. Run(query, store, withDeleted: false).Select(row => selected.ValueOf(row, store)).Where(id => id is not null).Distinct()];
        return ids.Length == 0 ? [""] : [.. ids];
    }

    // Rows named by their ids are looked up, all else is a scan.
    private static IEnumerable<Record> Candidates(SoqlQuery query, Table table)
    {
        bool byId = query.Where is Condition.Compare { Operator: Operator.Equal or Operator.In, Path: { Parents.Count: 0, Field.Name: SystemFields.Id } };
        return byId
            ? ((Condition.Compare)query.Where!).Values.Distinct().Select(id => table.Find(id as string)).OfType<Record>()
            : table.Rows;
    }

    private static IEnumerable<Record> Sort(IEnumerable<Record> rows, IReadOnlyList<SortKey> keys, RecordStore store)
    {
        IOrderedEnumerable<Record> sorted = rows.Order(Comparer<Record>.Create((left, right) => Compare(left, right, keys[0], store)));
        foreach (SortKey key in keys.Skip(1))
            sorted = sorted.ThenBy(record => record, Comparer<Record>.Create((left, right) => Compare(left, right, key, store)));
        return sorted;
    }

    private static int Compare(Record left, Record right, SortKey key, RecordStore store)
    {
        object? a = key.Path.ValueOf(left, store);
        object? b = key.Path.ValueOf(right, store);
        if (a is null || b is null)
            return (key.NullsLast ? -1 : 1) * ConditionTest.Order(key.Path.Field!, a, b);
        return (key.Descending ? -1 : 1) * ConditionTest.Order(key.Path.Field!, a, b);
    }
}
