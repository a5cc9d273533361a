using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SalesforceBridge.Destinations;

/// <summary>
/// Which record a delivery names, however it writes it: of an id 15 characters count, external ids are one whatever their capitals, and a
/// number is the same with zeros behind its point. Two keys that differ may still be one record where the org is told to see more alike.
/// </summary>
internal static class RecordKey
{
    private const int ShortId = 15, LongId = 18;

    /// <summary>The key; null where the field is not there, or holds neither text nor number.</summary>
    /// <param name="body">A JSON object in UTF-8.</param>
    /// <param name="field">The field that names the record, in any case.</param>
    public static string? Of(ReadOnlySpan<byte> body, string field)
    {
        // However deep something is nested in it, what to make of that is for the org to say.
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = int.MaxValue });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isIt = string.Equals(reader.GetString(), field, StringComparison.OrdinalIgnoreCase);
            reader.Read();
            if (isIt)
                return ValueAt(ref reader, isId: field.Equals("Id", StringComparison.OrdinalIgnoreCase));
            reader.Skip();
        }

        return null;
    }

    private static string? ValueAt(ref Utf8JsonReader reader, bool isId) => reader.TokenType switch
    {
        JsonTokenType.String when isId => reader.GetString() is { Length: LongId } id ? id[..ShortId] : reader.GetString(),
        JsonTokenType.String => reader.GetString()!.Trim().ToUpperInvariant(),
        JsonTokenType.Number when reader.TryGetDecimal(out decimal number) => number.ToString("0.############################", CultureInfo.InvariantCulture),
        JsonTokenType.Number => Encoding.ASCII.GetString(reader.ValueSpan),
        _ => null,
    };
}
