using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>
/// Reads times of day as orgs write them, <c>10:15:00.000Z</c> (with a <c>Z</c>, which .NET refuses for a time), and writes them so; orgs keep
/// milliseconds.
/// </summary>
public sealed class SalesforceTimeConverter : JsonConverter<TimeOnly>
{
    private static readonly string[] Forms = ["HH:mm:ss.FFFFFFF'Z'", "HH:mm:ss.FFFFFFF"];

    /// <summary>The text an org takes for a time of day.</summary>
    /// <param name="time">The time; what is below a millisecond is cut off.</param>
    public static string Format(TimeOnly time) => time.ToString("HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override TimeOnly Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TimeOnly.TryParseExact(reader.GetString(), Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly time)
            ? time
            : throw new JsonException("The text is not a time of day as orgs write it.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TimeOnly value, JsonSerializerOptions options) => writer.WriteStringValue(Format(value));
}
