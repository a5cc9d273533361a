using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Soql;

/// <summary>A SELECT statement; <see cref="SoqlBinder"/> fills in what its names mean.</summary>
internal sealed record SoqlQuery
{
    /// <summary>The whole text that it stands in: errors point into it.</summary>
    public required string Text { get; init; }

    /// <summary>The object; in a child query the relationship.</summary>
    public required string From { get; init; }

    /// <summary>Where <see cref="From"/> stands in the text.</summary>
    public int FromAt { get; init; }
    public string? Alias { get; init; }

    /// <summary>Whether it is <c>COUNT()</c>, which selects no field.</summary>
    public bool IsCount { get; init; }

    /// <summary>After binding, the fields of a row or of a group's row.</summary>
    public IReadOnlyList<FieldPath> Select { get; init; } = [];

    /// <summary><c>FIELDS(ALL)</c>; after binding they are in <see cref="Select"/>.</summary>
    public IReadOnlyList<FieldSet> FieldSets { get; init; } = [];

    /// <summary><c>(select Id from Contacts)</c>: a list for each row.</summary>
    public IReadOnlyList<SoqlQuery> Children { get; init; } = [];
    public Condition? Where { get; init; }
    public IReadOnlyList<FieldPath> GroupBy { get; init; } = [];
    public Condition? Having { get; init; }
    public IReadOnlyList<SortKey> OrderBy { get; init; } = [];
    public int? Limit { get; init; }
    public int Offset { get; init; }

    /// <summary><c>ALL ROWS</c>: those in the recycle bin too.</summary>
    public bool AllRows { get; init; }

    public ObjectType? Type { get; init; }

    /// <summary>Of a child query: the field of its rows that names the parent.</summary>
    public Field? Reference { get; init; }

    /// <summary>How rows become groups; nothing where each row is one of the result.</summary>
    public Grouping? Grouping { get; init; }

    public bool IsAggregate => GroupBy.Count > 0 || Select.Any(path => path.Function is not null);
}

/// <summary>A field, perhaps of a parent (<c>Account.Owner.Name</c>), perhaps in an aggregate function.</summary>
/// <param name="Names">As written.</param>
internal sealed record FieldPath(IReadOnlyList<string> Names)
{
    /// <summary>Where it stands in the text.</summary>
    public int At { get; init; }

    public AggregateFunction? Function { get; init; }

    /// <summary>What the result calls it; only aggregates and what is grouped by may have one.</summary>
    public string? Alias { get; init; }

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

    /// <summary>Whether both, bound, mean the same.</summary>
    public bool Means(FieldPath other) => Function == other.Function && Field == other.Field && Parents.SequenceEqual(other.Parents);
}

/// <summary>What makes one value of the values of a group.</summary>
internal enum AggregateFunction
{
    Count,
    CountDistinct,
    Sum,
    Avg,
    Min,
    Max,
}

/// <summary>Which fields <c>FIELDS()</c> stands for.</summary>
internal enum FieldSet
{
    All,
    Standard,
    Custom,
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
    Includes,
    Excludes,
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
    /// <param name="Values">Literals as parsed; after binding, values of the field's type or a <see cref="RelativeDate"/>. One, unless the operator takes a list.</param>
    public sealed record Compare(FieldPath Path, Operator Operator, IReadOnlyList<object?> Values) : Condition;

    /// <param name="Path">An id or a reference.</param>
    /// <param name="Negated">Whether it must not be among the ids.</param>
    /// <param name="Query">Selects ids. <see cref="SoqlRunner"/> runs it once, before it looks at rows.</param>
    public sealed record SemiJoin(FieldPath Path, bool Negated, SoqlQuery Query) : Condition;
}
