using System.Text.RegularExpressions;

namespace SalesforceBridge.Messaging;

/// <summary>What the names in header lines look like. No pattern backtracks far, so the time limit is never met.</summary>
internal static partial class Shapes
{
    private const int Milliseconds = 1000;

    /// <summary>A route's name.</summary>
    [GeneratedRegex(@"^[a-z][a-z0-9_-]{0,62}\z", RegexOptions.None, Milliseconds)]
    public static partial Regex RouteName();

    /// <summary>The API name of an object, a field, a flow or a class in Salesforce.</summary>
    [GeneratedRegex(@"^[A-Za-z]\w{0,99}\z", RegexOptions.ECMAScript, Milliseconds)]
    public static partial Regex ApiName();

    /// <summary>The API name of a custom Platform Event.</summary>
    [GeneratedRegex(@"^[A-Za-z]\w{0,96}__e\z", RegexOptions.ECMAScript, Milliseconds)]
    public static partial Regex EventName();

    /// <summary>The API name of an object, not of its change event.</summary>
    [GeneratedRegex(@"^(?!\w*ChangeEvents?$)[A-Za-z]\w{0,99}\z", RegexOptions.ECMAScript, Milliseconds)]
    public static partial Regex ChangedObject();

    /// <summary>The change event of an object.</summary>
    [GeneratedRegex(@"^(?:(?<custom>[A-Za-z]\w{0,96})__|(?<object>[A-Za-z]\w{0,99}?))ChangeEvent\z", RegexOptions.ECMAScript, Milliseconds)]
    public static partial Regex ChangeEvent();

    /// <summary>A name we give: of a callout, of an HTTP API, of a route of our own.</summary>
    [GeneratedRegex(@"^[A-Za-z][\w-]{0,62}\z", RegexOptions.ECMAScript, Milliseconds)]
    public static partial Regex SimpleName();

    /// <summary>A Bayeux channel without wildcards.</summary>
    [GeneratedRegex(@"^(?:/[\w!~()$@-]+)+\z", RegexOptions.ECMAScript, Milliseconds)]
    public static partial Regex Channel();

    /// <summary>A table with its schema; either may be in double quotes.</summary>
    [GeneratedRegex("""^(?:[A-Za-z_][\w$]*|"(?:[^"]|"")+")\.(?:[A-Za-z_][\w$]*|"(?:[^"]|"")+")\z""", RegexOptions.ECMAScript, Milliseconds)]
    public static partial Regex Table();

    /// <summary>Column names with commas between; each may be in double quotes.</summary>
    [GeneratedRegex("""^\s*(?:[A-Za-z_][\w$]*|"(?:[^"]|"")+")(?:\s*,\s*(?:[A-Za-z_][\w$]*|"(?:[^"]|"")+"))*\s*\z""", RegexOptions.ECMAScript, Milliseconds)]
    public static partial Regex Columns();

    /// <summary>One part of a table's name, or one column's.</summary>
    [GeneratedRegex("\"(?:[^\"]|\"\")+\"|[A-Za-z_][\\w$]*", RegexOptions.ECMAScript, Milliseconds)]
    public static partial Regex TablePart();

    /// <summary>An entity that Heroku sends webhooks about.</summary>
    [GeneratedRegex(@"^[a-z]+(?::[a-z]+(?:-[a-z]+)*)?\z", RegexOptions.ECMAScript, Milliseconds)]
    public static partial Regex Webhook();

    /// <summary>One field of a Quartz cron expression.</summary>
    [GeneratedRegex(@"^(?:[\d*?/,#LW-]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|SUN|MON|TUE|WED|THU|FRI|SAT)+\z",
        RegexOptions.ECMAScript | RegexOptions.IgnoreCase, Milliseconds)]
    public static partial Regex CronField();

    /// <summary>A time zone of the IANA database; whether it exists is for the schedule to say.</summary>
    [GeneratedRegex(@"^[A-Za-z][\w+-]*(?:/[\w+-]+)*\z", RegexOptions.ECMAScript, Milliseconds)]
    public static partial Regex TimeZone();

    /// <summary>A header line: one to three words, a colon and a value. An address (<c>https://...</c>) is prose.</summary>
    [GeneratedRegex(@"^--[ \t]*(?<name>[A-Za-z]+(?:[ \t]+[A-Za-z]+){0,2})[ \t]*:(?!//)(?<value>.*)$",
        RegexOptions.Singleline, Milliseconds)]
    public static partial Regex HeaderLine();
}
