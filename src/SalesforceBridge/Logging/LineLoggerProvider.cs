using SalesforceBridge.Configuration;

namespace SalesforceBridge.Logging;

/// <summary>Writes each log call as one line. Written at once, so that a killed process has said what it knew.</summary>
internal sealed class LineLoggerProvider(LineFormat format, Stream output) : ILoggerProvider, ISupportExternalScope
{
    private readonly Lock _writing = new();
    private readonly LineBuffer _buffer = new();
    private IExternalScopeProvider? _scopes;

    public LineLoggerProvider(LogFormat format, Stream output)
        : this(LayoutOf(format), output)
    {
    }

    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose() => output.Flush();

    private static LineFormat LayoutOf(LogFormat format) => format switch
    {
        LogFormat.Json => new JsonFormat(),
        LogFormat.Text => new TextFormat(),
        _ => new LogfmtFormat(),
    };

    private void Write(LogLine line)
    {
        lock (_writing)
        {
            _buffer.Clear();
            format.Write(line, _buffer);
            _buffer.Raw("\n");
            output.Write(_buffer.Written);
            output.Flush();
        }
    }

    private sealed class LineLogger(LineLoggerProvider provider, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => provider._scopes?.Push(state);

        // Which levels are wanted is decided before us, by the logging filters.
        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            provider.Write(LogLine.Of(logLevel, name, eventId, state, formatter(state, exception), exception, provider._scopes));
    }
}
