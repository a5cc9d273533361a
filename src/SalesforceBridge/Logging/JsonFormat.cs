namespace SalesforceBridge.Logging;

/// <summary>One JSON object a line, with the names of the logfmt form.</summary>
internal sealed class JsonFormat : LineFormat
{
    protected override void Begin(LogLine line, LineBuffer buffer)
    {
        buffer.Raw($"{{\"at\":\"{line.At}\"");
        if (line.Event is { } name)
            Field("event", name, LongestValue, buffer);
        Field("msg", line.Message, LongestMessage, buffer);
        Field("logger", line.Logger, LongestValue, buffer);
    }

    protected override void Field(string name, object? value, int most, LineBuffer buffer)
    {
        buffer.Raw($",\"{name}\":");
        if (value is null or bool or sbyte or byte or short or ushort or int or uint or long or ulong or decimal)
        {
            buffer.Raw(TextOf(value));
            return;
        }

        buffer.Raw("\"");
        buffer.Escaped(TextOf(value), most, inQuotes: true);
        buffer.Raw("\"");
    }

    protected override void End(LineBuffer buffer) => buffer.Raw(buffer.IsCut ? ",\"cut\":true}" : "}");
}
