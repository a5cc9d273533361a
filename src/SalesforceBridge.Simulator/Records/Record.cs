using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Records;

/// <summary>One stored row. Never changed: an update puts another one in its place, so a reader keeps what it saw.</summary>
internal sealed class Record(ObjectType type, string id, IReadOnlyDictionary<string, object?> values)
{
    public ObjectType Type { get; } = type;

    /// <summary>18 characters.</summary>
    public string Id { get; } = id;

    /// <summary>By the declared field names: string, bool, decimal, DateTimeOffset, DateOnly, TimeOnly, Blob or null.</summary>
    public IReadOnlyDictionary<string, object?> Values { get; } = values;

    public object? this[Field field] => Values.GetValueOrDefault(field.Name);

    public bool IsDeleted => Values.GetValueOrDefault(SystemFields.IsDeleted) is true;

    public Record With(IEnumerable<KeyValuePair<string, object?>> changes)
    {
        var changed = new Dictionary<string, object?>(Values, StringComparer.OrdinalIgnoreCase);
        foreach ((string name, object? value) in changes)
            changed[name] = value;
        return new Record(Type, Id, changed);
    }
}

/// <summary>The bytes of a file.</summary>
internal sealed record Blob(ReadOnlyMemory<byte> Content);
