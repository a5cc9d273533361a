using System.Globalization;
using System.Text.RegularExpressions;

namespace SalesforceBridge.Simulator.Soql;

/// <summary>A date literal such as <c>LAST_N_DAYS:30</c>: days that lie near today, as seen in UTC, where all users of the org live.</summary>
/// <param name="Unit">Weeks begin on Sunday; fiscal years with January.</param>
/// <param name="First">How many units after the present one it begins.</param>
/// <param name="Count">How many units it is long.</param>
internal sealed partial record RelativeDate(DateUnit Unit, int First, int Count)
{
    /// <summary>What a word means, if it is a date literal.</summary>
    public static RelativeDate? Parse(string word)
    {
        string upper = word.ToUpperInvariant();
        switch (upper)
        {
            case "TODAY": return new RelativeDate(DateUnit.Day, 0, 1);
            case "YESTERDAY": return new RelativeDate(DateUnit.Day, -1, 1);
            case "TOMORROW": return new RelativeDate(DateUnit.Day, 1, 1);
        }
        Match literal = Literal().Match(upper);
        if (!literal.Success)
            return null;
        DateUnit unit = Enum.Parse<DateUnit>(literal.Groups["unit"].ValueSpan, ignoreCase: true);
        bool single = literal.Groups["number"].ValueSpan.IsEmpty;
        int number = single ? 1 : int.Parse(literal.Groups["number"].ValueSpan, CultureInfo.InvariantCulture);
        return literal.Groups["which"].Value switch
        {
            "THIS" => new RelativeDate(unit, 0, 1),
            "NEXT" => new RelativeDate(unit, 1, number),
            // The last n days end with today, all other spans with what came before the present one.
            "LAST" => new RelativeDate(unit, -number, unit is DateUnit.Day ? number + 1 : number),
            _ => new RelativeDate(unit, -number, 1),
        };
    }

    /// <summary>The first day, and the first day after it.</summary>
    public (DateOnly From, DateOnly Until) Span(DateOnly today)
    {
        DateOnly present = Unit switch
        {
            DateUnit.Day => today,
            DateUnit.Week => today.AddDays(-(int)today.DayOfWeek),
            DateUnit.Month => new DateOnly(today.Year, today.Month, 1),
            DateUnit.Quarter => new DateOnly(today.Year, ((today.Month - 1) / 3 * 3) + 1, 1),
            _ => new DateOnly(today.Year, 1, 1),
        };
        return (Add(present, First), Add(present, First + Count));
    }

    private DateOnly Add(DateOnly day, int units) => Unit switch
    {
        DateUnit.Day => day.AddDays(units),
        DateUnit.Week => day.AddDays(7 * units),
        DateUnit.Month => AddMonths(day, units),
        DateUnit.Quarter => AddMonths(day, 3 * units),
        _ => AddMonths(day, 12 * units),
    };

    // A thousand years ago is far enough, whatever the calendar can hold.
    private static DateOnly AddMonths(DateOnly day, int months)
    {
        int sum = Math.Clamp((day.Year * 12) + day.Month - 1 + months, 12, (9999 * 12) + 11);
        return new DateOnly(sum / 12, (sum % 12) + 1, 1);
    }

    [GeneratedRegex(
        @"^(?:(?<which>THIS|LAST|NEXT)_(?:FISCAL_)?(?<unit>WEEK|MONTH|QUARTER|YEAR)|(?<which>LAST|NEXT)_(?<number>90)_(?<unit>DAY)S"
        + @"|(?<which>LAST|NEXT)_N_(?:FISCAL_)?(?<unit>DAY|WEEK|MONTH|QUARTER|YEAR)S:(?<number>\d{1,4})"
        + @"|(?<which>N)_(?:FISCAL_)?(?<unit>DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO:(?<number>\d{1,4}))$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Literal();
}

/// <summary>What a date literal counts in.</summary>
internal enum DateUnit
{
    Day,
    Week,
    Month,
    Quarter,
    Year,
}
