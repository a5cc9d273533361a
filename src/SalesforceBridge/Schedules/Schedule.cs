using System.Security;
using System.Text.RegularExpressions;
using Quartz;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Schedules;

/// <summary>When a schedule's source fires. Everybody who reads the same <c>on:</c> header comes to the same times.</summary>
internal abstract partial record Schedule
{
    private Schedule()
    {
    }

    /// <summary>The time zone it is written in; null where it is written in none.</summary>
    public virtual TimeZoneInfo? Zone => null;

    /// <summary>The schedule of a source that is one.</summary>
    /// <exception cref="FormatException">There is no such schedule; the message says what to write.</exception>
    public static Schedule Of(SourceName source) => source.Kind switch
    {
        SourceKind.Every => new Every(source.Interval!.Value),
        SourceKind.Cron => CronOf(source),
        _ => throw new ArgumentException($"{source} is no schedule.", nameof(source)),
    };

    /// <summary>The first time after a moment at which it fires; null when it never does again.</summary>
    public abstract DateTimeOffset? NextAfter(DateTimeOffset moment);

    private static Cron CronOf(SourceName source)
    {
        string[] words = source.Argument.Split(' ');
        bool hasZone = words.Length > 6 && char.IsAsciiLetter(words[^1][0]);
        TimeZoneInfo? zone = hasZone ? ZoneOf(words[^1]) : null;
        string expression = string.Join(' ', hasZone ? words[..^1] : words);
        var cron = new Cron(ExpressionOf(expression).WithTimeZone(zone ?? TimeZoneInfo.Utc), zone);
        return cron.NextAfter(DateTimeOffset.UnixEpoch) is not null
            ? cron
            : throw new FormatException($"`{source}` never fires, since there is no such day; correct the day, the month or the year");
    }

    private static CronExpression ExpressionOf(string expression)
    {
        // Quartz keeps "any" as 98 and 99, so that written in a field they would fire all the time.
        if (WrittenAny().Match(expression) is { Success: true } any)
            throw new FormatException($"`{any.Value}` is out of range in `{expression}`; seconds and minutes go to 59, hours to 23, days to 31, months to 12");
        try
        {
            return CronExpression.Parse(expression);
        }
        catch (FormatException refused)
        {
            throw new FormatException(
                $"`{expression}` is no Quartz expression ({refused.Message.TrimEnd('.')}); write seconds, minutes, hours, days, months and weekdays (`cron 0 0 9 ? * MON-FRI`)", refused);
        }
    }

    private static TimeZoneInfo ZoneOf(string name)
    {
        try
        {
            return TimeZoneInfo.FindSystemTimeZoneById(name);
        }
        catch (Exception error) when (error is TimeZoneNotFoundException or InvalidTimeZoneException or SecurityException)
        {
            throw new FormatException(TimeZoneInfo.GetSystemTimeZones().Any(zone => zone.BaseUtcOffset != TimeSpan.Zero)
                ? $"there is no time zone `{name}`; write one of the IANA database (`Europe/Berlin`), or none for UTC"
                : $"this machine knows no time zones, so not `{name}` either; install its package tzdata, or write the schedule in UTC", error);
        }
    }

    [GeneratedRegex(@"(?<!\d)9[89](?!\d)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WrittenAny();

    /// <summary>
    /// A Quartz expression. Quartz decides what becomes of an hour that summer time takes or gives: a time that the day does not
    /// have fires at the moment of the change; of a time that comes twice the first fires, and both where hours or minutes repeat.
    /// </summary>
    public sealed record Cron(CronExpression Expression, TimeZoneInfo? WrittenZone) : Schedule
    {
        public override TimeZoneInfo? Zone => WrittenZone;

        public override DateTimeOffset? NextAfter(DateTimeOffset moment) => Expression.GetNextValidTimeAfter(moment)?.ToUniversalTime();
    }

    /// <summary>Multiples of an interval since 1970-01-01 UTC.</summary>
    public sealed record Every(TimeSpan Interval) : Schedule
    {
        public override DateTimeOffset? NextAfter(DateTimeOffset moment)
        {
            long intervals = (moment - DateTimeOffset.UnixEpoch).Ticks / Interval.Ticks;
            return DateTimeOffset.UnixEpoch + (Interval * (intervals + 1));
        }
    }
}
