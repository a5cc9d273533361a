namespace SalesforceBridge.Logging;

/// <summary>One thing that is logged, taken apart. Every form writes the same parts in the same order.</summary>
internal sealed record LogLine(LogLevel Level, string Logger, string? Event, string Message, Exception? Error)
{
    private const string Template = "{OriginalFormat}";
    private static readonly string[] Reserved = ["at", "event", "msg", "error", "logger"];

    private readonly List<KeyValuePair<string, object?>> _fields = [];

    /// <summary>The structured values, the log call's own first, then its scopes from the inside out.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Fields => _fields;

    /// <summary>The level in one word.</summary>
    public string At => Level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "critical",
    };

    public static LogLine Of<TState>(
        LogLevel level, string logger, EventId id, TState state, string message, Exception? error, IExternalScopeProvider? scopes)
    {
        var line = new LogLine(level, logger, id.Name is { } name ? Names.SnakeCase(name) : null, message, error);
        line.Add(state);

        List<object?> outerFirst = [];
        scopes?.ForEachScope(static (scope, found) => found.Add(scope), outerFirst);
        for (int i = outerFirst.Count - 1; i >= 0; i--)
            line.Add(outerFirst[i]);
        return line;
    }

    private void Add(object? values)
    {
        if (values is not IEnumerable<KeyValuePair<string, object?>> fields)
            return;
        foreach ((string key, object? value) in fields)
        {
            if (key != Template && !IsSaid(value))
                AddOnce(Names.SnakeCase(key), value);
        }
    }

    // A sentence that the message already contains need not stand there twice. Ids and numbers do: they are searched for.
    private bool IsSaid(object? value) => value is string text && text.Contains(' ') && Message.Contains(text);

    // What was said nearest to the event wins over what an outer scope says under the same name.
    private void AddOnce(string key, object? value)
    {
        string name = Reserved.Contains(key) ? $"{key}_" : key;
        if (!_fields.Exists(field => field.Key == name))
            _fields.Add(new(name, value));
    }
}
