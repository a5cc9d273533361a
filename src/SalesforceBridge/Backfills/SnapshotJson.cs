using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace SalesforceBridge.Backfills;

/// <summary>Writes records that a query found as events have them.</summary>
internal static class SnapshotJson
{
    private const string QueryZone = "+0000";

    // What a payload takes in is the org's own JSON, with all that JSON allows.
    private static readonly JsonWriterOptions AsItCame = new() { SkipValidation = true };

    /// <summary>An object.</summary>
    public static ReadOnlyMemory<byte> Object(Action<Utf8JsonWriter> write)
    {
        var payload = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(payload, AsItCame))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return payload.WrittenMemory;
    }

    /// <summary>A member as it came; a query says <c>+0000</c> where events say <c>Z</c>.</summary>
    public static void Write(Utf8JsonWriter json, string name, JsonElement value, bool isTime)
    {
        json.WritePropertyName(name);
        if (isTime && value.ValueKind == JsonValueKind.String && value.GetString() is { } time && time.EndsWith(QueryZone, StringComparison.Ordinal))
            json.WriteStringValue($"{time[..^QueryZone.Length]}Z");
        else
            json.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
    }
}
