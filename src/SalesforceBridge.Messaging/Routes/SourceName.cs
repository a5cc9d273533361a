using System.Text;
using System.Text.RegularExpressions;

namespace SalesforceBridge.Messaging;

/// <summary>What wakes a route: the first word of its <c>on:</c> header.</summary>
public enum SourceKind
{
    /// <summary>A Platform Event.</summary>
    Event,

    /// <summary>Change Data Capture of an object.</summary>
    Change,

    /// <summary>A PushTopic.</summary>
    Topic,

    /// <summary>Any streaming channel by its path.</summary>
    Channel,

    /// <summary>A call from Apex.</summary>
    Callout,

    /// <summary>A workflow's SOAP notification.</summary>
    OutboundMessage,

    /// <summary>Changes of a table in our database.</summary>
    Table,

    /// <summary>What Heroku Connect could not write to the org.</summary>
    HerokuConnectError,

    /// <summary>A Heroku webhook.</summary>
    Webhook,

    /// <summary>A Quartz cron expression, with or without a time zone.</summary>
    Cron,

    /// <summary>A fixed interval.</summary>
    Every,

    /// <summary>A SOQL query at a fixed interval.</summary>
    Soql,

    /// <summary>The outcomes of another route's deliveries.</summary>
    Result,

    /// <summary>The bridge's own alerts.</summary>
    Alert,

    /// <summary>Commands and APIs that send; only the bridge's own routes read it.</summary>
    Api,
}

/// <summary>The name of a source: its kind and what the kind asks for, as in an <c>on:</c> header.</summary>
public sealed record SourceName
{
    /// <summary>The longest name in UTF-8 bytes: it is part of an index entry, which PostgreSQL limits to about 2,700.</summary>
    public const int LongestBytes = 2000;

    private static readonly string[] Words =
    [
        "event", "change", "topic", "channel", "callout", "outbound-message", "table", HerokuConnectErrors.Source, "webhook",
        "cron", "every", "soql", "result of", "alert", "api",
    ];

    private SourceName(SourceKind kind, string argument, TimeSpan? interval = null) =>
        (Kind, Argument, Interval) = (kind, argument, interval);

    /// <summary>The kind of source.</summary>
    public SourceKind Kind { get; }

    /// <summary>What follows the kind: an event, an object, a table, a query with its interval; empty for <c>alert</c> and <c>connect-error</c>.</summary>
    public string Argument { get; }

    /// <summary>The time between two runs of <c>every</c> and <c>soql</c>.</summary>
    public TimeSpan? Interval { get; }

    /// <summary>The source is read over the Streaming API and has a replay position.</summary>
    public bool IsStream => Kind is SourceKind.Event or SourceKind.Change or SourceKind.Topic or SourceKind.Channel;

    /// <summary>The source fires at times of the clock.</summary>
    public bool IsSchedule => Kind is SourceKind.Cron or SourceKind.Every;

    /// <summary>What a NULL column does unless the route says otherwise: payloads of changes hold only what changed.</summary>
    public RouteNulls DefaultNulls =>
        Kind is SourceKind.Change or SourceKind.Topic or SourceKind.Table ? RouteNulls.Omit : RouteNulls.Clear;

    /// <summary>Reads a source as an <c>on:</c> header names it. White space outside of quotes does not matter.</summary>
    /// <exception cref="FormatException">The text names no source; the message says what is wrong and what to write.</exception>
    public static SourceName Parse(string text)
    {
        string source = OneSpaced(text);
        if (Encoding.UTF8.GetByteCount(source) > LongestBytes)
            throw new FormatException($"is longer than {LongestBytes} bytes; shorten it (a long query can select fewer fields)");

        int space = source.IndexOf(' ');
        string word = (space < 0 ? source : source[..space]).ToLowerInvariant();
        return Parse(word, space < 0 ? "" : source[(space + 1)..]);
    }

    /// <summary>The name as stored and shown, such as <c>event Order_Placed__e</c>.</summary>
    public override string ToString() => Argument.Length == 0 ? Words[(int)Kind] : $"{Words[(int)Kind]} {Argument}";

