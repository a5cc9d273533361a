using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Soql;

/// <summary>Runs a bound query against the rows of the org.</summary>
internal static class SoqlRunner
{
    /// <param name="query">Bound.</param>
    /// <param name="store">Held still by the caller.</param>
    /// <param name="withDeleted">queryAll: rows in the recycle bin too.</param>
    public static IReadOnlyList<Record> Run(SoqlQuery query, RecordStore store, bool withDeleted)
    {
        IEnumerable<Record> rows = Candidates(query, store[query.Type!])
            .Where(record => withDeleted || !record.IsDeleted)
            .Where(record => query.Where?.HoldsFor(record, store) is not false);
        if (query.OrderBy.Count > 0)
            rows = Sort(rows, query.OrderBy, store);
        if (query.Offset > 0)
            rows = rows.Skip(query.Offset);
        if (query.Limit is { } limit)
            rows = rows.Take(limit);
        return [.. rows];
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
