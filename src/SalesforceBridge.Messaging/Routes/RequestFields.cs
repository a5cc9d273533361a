using System.Text.Json;
using System.Text.RegularExpressions;

namespace SalesforceBridge.Messaging;

/// <summary>A field that a callout's request has: one part of a <c>takes:</c> header.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">text, numeric, integer, boolean, date, timestamptz or json.</param>
/// <param name="IsOptional">It may be missing or null.</param>
public sealed partial record RequestField(string Name, string Type, bool IsOptional)
{
    private static readonly string[] Types = ["text", "numeric", "integer", "boolean", "date", "timestamptz", "json"];

    /// <summary>Reads a <c>takes:</c> header, such as <c>Order_Id__c text, Amount__c numeric?</c>.</summary>
    /// <exception cref="FormatException">It is none; the message says what to write.</exception>
    public static IReadOnlyList<RequestField> Parse(string text)
    {
        List<RequestField> fields = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(ParseOne)];
        return fields.GroupBy(field => field.Name).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new FormatException($"`{twice.Key}` is there twice; name each field once")
            : fields;
    }

    /// <summary>What keeps a request from being what the fields say, as one sentence without its content; null when nothing does.</summary>
    public static string? FaultOf(IReadOnlyList<RequestField> fields, JsonElement request) => request.ValueKind != JsonValueKind.Object
        ? "It is no JSON object."
        : fields.Select(field => field.FaultIn(request)).FirstOrDefault(fault => fault is not null);

    private string? FaultIn(JsonElement request)
    {
        if (!request.TryGetProperty(Name, out JsonElement value) || value.ValueKind is JsonValueKind.Null)
            return IsOptional ? null : $"{Name} is missing.";
        return Fits(value) ? null : $"{Name} is no {Type}.";
    }

    private bool Fits(JsonElement value) => Type switch
    {
        "text" => value.ValueKind == JsonValueKind.String,
        "numeric" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "date" => value.ValueKind == JsonValueKind.String && Date().IsMatch(value.GetString()!),
        "timestamptz" => value.ValueKind == JsonValueKind.String && Instant().IsMatch(value.GetString()!),
        _ => true,
    };

    private static RequestField ParseOne(string text)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string type = words.Length == 2 ? words[1].TrimEnd('?').ToLowerInvariant() : "";
        return words is [string name, string] && Shapes.ApiName().IsMatch(name) && Types.Contains(type)
            ? new RequestField(name, type, words[1].EndsWith('?'))
            : throw new FormatException(
                $"`{text}` is no field; write a name and a type, with ? if it may be missing (`Order_Id__c text, Amount__c numeric?`); types are {string.Join(", ", Types)}");
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d\z", RegexOptions.ECMAScript, 1000)]
    private static partial Regex Date();

    // As JSON.serialize writes a Datetime, and as ISO 8601 has it.
    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)\z", RegexOptions.ECMAScript, 1000)]
    private static partial Regex Instant();
}
