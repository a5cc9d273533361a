using System.Globalization;

namespace SalesforceBridge.Messaging;

/// <summary>Durations as header lines write them: <c>200ms</c>, <c>30s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>.</summary>
internal static class Durations
{
    public static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    public static TimeSpan Parse(string text, TimeSpan shortest, TimeSpan longest)
    {
        string digits = text.TrimEnd("abcdefghijklmnopqrstuvwxyz".ToCharArray());
        TimeSpan unit = Units.FirstOrDefault(unit => unit.Unit == text[digits.Length..]).Length;
        if (unit == default || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            throw new FormatException($"`{text}` is no duration; write a whole number and ms, s, m, h or d (`30s`)");

        double seconds = unit.TotalSeconds * count;
        if (seconds < shortest.TotalSeconds || seconds > longest.TotalSeconds)
            throw new FormatException($"`{text}` is out of range; write {Text(shortest)} to {Text(longest)}");
        return unit * count;
    }

    private static string Text(TimeSpan duration)
    {
        (string unit, TimeSpan length) = Units.Last(unit => duration.Ticks % unit.Length.Ticks == 0);
        return $"{duration.Ticks / length.Ticks}{unit}";
    }
}

/// <summary>The values of headers other than <c>on</c> and <c>do</c>. Each method throws a FormatException that says what to write.</summary>
internal static class RouteHeaderValues
{
    public const string NameRule = "a lower-case letter, then at most 62 lower-case letters, digits, - or _";

    public static int Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new FormatException($"`{text}` is not a whole number from {least} to {most}");

    public static T OneOf<T>(string text, params ReadOnlySpan<(string Word, T Value)> choices)
    {
        foreach ((string word, T value) in choices)
        {
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        List<string> words = [];
        foreach ((string word, _) in choices)
            words.Add($"`{word}`");
        throw new FormatException($"`{text}` is not a choice; write {string.Join(" or ", words)}");
    }

    public static string RouteName(string text) => Shapes.RouteName().IsMatch(text)
        ? text
        : throw new FormatException($"`{text}` is no route's name: {NameRule}");

    public static RouteRetry Retry(string text)
    {
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words is [_])
            return RouteRetry.Default with { Attempts = Number(words[0], 1, 100) };
        if (words is not [_, "from", _, "to", _])
            throw new FormatException($"`{text}` is no retry; write the number of tries (`10`), or tries and waits (`10 from 5s to 1h`)");

        TimeSpan first = Durations.Parse(words[2], TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(7));
        TimeSpan longest = Durations.Parse(words[4], TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(7));
        return longest >= first
            ? new(Number(words[0], 1, 100), first, longest)
            : throw new FormatException($"the longest wait `{words[4]}` is shorter than the first, `{words[2]}`; swap them");
    }

    // Alone it must be balanced, and in the parentheses that will stand around it too: then it can neither close them nor hide them.
    public static string KeyExpression(string text)
    {
        if (SqlText.Read(text).Faults is [SqlFault fault, ..])
            throw new FormatException(fault.What);
        return SqlText.Read($"({text})").Faults.Count == 0
            ? text
            : throw new FormatException("the expression ends in a semicolon or a comment; remove it");
    }
}
