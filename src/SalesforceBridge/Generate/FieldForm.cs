using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Generate;

/// <summary>How a field's values are held in C#.</summary>
/// <param name="Type">The type, without the mark of what may be null.</param>
/// <param name="Says">What a value is, as a sentence.</param>
internal sealed record FieldForm(string Type, string Says)
{
    /// <summary>What reads and writes it, where System.Text.Json does it otherwise than orgs do.</summary>
    public string? Converter { get; private init; }

    /// <summary>The form of the org's type. Numbers are <c>decimal</c>: orgs write even whole ones as <c>5.0</c>.</summary>
    public static FieldForm Of(FieldDescribe field) => field.Type.ToLowerInvariant() switch
    {
        "boolean" => new("bool", "Yes or no."),
        "int" => new("int", $"A whole number{(field.Digits > 0 ? $" of up to {field.Digits} digits" : "")}."),
        "long" => new("long", "A whole number."),
        "double" => new("decimal", $"A number{Precision(field)}."),
        "currency" => new("decimal", $"An amount of money{Precision(field)}."),
        "percent" => new("decimal", $"A percentage{Precision(field)}: 25 is 25 %."),
        "date" => new("DateOnly", "A day."),
        "datetime" => new("DateTimeOffset", "A moment.") { Converter = nameof(SalesforceDateTimeConverter) },
        "time" => new("TimeOnly", "A time of day.") { Converter = nameof(SalesforceTimeConverter) },
        "id" => new("string", "The record's id."),
        "reference" => new("string", $"The id of {Targets(field)}."),
        "multipicklist" => new("string", "Values with semicolons between them."),
        "base64" => new("string", "Content in base64; what is read is a path to it."),
        "address" or "location" => new("JsonElement", "Several fields as one; each is also there by itself."),
        "anytype" or "complexvalue" or "json" => new("JsonElement", "Of any type."),
        _ => new("string", field.Length > 0 ? $"Text of up to {field.Length} characters." : "Text."),
    };

    /// <summary>What of a field a record's writer has to know, as sentences.</summary>
    public static IEnumerable<string> RulesOf(FieldDescribe field)
    {
        if (IsNeeded(field))
            yield return "Required.";
        if (field.ExternalId)
            yield return "An external id.";
        if (field.Unique)
            yield return "No two records share a value.";
        yield return field switch
        {
            { Calculated: true } => "A formula.",
            { AutoNumber: true } => "The org numbers records by it.",
            { Createable: false, Updateable: false } when field.Type != "id" => "The org sets it.",
            { Createable: true, Updateable: false } => "Only a new record can be given it.",
            { Createable: false, Updateable: true } => "A new record cannot be given it.",
            _ => "",
        };
    }

    /// <summary>Whether a new record, or an event, is refused without it.</summary>
    public static bool IsNeeded(FieldDescribe field) => field is { Nillable: false, Createable: true, DefaultedOnCreate: false };

    private static string Precision(FieldDescribe field) => field.Precision == 0
        ? ""
        : $" of up to {field.Precision - field.Scale} digits{(field.Scale > 0 ? $" and {field.Scale} after the point" : "")}";

    private static string Targets(FieldDescribe field) => field.ReferenceTo is { Count: > 0 } targets ? string.Join(" or ", targets.Take(5)) : "a record";
}
