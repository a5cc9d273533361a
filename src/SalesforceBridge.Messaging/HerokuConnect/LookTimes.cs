using System.Globalization;
using System.Text.Json;

namespace SalesforceBridge.Messaging;

/// <summary>When each connection's log was looked at last: the position of <c>connect-error</c>. A connection that is not in it is new.</summary>
internal sealed class LookTimes
{
    private readonly Dictionary<string, string> _times;

    private LookTimes(Dictionary<string, string> times) => _times = times;

    /// <summary>Reads a position; what is none of ours says nothing.</summary>
    public static LookTimes Parse(string? position)
    {
        try
        {
            return new(position is null ? [] : JsonSerializer.Deserialize<Dictionary<string, string>>(position) ?? []);
        }
        catch (JsonException)
        {
            return new([]);
        }
    }

    /// <summary>The last look at a connection; null where it was never looked at.</summary>
    public DateTimeOffset? At(HerokuConnection connection) =>
        DateTimeOffset.TryParse(_times.GetValueOrDefault(connection.Schema), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset at)
            ? at : null;

    /// <summary>The same with another look.</summary>
    public LookTimes With(HerokuConnection connection, DateTimeOffset at) => new(new Dictionary<string, string>(_times) { [connection.Schema] = Text(at) });

    /// <summary>A time as positions and gaps say it, in whole seconds.</summary>
    public static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The position.</summary>
    public override string ToString() => JsonSerializer.Serialize(_times);
}
