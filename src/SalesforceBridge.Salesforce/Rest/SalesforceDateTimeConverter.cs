using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>
/// Reads moments as orgs write them, <c>2026-01-02T03:04:05.000+0000</c> (no colon in the offset, which .NET refuses), and with
/// <c>Z</c> or a colon; writes UTC with milliseconds and <c>Z</c>. Days are <c>DateOnly</c>, which needs no converter.
/// </summary>
public sealed class SalesforceDateTimeConverter : JsonConverter<DateTimeOffset>
{
    private const string UsualForm = "yyyy-MM-ddTHH:mm:ss.fff+hhmm";

    private static readonly string[] Forms =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>The text an org takes for a moment.</summary>
    /// <param name="moment">Any offset; the org keeps milliseconds.</param>
    public static string Format(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads a moment as orgs write it.</summary>
    /// <param name="text">The text; null is none.</param>
    /// <param name="moment">The moment, with the offset that the text has.</param>
    /// <returns>Whether the text is a moment.</returns>
    public static bool TryParse(string? text, out DateTimeOffset moment) =>
        DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out moment);

    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TryReadUsual(in reader, out DateTimeOffset moment) || TryParse(reader.GetString(), out moment)
            ? moment
            : throw new JsonException("The text is not a moment in time as orgs write it.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Format(value));

    // With the colon that is missing, the usual form is one that .NET reads from the bytes themselves, in a third of the time.
    private static bool TryReadUsual(in Utf8JsonReader reader, out DateTimeOffset moment)
    {
        moment = default;
        if (reader.TokenType is not JsonTokenType.String || reader.HasValueSequence || reader.ValueIsEscaped
            || reader.ValueSpan.Length != UsualForm.Length || reader.ValueSpan[^5] is not ((byte)'+' or (byte)'-'))
        {
            return false;
        }

        Span<byte> withColon = stackalloc byte[UsualForm.Length + 3];
        withColon[0] = withColon[^1] = (byte)'"';
        reader.ValueSpan[..^2].CopyTo(withColon[1..]);
        withColon[^4] = (byte)':';
        reader.ValueSpan[^2..].CopyTo(withColon[^3..]);
        var text = new Utf8JsonReader(withColon);
        return text.Read() && text.TryGetDateTimeOffset(out moment);
    }
}
