namespace SalesforceBridge.Logging;

/// <summary><c>at=info event=delivered msg="..." lane=orders</c>: how Heroku's own lines look. Logplex adds the time.</summary>
internal sealed class LogfmtFormat : LineFormat
{
    protected override void Begin(LogLine line, LineBuffer buffer)
    {
        buffer.Raw($"at={line.At}");
        if (line.Event is { } name)
            Field("event", name, LongestValue, buffer);
        buffer.Raw(" msg=\"");
        buffer.Escaped(line.Message, LongestMessage, inQuotes: true);
        buffer.Raw("\"");
        Field("logger", line.Logger, LongestValue, buffer);
    }

    protected override void Field(string name, object? value, int most, LineBuffer buffer)
    {
        string text = TextOf(value);
        string quote = NeedsQuotes(text) ? "\"" : "";
        buffer.Raw($" {name}={quote}");
        buffer.Escaped(text, most, inQuotes: true);
        buffer.Raw(quote);
    }

    protected override void End(LineBuffer buffer)
    {
        if (buffer.IsCut)
            buffer.Raw(" cut=true");
    }

    private static bool NeedsQuotes(string text) =>
        text.Length == 0 || text.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0 || text.AsSpan().IndexOfAny('"', '=', '\\') >= 0;
}
