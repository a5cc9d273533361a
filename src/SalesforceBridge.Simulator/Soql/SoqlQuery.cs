using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Soql;

/// <summary>A SELECT statement; <see cref="SoqlBinder"/> fills in what its names mean.</summary>
internal sealed record SoqlQuery
{
    public required string From { get; init; }
    public string? Alias { get; init; }

    /// <summary>Empty for <c>COUNT()</c>.</summary>
    public required IReadOnlyList<FieldPath> Select { get; init; }
    public Condition? Where { get; init; }
    public IReadOnlyList<SortKey> OrderBy { get; init; } = [];
    public int? Limit { get; init; }
    public int Offset { get; init; }
    public ObjectType? Type { get; init; }

    public bool IsCount => Select.Count == 0;
}

/// <summary>A field, perhaps of a parent: <c>Account.Owner.Name</c>.</summary>
/// <param name="Names">As written.</param>
internal sealed record FieldPath(IReadOnlyList<string> Names)
{
    /// <summary>The reference fields to follow, outermost first.</summary>
    public IReadOnlyList<Field> Parents { get; init; } = [];

    public Field? Field { get; init; }

    /// <summary>The value for a row; nothing when a parent on the way is missing.</summary>
    public object? ValueOf(Record record, RecordStore store)
    {
        Record? row = record;
        foreach (Field reference in Parents)
        {
            row = store.Parent(row, reference);
            if (row is null)
                return null;
        }
        return row[Field!];
    }
}

/// <summary>One key of ORDER BY.</summary>
internal sealed record SortKey(FieldPath Path, bool Descending, bool NullsLast);

/// <summary>The operators of a comparison.</summary>
internal enum Operator
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
    In,
    NotIn,
}

/// <summary>What WHERE says; also what a validation rule refuses.</summary>
internal abstract record Condition
{
    private Condition()
    {
    }

    public sealed record And(Condition Left, Condition Right) : Condition;

    public sealed record Or(Condition Left, Condition Right) : Condition;

    public sealed record Not(Condition Inner) : Condition;

    /// <param name="Path">The field.</param>
    /// <param name="Operator">How.</param>
    /// <param name="Values">Literals as parsed; after binding, values of the field's type. One, unless the operator takes a list.</param>
    public sealed record Compare(FieldPath Path, Operator Operator, IReadOnlyList<object?> Values) : Condition;
}

/// <summary>A statement that cannot be run, with the API's code for why.</summary>
internal sealed class SoqlException(string code, string message) : ApiException(400, new ApiError(code, message));
