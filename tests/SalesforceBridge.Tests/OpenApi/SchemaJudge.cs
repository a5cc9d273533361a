using System.Text.Json;
using System.Text.RegularExpressions;

namespace SalesforceBridge.Tests.OpenApi;

/// <summary>Holds a value against the schema of a single value, with its format.</summary>
internal static partial class SchemaJudge
{
    public static bool Fits(this JsonElement value, JsonElement schema) => (TypeOf(schema, "type"), TypeOf(schema, "format")) switch
    {
        (null, _) => true,
        _ when value.ValueKind == JsonValueKind.Null => schema.TryGetProperty("nullable", out JsonElement nullable) && nullable.GetBoolean(),
        ("boolean", null) => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        ("integer", "int32") => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _),
        ("integer", "int64") => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        ("number", null or "float" or "double") => value.ValueKind == JsonValueKind.Number,
        ("string", null) => value.ValueKind == JsonValueKind.String,
        ("string", "date") => value.ValueKind == JsonValueKind.String && Date().IsMatch(value.GetString()!),
        ("string", "date-time") => value.ValueKind == JsonValueKind.String && Instant().IsMatch(value.GetString()!),
        var (type, format) => throw new NotSupportedException($"{type} {format}"),
    };

    private static string? TypeOf(JsonElement schema, string name) => schema.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d\z", RegexOptions.ECMAScript, 1000)]
    private static partial Regex Date();

    // RFC 3339, which OpenAPI means by date-time.
    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\z", RegexOptions.ECMAScript, 1000)]
    private static partial Regex Instant();
}
