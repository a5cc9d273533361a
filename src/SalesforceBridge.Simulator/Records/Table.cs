using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Records;

/// <summary>The rows of one object in the order of their creation, found by id and by the values of indexed fields.</summary>
internal sealed class Table(ObjectType type)
{
    private readonly OrderedDictionary<string, Record> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<object, List<string>>> _indexes = type.Fields
        .Where(field => field.Indexed)
        .ToDictionary(field => field.Name, _ => new Dictionary<object, List<string>>(IndexKeyComparer.Instance));

    private long _lastNumber;

    /// <summary>All rows, those in the recycle bin too.</summary>
    public IEnumerable<Record> Rows => _rows.Values;

    public Record? Find(string? id) => id is not null && _rows.TryGetValue(id, out Record? record) ? record : null;

    /// <summary>The live rows whose indexed field has that value.</summary>
    public IReadOnlyList<Record> FindBy(Field field, object value) =>
        _indexes[field.Name].TryGetValue(value, out List<string>? ids)
            ? [.. ids.Select(id => _rows[id]).Where(record => !record.IsDeleted)]
            : [];

    public long NextNumber() => ++_lastNumber;

    public void Put(Record record)
    {
        if (_rows.TryGetValue(record.Id, out Record? before))
            Unindex(before);
        _rows[record.Id] = record;
        foreach ((Dictionary<object, List<string>> index, object value) in IndexEntries(record))
        {
            if (!index.TryGetValue(value, out List<string>? ids))
                index[value] = ids = [];
            ids.Add(record.Id);
        }
    }

    public void Remove(Record record)
    {
        Unindex(record);
        _rows.Remove(record.Id);
    }

    private void Unindex(Record record)
    {
        foreach ((Dictionary<object, List<string>> index, object value) in IndexEntries(record))
        {
            index[value].Remove(record.Id);
            if (index[value].Count == 0)
                index.Remove(value);
        }
    }

    private IEnumerable<(Dictionary<object, List<string>> Index, object Value)> IndexEntries(Record record)
    {
        foreach ((string field, Dictionary<object, List<string>> index) in _indexes)
        {
            if (record.Values.GetValueOrDefault(field) is { } value)
                yield return (index, value);
        }
    }

    // External ids are the same in any case, as in an org (unless declared otherwise, which we do not offer).
    private sealed class IndexKeyComparer : IEqualityComparer<object>
    {
        public static readonly IndexKeyComparer Instance = new();

        public new bool Equals(object? left, object? right) =>
            left is string a && right is string b ? string.Equals(a, b, StringComparison.OrdinalIgnoreCase) : object.Equals(left, right);

        public int GetHashCode(object value) =>
            value is string text ? StringComparer.OrdinalIgnoreCase.GetHashCode(text) : value.GetHashCode();
    }
}
