using System.Globalization;
using SalesforceBridge.HerokuConnect;

namespace SalesforceBridge.Configuration;

/// <summary>What the config vars say. Read once at start: on Heroku a change of one is a restart.</summary>
internal sealed record BridgeSettings
{
    private const int ShortestSecret = 16;

    private static readonly TimeSpan ShortestRetention = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestRetention = TimeSpan.FromDays(3650);

    // An org keeps events for 72 hours: whoever forgets sooner takes a replayed event for a new one.
    private static readonly TimeSpan ShortestRetentionWithStreams = TimeSpan.FromDays(4);

    public required DatabaseSettings Database { get; init; }

    public required OrgSettings Org { get; init; }

    /// <summary>The port <c>web</c> listens on. 0 takes any free one, and the log tells which.</summary>
    public required int Port { get; init; }

    /// <summary>The folder of route files.</summary>
    public required string RoutesFolder { get; init; }

    /// <summary>Who may call the bridge.</summary>
    public required CalloutSettings Callouts { get; init; }

    /// <summary>What callers must know. Several while one replaces another; none refuses every caller.</summary>
    public IReadOnlyList<Secret> CalloutSecrets => [.. Callouts.Secrets.Select(secret => secret.Value)];

    /// <summary>The orgs whose outbound messages are taken, each as 15 or 18 characters; none takes those of any org that knows the address.</summary>
    public required IReadOnlyList<string> OutboundMessageOrgs { get; init; }

    /// <summary>How long an outbound message may be, in bytes.</summary>
    public required long LargestOutboundMessage { get; init; }

    /// <summary>Keys are derived from it; any text of 16 characters or more.</summary>
    public required Secret? EncryptionKey { get; init; }

    /// <summary>Opens the console; not set, the console stays closed.</summary>
    public required Secret? ConsolePassword { get; init; }

    /// <summary>How long messages are kept, if nothing still needs them longer.</summary>
    public required TimeSpan Retention { get; init; }

    /// <summary>How large the schema may grow, in bytes.</summary>
    public required long Storage { get; init; }

    /// <summary>How many of the org's API calls the bridge may make.</summary>
    public required ApiBudget ApiBudget { get; init; }

    /// <summary>The HTTP APIs that routes may call.</summary>
    public required IReadOnlyList<RequestSettings> Requests { get; init; }

    public required LogSettings Log { get; init; }

    /// <summary>Where OpenTelemetry goes; <c>null</c>: nowhere.</summary>
    public required Uri? TelemetryEndpoint { get; init; }

    public required DynoMetadata Dyno { get; init; }

    /// <summary>How to ask Heroku Connect's API; <c>null</c>: it is not asked.</summary>
    public required HerokuConnectSettings? HerokuConnect { get; init; }

    /// <summary>The settings, or every fault at once.</summary>
    public static Reading<BridgeSettings> Read(IReadOnlyDictionary<string, string> environment)
    {
        var variables = new ConfigVarReader(environment);
        variables.Value<string>(
            ConfigVar.Process, TryParseProcess, "web", "a kind of process", "Set all to run everything in the web dyno, or web; not set it is web.");
        return variables.Conclude(new BridgeSettings
        {
            Database = DatabaseSettings.Read(variables),
            Org = OrgSettings.Read(variables),
            Port = variables.Value<int>(ConfigVar.Port, TryParsePort, 5000, "a port", "Set a number from 0 to 65535; Heroku sets it by itself."),
            RoutesFolder = variables.Value<string>(
                ConfigVar.Routes, TryFindFolder, "sql/routes", "a folder that exists", "Set a path from the app's root; not set it is sql/routes."),
            Callouts = CalloutSettings.Read(variables),
            OutboundMessageOrgs = variables.Value<IReadOnlyList<string>>(
                ConfigVar.OutboundMessageOrgs, OrgSettings.TryParseOrgIds, [], "a list of org ids",
                "Set the 15 or 18 characters that Setup, Company Information shows, separated by commas; not set, any org that knows the address may send."),
            LargestOutboundMessage = variables.Value<long>(
                ConfigVar.LargestOutboundMessage, TryParseBodySize, 8L << 20, "a size from 1MB to 64MB", "Set a number with MB, like 8MB; not set it is 8MB."),
            EncryptionKey = ReadSecret(variables, ConfigVar.EncryptionKey),
            ConsolePassword = ReadSecret(variables, ConfigVar.ConsolePassword),
            Retention = variables.Value<TimeSpan>(
                ConfigVar.Retention, TryParseRetention, TimeSpan.FromDays(7), "a time from 1h to 3650d",
                "Set a number with s, m, h or d, like 7d; not set it is 7d."),
            Storage = variables.Value<long>(
                ConfigVar.Storage, TryParseStorage, 400L << 20, "a size from 1MB on", "Set a number with MB, GB or TB, like 400MB; not set it is 400MB."),
            ApiBudget = variables.Value<ApiBudget>(
                ConfigVar.ApiBudget, Configuration.ApiBudget.TryParse, Configuration.ApiBudget.Default, "a share or a number of requests",
                "Set a share of the org's daily limit, like 50%, or requests a day, like 20000; not set it is 80%."),
            Requests = new RequestSettingsReader(variables).Read(),
            Log = LogSettings.Read(variables),
            TelemetryEndpoint = variables.Value<Uri?>(
                ConfigVar.TelemetryEndpoint, TryParseEndpoint, null, "an http or https address", "Set the address of an OTLP collector."),
            Dyno = DynoMetadata.Read(variables),
            HerokuConnect = HerokuConnectSettings.Read(variables),
        });
    }

    /// <summary>Whether messages are kept long enough to know a replayed event again.</summary>
    /// <param name="hasStreamSource">Whether some route listens to events, changes, topics or channels.</param>
    public SettingFault? CheckRetention(bool hasStreamSource) =>
        hasStreamSource && Retention < ShortestRetentionWithStreams
            ? new SettingFault(
                ConfigVar.Retention.Name,
                $"is {Retention.TotalDays.ToString("0.##", CultureInfo.InvariantCulture)} days, too short while a route listens to the org's events",
                "Set 4d or more: the org sends events of the last three days again, and only kept messages tell which are known.")
            : null;

    private static Secret? ReadSecret(ConfigVarReader variables, ConfigVar variable)
    {
        if (variables.Text(variable) is { Length: < ShortestSecret })
            variables.Fault(variable, "has fewer than 16 characters", "Set a longer one, like: openssl rand -hex 32");
        return variables.Secret(variable);
    }

    private static bool TryParseProcess(string text, out string process)
    {
        process = text;
        return text is "web" or "all";
    }

    private static bool TryParsePort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535;

    private static bool TryFindFolder(string text, out string folder)
    {
        folder = text;
        return Directory.Exists(text);
    }

    private static bool TryParseRetention(string text, out TimeSpan retention) =>
        Quantities.TryParseDuration(text, out retention) && retention >= ShortestRetention && retention <= LongestRetention;

    private static bool TryParseStorage(string text, out long bytes) => Quantities.TryParseSize(text, out bytes) && bytes >= 1L << 20;

    private static bool TryParseBodySize(string text, out long bytes) => Quantities.TryParseSize(text, out bytes) && bytes is >= 1L << 20 and <= 64L << 20;

    private static bool TryParseEndpoint(string text, out Uri? endpoint) =>
        Uri.TryCreate(text, UriKind.Absolute, out endpoint) && endpoint.Scheme is "http" or "https";
}
