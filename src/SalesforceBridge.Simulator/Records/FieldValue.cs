using System.Globalization;
using System.Text.Json;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Records;

/// <summary>Reads a field's value from what a client sent, and writes it as the API does.</summary>
internal static class FieldValue
{
    private static readonly string[] DateTimeFormats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd",
    ];

    private static readonly string[] TimeFormats = ["HH:mm:ss.FFFFFFF'Z'", "HH:mm:ss'Z'", "HH:mm:ss.FFFFFFF", "HH:mm:ss"];

    /// <exception cref="ApiException">The JSON value is of another kind than the field.</exception>
    public static object? Read(Field field, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => Parse(field, Text(field, value)),
        JsonValueKind.Number => Parse(field, value.GetRawText(), fromNumber: true),
        JsonValueKind.True or JsonValueKind.False => Parse(field, value.GetRawText()),
        _ => throw Unreadable(field, value.ValueKind is JsonValueKind.Array ? "START_ARRAY" : "START_OBJECT", ""),
    };

    private static string Text(Field field, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or bytes that are no UTF-8.
            throw Unreadable(field, "VALUE_STRING", "with invalid characters");
        }
    }

    /// <summary>The value of a text in the form of a JSON request; an empty text is no value.</summary>
    /// <exception cref="ApiException">The text is no value of the field's type.</exception>
    public static object? Parse(Field field, string text, bool fromNumber = false)
    {
        if (text.Length == 0)
            return null;
        object? value = field.Type switch
        {
            FieldType.Boolean => bool.TryParse(text, out bool flag) && !fromNumber ? flag : null,
            FieldType.Int or FieldType.Double or FieldType.Currency or FieldType.Percent =>
                decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? number : null,
            FieldType.Date => DateOnly.TryParseExact(text, "yyyy-MM-dd", out DateOnly date) ? date : null,
            FieldType.DateTime => TryParseDateTime(text, out DateTimeOffset instant) ? instant : null,
            FieldType.Base64 => TryParseBlob(text),
            FieldType.Time => TimeOnly.TryParseExact(text, TimeFormats, out TimeOnly time) ? time : null,
            _ => text,
        };
        return value ?? throw Unreadable(field, fromNumber ? "VALUE_NUMBER" : "VALUE_STRING", text);
    }

    private static Blob? TryParseBlob(string text)
    {
        byte[] content = new byte[text.Length];
        return Convert.TryFromBase64String(text, content, out int length) ? new Blob(content.AsMemory(0, length)) : null;
    }

    public static bool TryParseDateTime(string text, out DateTimeOffset instant)
    {
        // .NET reads an offset only with its colon; Salesforce writes and accepts it without.
        bool bareOffset = text.Length > 5 && text[^5] is '+' or '-' && text.Contains('T');
        string normal = bareOffset ? text[..^2] + ":" + text[^2..] : text;
        return DateTimeOffset.TryParseExact(
            normal, DateTimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out instant);
    }

    /// <param name="json">Where to.</param>
    /// <param name="field">Decides the form of numbers.</param>
    /// <param name="value">What the record holds.</param>
    /// <param name="utcSuffix"><c>+0000</c> in REST, <c>Z</c> in events.</param>
    public static void Write(Utf8JsonWriter json, Field field, object? value, string utcSuffix)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case decimal: json.WriteRawValue(ToText(field, value, utcSuffix), skipInputValidation: true); break;
            default: json.WriteStringValue(ToText(field, value, utcSuffix)); break;
        }
    }

    /// <summary>The value as it stands between the quotes of JSON, or in an element of XML.</summary>
    public static string ToText(Field field, object value, string utcSuffix) => value switch
    {
        bool flag => flag ? "true" : "false",
        decimal number when field.Type is FieldType.Int => decimal.Truncate(number).ToString(CultureInfo.InvariantCulture),
        // Salesforce writes whole doubles as 120.0.
        decimal number => number.ToString("0.0#################", CultureInfo.InvariantCulture),
        DateTimeOffset instant => DateTimeText(instant, utcSuffix),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        Blob blob => Convert.ToBase64String(blob.Content.Span),
        _ => (string)value,
    };

    public static string DateTimeText(DateTimeOffset instant, string utcSuffix) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture) + utcSuffix;

    private static ApiException Unreadable(Field field, string token, string text) => new(400, new ApiError(
        "JSON_PARSER_ERROR",
        $"Cannot deserialize instance of {TypeName(field.Type)} from {token} value {text} or request may be missing a required field at [line:1, column:1]"));

    public static string TypeName(FieldType type) => type switch
    {
        FieldType.AutoNumber or FieldType.TextArea => "string",
        FieldType.Multipicklist => "multipicklist",
        _ => type.ToString().ToLowerInvariant(),
    };
}
