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
        Condition.Compare compare => Holds(compare, compare.Path.ValueOf(record, store)),
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

    private static bool Holds(Condition.Compare compare, object? value)
    {
        Field field = compare.Path.Field!;
        object? other = compare.Values[0];
        return compare.Operator switch
        {
            Operator.Equal => Order(field, value, other) == 0,
            Operator.NotEqual => Order(field, value, other) != 0,
            Operator.In => compare.Values.Any(candidate => Order(field, value, candidate) == 0),
            Operator.NotIn => compare.Values.All(candidate => Order(field, value, candidate) != 0),
            Operator.Like => value is string text && other is string pattern && Matches(text, pattern),
            _ when value is null || other is null => false,
            Operator.Less => Order(field, value, other) < 0,
            Operator.LessOrEqual => Order(field, value, other) <= 0,
            Operator.Greater => Order(field, value, other) > 0,
            _ => Order(field, value, other) >= 0,
        };
    }

    // % is any text, _ any character; \ before either means the character itself.
    private static bool Matches(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern)
    {
        while (!pattern.IsEmpty)
        {
            if (pattern[0] == '%')
                return MatchesAnywhere(text, pattern[1..]);
            bool escaped = pattern[0] == '\\' && pattern.Length > 1;
            char expected = escaped ? pattern[1] : pattern[0];
            bool any = !escaped && expected == '_';
            if (text.IsEmpty || (!any && char.ToUpperInvariant(text[0]) != char.ToUpperInvariant(expected)))
                return false;
            text = text[1..];
            pattern = pattern[(escaped ? 2 : 1)..];
        }
        return text.IsEmpty;
    }

    private static bool MatchesAnywhere(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern)
    {
        for (int start = 0; start <= text.Length; start++)
        {
            if (Matches(text[start..], pattern))
                return true;
        }
        return false;
    }
}
