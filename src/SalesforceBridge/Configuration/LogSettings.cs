namespace SalesforceBridge.Configuration;

/// <summary>How log lines look.</summary>
internal enum LogFormat
{
    /// <summary><c>at=info event=... msg="..."</c>, as Heroku's own lines.</summary>
    Logfmt,

    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>For a person at a terminal.</summary>
    Text,
}

/// <summary>What is logged, and how.</summary>
internal sealed record LogSettings(LogFormat Format, LogLevel Level)
{
    /// <summary>How things are logged when nothing is set.</summary>
    public static LogSettings Default { get; } = new(LogFormat.Logfmt, LogLevel.Information);

    public static LogSettings Read(ConfigVarReader variables) => new(
        variables.Value<LogFormat>(
            ConfigVar.LogFormat, TryParseFormat, Default.Format, "a log format", "Set logfmt, json or text; not set it is logfmt."),
        variables.Value<LogLevel>(
            ConfigVar.LogLevel, TryParseLevel, Default.Level, "a log level", "Set debug, info, warn or error; not set it is info."));

    private static bool TryParseFormat(string text, out LogFormat format)
    {
        (bool known, format) = text.ToLowerInvariant() switch
        {
            "logfmt" => (true, LogFormat.Logfmt),
            "json" => (true, LogFormat.Json),
            "text" => (true, LogFormat.Text),
            _ => (false, default),
        };
        return known;
    }

    private static bool TryParseLevel(string text, out LogLevel level)
    {
        (bool known, level) = text.ToLowerInvariant() switch
        {
            "debug" => (true, LogLevel.Debug),
            "info" => (true, LogLevel.Information),
            "warn" => (true, LogLevel.Warning),
            "error" => (true, LogLevel.Error),
            _ => (false, default),
        };
        return known;
    }
}
