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

    /// <summary>What a request must have to be what each of several declarations says, each field once.</summary>
    /// <exception cref="InvalidOperationException">Two of them clash (<see cref="ClashOf"/>).</exception>
    public static IReadOnlyList<RequestField> Together(IEnumerable<IReadOnlyList<RequestField>> declarations) =>
        [.. declarations.SelectMany(fields => fields).GroupBy(field => field.Name).Select(same => same.Aggregate((one, other) => one.And(other)))];

    /// <summary>The first field that two declarations have and no value fits, as the first of them has it; null where there is none.</summary>
    public static RequestField? ClashOf(IReadOnlyList<RequestField> fields, IReadOnlyList<RequestField> others) =>
        fields.FirstOrDefault(field => others.Any(other => other.Name == field.Name && TypeOfBoth(field.Type, other.Type) is null));

    private RequestField And(RequestField other) => new(
        Name, TypeOfBoth(Type, other.Type) ?? throw new InvalidOperationException($"Nothing is {Type} and {other.Type}."), IsOptional && other.IsOptional);

    private static string? TypeOfBoth(string one, string other) => (one, other) switch
    {
        _ when one == other => one,
        ("json", _) or ("numeric", "integer") or ("text", "date" or "timestamptz") => other,
        (_, "json") or ("integer", "numeric") or ("date" or "timestamptz", "text") => one,
        _ => null,
    };

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
