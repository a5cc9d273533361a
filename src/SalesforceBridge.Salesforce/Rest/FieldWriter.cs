using System.Collections;
using System.Globalization;
using System.Text.Json;
using SalesforceBridge.Salesforce.Rest.Composite;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Writes field values as the org wants them, without reflection.</summary>
internal static class FieldWriter
{
    public static void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, object?> fields)
    {
        writer.WriteStartObject();
        foreach ((string name, object? value) in fields)
        {
            writer.WritePropertyName(name);
            WriteValue(writer, name, value);
        }

        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, string name, object? value)
    {
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case string text: writer.WriteStringValue(text); break;
            case bool flag: writer.WriteBooleanValue(flag); break;
            case sbyte or byte or short or ushort or int or uint: writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case long number: writer.WriteNumberValue(number); break;
            case decimal number: writer.WriteNumberValue(number); break;
            case float number when float.IsFinite(number): writer.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): writer.WriteNumberValue(number); break;
            case DateTimeOffset moment: writer.WriteStringValue(SalesforceDateTimeConverter.Format(moment)); break;
            case DateOnly day: writer.WriteStringValue(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)); break;
            case TimeOnly time: writer.WriteStringValue(SalesforceTimeConverter.Format(time)); break;
            case byte[] blob: writer.WriteBase64StringValue(blob); break;
            case CompositeId id: writer.WriteStringValue(id.ToString()); break;
            case JsonElement json: json.WriteTo(writer); break;
            case IReadOnlyDictionary<string, object?> related: Write(writer, related); break;
            case IEnumerable values: WriteList(writer, name, values); break;
            default:
                throw new ArgumentException(
                    $"Field {name} holds a {value.GetType().Name}, which cannot be sent. "
                    + "Use text, a number, a boolean, DateTimeOffset for a moment or DateOnly for a day.", nameof(value));
        }
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IEnumerable values)
    {
        writer.WriteStartArray();
        foreach (object? value in values)
            WriteValue(writer, name, value);
        writer.WriteEndArray();
    }
}
