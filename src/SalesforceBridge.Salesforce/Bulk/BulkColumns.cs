namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>The columns of a CSV, in their order: field names, or <c>Account__r.Ext__c</c> for a related record by its external id.</summary>
public sealed class BulkColumns
{
    private readonly Dictionary<string, int> _places = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="names">The columns; case does not make two names different.</param>
    /// <exception cref="ArgumentException">There is none, or a name is empty or there twice.</exception>
    public BulkColumns(IReadOnlyList<string> names)
    {
        Names = names;
        if (names.Count == 0)
            throw new ArgumentException("A CSV needs a column.", nameof(names));
        for (int place = 0; place < names.Count; place++)
        {
            if (string.IsNullOrEmpty(names[place]) || !_places.TryAdd(names[place], place))
                throw new ArgumentException($"Column {place + 1} has no name, or one that is there already: '{names[place]}'.", nameof(names));
        }

        // The order in which a row is compared with another one, whatever the order of its columns.
        ByName = [.. Enumerable.Range(0, names.Count).OrderBy(place => names[place], StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names { get; }

    internal IReadOnlyList<int> ByName { get; }

    /// <summary>Where a column is; -1 where there is none of that name.</summary>
    /// <param name="name">In any case.</param>
    public int IndexOf(string name) => _places.GetValueOrDefault(name, -1);
}

/// <summary>One row of a CSV.</summary>
/// <param name="Columns">Its columns.</param>
/// <param name="Cells">
/// A value for each column. A null is an empty place: what is sent leaves the field as it is, and a result or a query has nothing there.
/// <see cref="Null"/> clears the field.
/// </param>
public readonly record struct BulkRow(BulkColumns Columns, IReadOnlyList<string?> Cells)
{
    /// <summary>The text by which a row that is sent clears a field.</summary>
    public const string Null = "#N/A";

    /// <summary>A column's value; null where the place is empty or there is no such column.</summary>
    /// <param name="column">Its name, in any case.</param>
    public string? this[string column] => Columns.IndexOf(column) is var place and >= 0 ? Cells[place] : null;

    /// <summary>Keeps values out of logs.</summary>
    public override string ToString() => $"a row of {Columns.Names.Count} columns";
}
