using System.Globalization;
using System.Text.RegularExpressions;

namespace SalesforceBridge.Configuration;

/// <summary>Quantities as people write them in config vars: <c>7d</c>, <c>400MB</c>, <c>80%</c>.</summary>
internal static partial class Quantities
{
    /// <summary>A time such as <c>90s</c>, <c>30m</c>, <c>12h</c> or <c>7d</c>.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        Match match = Duration().Match(text);
        duration = match.Success
            ? int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) * UnitOfTime(match.Groups["unit"].Value)
            : TimeSpan.Zero;
        return match.Success;
    }

    /// <summary>A size in bytes such as <c>400MB</c>, <c>1.5 GB</c>; a MB is 1,048,576 bytes, as Postgres counts.</summary>
    public static bool TryParseSize(string text, out long bytes)
    {
        Match match = Size().Match(text);
        bytes = match.Success
            ? (long)(decimal.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) * UnitOfSize(match.Groups["unit"].Value))
            : 0;
        return match.Success;
    }

    private static TimeSpan UnitOfTime(string unit) => unit switch
    {
        "d" => TimeSpan.FromDays(1),
        "h" => TimeSpan.FromHours(1),
        "m" => TimeSpan.FromMinutes(1),
        _ => TimeSpan.FromSeconds(1),
    };

    private static long UnitOfSize(string unit) => unit.ToUpperInvariant() switch
    {
        "TB" => 1L << 40,
        "GB" => 1L << 30,
        _ => 1L << 20,
    };

    [GeneratedRegex("^(?<number>[0-9]{1,6})(?<unit>[dhms])$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Duration();

    [GeneratedRegex("^(?<number>[0-9]{1,6}(\\.[0-9]{1,3})?) ?(?<unit>[MGT]B)$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Size();
}
