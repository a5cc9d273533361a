using System.Collections;
using System.Globalization;

namespace SalesforceBridge.Logging;

/// <summary>How the parts of a line are laid out.</summary>
internal abstract class LineFormat
{
    /// <summary>In bytes; what is longer is cut.</summary>
    protected const int LongestMessage = 4_000;

    /// <summary>In bytes; what is longer is cut.</summary>
    protected const int LongestValue = 1_000;

    /// <summary>Writes the line, without its line break.</summary>
    public void Write(LogLine line, LineBuffer buffer)
    {
        Begin(line, buffer);
        foreach ((string name, object? value) in line.Fields)
        {
            if (buffer.HasRoomFor(name))
                Field(name, value, LongestValue, buffer);
        }

        if (line.Error is { } error && buffer.HasRoomFor("error"))
            Error(error, buffer);
        End(buffer);
    }

    /// <summary>Level, event, message and logger.</summary>
    protected abstract void Begin(LogLine line, LineBuffer buffer);

    protected abstract void Field(string name, object? value, int most, LineBuffer buffer);

    /// <summary>The exception with its stack takes what room is left.</summary>
    protected virtual void Error(Exception error, LineBuffer buffer) => Field("error", error.ToString(), LineBuffer.Capacity, buffer);

    protected abstract void End(LineBuffer buffer);

    /// <summary>A value as text, the same in every culture.</summary>
    protected static string TextOf(object? value) => value switch
    {
        null => "null",
        string text => text,
        bool truth => truth ? "true" : "false",
        DateTimeOffset time => time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable items => string.Join(',', items.Cast<object?>().Select(TextOf)),
        _ => value.ToString() ?? "",
    };
}
