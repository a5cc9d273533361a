using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Soql;

/// <summary>How rows become groups.</summary>
/// <param name="Result">The type of a group's row.</param>
/// <param name="Columns">Its fields. Those without a function are what is grouped by; some of either serve only order and conditions.</param>
/// <param name="Having">What must hold for a group's row.</param>
internal sealed record Grouping(ObjectType Result, IReadOnlyList<GroupColumn> Columns, Condition? Having)
{
    /// <summary>The groups of the rows. Where nothing is grouped by, all rows are one group, even when there are none.</summary>
    public IEnumerable<Record> Group(IEnumerable<Record> rows, RecordStore store)
    {
        FieldPath[] keys = [.. Columns.Select(column => column.Source).Where(source => source.Function is null)];
        List<List<Record>> groups = keys.Length == 0
            ? [[.. rows]]
            : [.. rows.GroupBy(row => keys.Select(key => key.ValueOf(row, store)).ToArray(), new KeyComparer(keys)).Select(group => group.ToList())];
        return groups
            .Select(group => new Record(Result, "", Columns.ToDictionary(column => column.Target.Name, column => column.ValueOf(group, store), StringComparer.OrdinalIgnoreCase)))
            .Where(group => Having?.HoldsFor(group, store) is not false);
    }

    private sealed class KeyComparer(FieldPath[] keys) : IEqualityComparer<object?[]>
    {
        public bool Equals(object?[]? left, object?[]? right) =>
            Enumerable.Range(0, keys.Length).All(index => ConditionTest.Order(keys[index].Field!, left![index], right![index]) == 0);

        public int GetHashCode(object?[] key)
        {
            var hash = default(HashCode);
            foreach (object? value in key)
                hash.Add(value is string text ? StringComparer.OrdinalIgnoreCase.GetHashCode(text) : value?.GetHashCode() ?? 0);
            return hash.ToHashCode();
        }
    }
}

/// <summary>One field of a group's row.</summary>
/// <param name="Source">What it is made of.</param>
/// <param name="Target">What the row calls it.</param>
internal sealed record GroupColumn(FieldPath Source, Field Target)
{
    public object? ValueOf(IReadOnlyList<Record> group, RecordStore store)
    {
        if (Source.Function is null)
            return Source.ValueOf(group[0], store);
        object[] values = [.. group.Select(row => Source.ValueOf(row, store)).OfType<object>()];
        Field field = Source.Field!;
        return Source.Function switch
        {
            AggregateFunction.Count => (decimal)values.Length,
            AggregateFunction.CountDistinct => (decimal)values.Distinct(new ValueComparer(field)).Count(),
            _ when values.Length == 0 => null,
            AggregateFunction.Sum => values.Sum(value => (decimal)value),
            AggregateFunction.Avg => values.Average(value => (decimal)value),
            AggregateFunction.Min => values.Aggregate((least, value) => ConditionTest.Order(field, value, least) < 0 ? value : least),
            _ => values.Aggregate((most, value) => ConditionTest.Order(field, value, most) > 0 ? value : most),
        };
    }

    private sealed class ValueComparer(Field field) : IEqualityComparer<object>
    {
        public new bool Equals(object? left, object? right) => ConditionTest.Order(field, left, right) == 0;

        public int GetHashCode(object value) => value is string text ? StringComparer.OrdinalIgnoreCase.GetHashCode(text) : value.GetHashCode();
    }
}
