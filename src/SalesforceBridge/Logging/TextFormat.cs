namespace SalesforceBridge.Logging;

/// <summary>For a person at a terminal: level, message and values on a line, an exception's lines indented below.</summary>
internal sealed class TextFormat : LineFormat
{
    protected override void Begin(LogLine line, LineBuffer buffer)
    {
        buffer.Raw($"{line.At,-5} ");
        buffer.Escaped(line.Message, LongestMessage, inQuotes: false);
    }

    protected override void Field(string name, object? value, int most, LineBuffer buffer)
    {
        buffer.Raw($" {name}=");
        buffer.Escaped(TextOf(value), most, inQuotes: false);
    }

    protected override void Error(Exception error, LineBuffer buffer)
    {
        foreach (string line in error.ToString().Split('\n').TakeWhile(line => buffer.HasRoomFor("")))
        {
            buffer.Raw("\n      ");
            buffer.Escaped(line, LineBuffer.Capacity, inQuotes: false);
        }
    }

    protected override void End(LineBuffer buffer)
    {
        if (buffer.IsCut)
            buffer.Raw(" (cut)");
    }
}
