using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Soql;

/// <summary>Whether a condition holds for a row. Text compares without regard to case; nothing is less or greater than null.</summary>
internal static class ConditionTest
{
    public static bool HoldsFor(this Condition condition, Record record, RecordStore store) => condition switch
    {
        Condition.And and => and.Left.HoldsFor(record, store) && and.Right.HoldsFor(record, store),
        Condition.Or or => or.Left.HoldsFor(record, store) || or.Right.HoldsFor(record, store),
        Condition.Not not => !not.Inner.HoldsFor(record, store),
        Condition.Compare compare => Holds(compare, compare.Path.ValueOf(record, store), store),
        _ => throw new InvalidOperationException($"Unknown condition {condition}."),
    };

    /// <summary>The order of two values of a field, null first. Ids differ in nothing but case.</summary>
    public static int Order(Field field, object? left, object? right) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        (string a, string b) when field.IsId => string.CompareOrdinal(a, b),
        (string a, string b) => string.Compare(a, b, StringComparison.OrdinalIgnoreCase),
        _ => Comparer<object>.Default.Compare(left, right),
    };

    private static bool Holds(Condition.Compare compare, object? value, RecordStore store)
    {
        Field field = compare.Path.Field!;
        object? other = compare.Values[0];
        return compare.Operator switch
        {
            Operator.Equal => Against(other) == 0,
            Operator.NotEqual => Against(other) != 0,
            Operator.In => compare.Values.Any(candidate => Against(candidate) == 0),
            Operator.NotIn => compare.Values.All(candidate => Against(candidate) != 0),
            Operator.Like => value is string text && other is string pattern && LikePattern.Matches(text, pattern),
            Operator.Includes => compare.Values.Any(wanted => Includes(value, wanted)),
            Operator.Excludes => !compare.Values.Any(wanted => Includes(value, wanted)),
            _ when value is null || other is null => false,
            Operator.Less => Against(other) < 0,
            Operator.LessOrEqual => Against(other) <= 0,
            Operator.Greater => Against(other) > 0,
            _ => Against(other) >= 0,
        };

        int Against(object? candidate) => candidate is RelativeDate near ? Place(value, near, store.Now) : Order(field, value, candidate);
    }

    // Before the span, in it, or after it.
    private static int Place(object? value, RelativeDate near, DateTimeOffset now)
    {
        (DateOnly from, DateOnly until) = near.Span(DateOnly.FromDateTime(now.UtcDateTime));
        return value switch
        {
            null => -1,
            DateOnly day => day < from ? -1 : day < until ? 0 : 1,
            DateTimeOffset instant => DateOnly.FromDateTime(instant.UtcDateTime) is var day && day < from ? -1 : day < until ? 0 : 1,
            _ => throw new InvalidOperationException($"{value} is no date."),
        };
    }

    // 'A;B' wants both.
    private static bool Includes(object? value, object? wanted) =>
        value is string text && wanted is string names
        && names.Split(';').All(name => text.Split(';').Contains(name, StringComparer.OrdinalIgnoreCase));
}