    private static SourceName Parse(string word, string rest) => word switch
    {
        "event" => new(SourceKind.Event, Checked(rest, Shapes.EventName(),
            "names a Platform Event whose name ends in __e (`event Order_Placed__e`); for a standard event write `channel /event/NAME`")),
        "change" => new(SourceKind.Change, Checked(rest, Shapes.ChangedObject(),
            "names an object (`change Account`), not its change event; for all changes write `channel /data/ChangeEvents`")),
        "topic" => new(SourceKind.Topic, Checked(rest, Shapes.ApiName(), "names a PushTopic (`topic OpenOrders`)")),
        "channel" => Channel(Checked(rest, Shapes.Channel(), "is a path that starts with / (`channel /event/Orders__chn`)")),
        "callout" => new(SourceKind.Callout, Checked(rest, Shapes.SimpleName(),
            "names a path segment (`callout credit-check`): letters, digits, - and _")),
        "outbound-message" => new(SourceKind.OutboundMessage, Checked(rest, Shapes.ApiName(),
            "names an object (`outbound-message Opportunity`)")),
        "table" => new(SourceKind.Table, Table(rest)),
        HerokuConnectErrors.Source => rest.Length == 0
            ? new(SourceKind.HerokuConnectError, "")
            : throw new FormatException($"`{HerokuConnectErrors.Source}` takes nothing after it; a route's `on:` header may name a table there"),
        "webhook" => new(SourceKind.Webhook, Checked(rest, Shapes.Webhook(), "names a Heroku webhook entity (`webhook api:release`)")),
        "cron" => new(SourceKind.Cron, Cron(rest)),
        "every" => new(SourceKind.Every, rest, Durations.Parse(rest, TimeSpan.FromSeconds(1), Durations.Longest)),
        "soql" => Soql(rest),
        "result" => new(SourceKind.Result, Checked(rest.StartsWith("of ", StringComparison.OrdinalIgnoreCase) ? rest[3..] : "",
            Shapes.RouteName(), "names another route (`result of ROUTE`)")),
        "alert" => rest.Length == 0 ? new(SourceKind.Alert, "") : throw new FormatException("`alert` takes nothing after it"),
        "api" => new(SourceKind.Api, Checked(rest, Shapes.SimpleName(), "names one of the bridge's own routes (`api publish`)")),
        "" => throw new FormatException($"names no source; write one of {string.Join(", ", Words[..^1])}"),
        _ => throw new FormatException($"`{word}` is no kind of source; {Nearest.To(word, Words[..^1])}"),
    };

    private static string Checked(string argument, Regex shape, string rule) => shape.IsMatch(argument)
        ? argument
        : throw new FormatException($"{(argument.Length == 0 ? "nothing" : $"`{argument}`")} is not right here: it {rule}");

    // One channel is one source, with one position, however it is called.
    private static SourceName Channel(string path) => path.Split('/') switch
    {
        ["", "event", var name] when Shapes.EventName().IsMatch(name) => new(SourceKind.Event, name),
        ["", "data", var name] when Shapes.ChangeEvent().Match(name) is { Success: true, Groups: var parts } =>
            new(SourceKind.Change, parts["custom"].Success ? $"{parts["custom"].Value}__c" : parts["object"].Value),
        ["", "topic", var name] when Shapes.ApiName().IsMatch(name) => new(SourceKind.Topic, name),
        _ => new(SourceKind.Channel, path),
    };

    // SQL folds unquoted names to lower case, so `Salesforce.Contact` and `salesforce.contact` are one source.
    private static string Table(string argument)
    {
        Checked(argument, Shapes.Table(), "names a table with its schema (`table salesforce.contact`)");
        return Shapes.TablePart().Replace(argument, part => part.Value[0] == '"' ? part.Value : part.Value.ToLowerInvariant());
    }

    private static string Cron(string argument)
    {
        string[] words = argument.Split(' ');
        int fields = words.TakeWhile(word => Shapes.CronField().IsMatch(word)).Count();
        bool hasZone = fields == words.Length - 1 && Shapes.TimeZone().IsMatch(words[^1]);
        if (fields is < 6 or > 7 || (fields < words.Length && !hasZone))
        {
            throw new FormatException($"`{argument}` is no Quartz expression: six or seven fields, seconds first, "
                + "then a time zone if it is not UTC (`cron 0 */5 * * * ? Europe/Berlin`)");
        }

        return argument;
    }

    private static SourceName Soql(string argument)
    {
        int colon = argument.IndexOf(':');
        string query = colon < 0 ? "" : argument[(colon + 1)..].Trim();
        if (!query.StartsWith("select ", StringComparison.OrdinalIgnoreCase))
            throw new FormatException("a SOQL source is an interval, a colon and a query (`soql 5m: select Id, Name from Account`)");
        string interval = argument[..colon].Trim();
        return new(SourceKind.Soql, $"{interval}: {query}", Durations.Parse(interval, TimeSpan.FromSeconds(1), Durations.Longest));
    }

    private static string OneSpaced(string text)
    {
        var one = new StringBuilder(text.Length);
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (one.Length > 0 && one[^1] != ' ')
                    one.Append(' ');
                continue;
            }

            one.Append(c);
            if (quote == '\0' ? c is '\'' or '"' : c == quote)
                quote = quote == '\0' ? c : '\0';
            else if (quote != '\0' && c == '\\' && i + 1 < text.Length)
                one.Append(text[++i]);
        }

        return one.ToString().TrimEnd();
    }
}
