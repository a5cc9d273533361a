using System.Text;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Generate;

/// <summary>Writes the members of one record of C#.</summary>
/// <param name="text">Where to.</param>
/// <param name="depth">How deep they are.</param>
/// <param name="names">The names of the record.</param>
internal sealed class MemberSource(StringBuilder text, int depth, CSharpNames names)
{
    /// <summary>Writes a property.</summary>
    /// <param name="apiName">What it is called in JSON.</param>
    /// <param name="name">What it is called in C#.</param>
    /// <param name="form">How its values are held.</param>
    /// <param name="summary">What it is, in XML.</param>
    /// <param name="condition">When it is left out of what is written; null: never, so that it is required.</param>
    public void Property(string apiName, string name, FieldForm form, string summary, string? condition)
    {
        // What stands first in its braces has no line above it.
        if (text[^2] != '{')
            text.AppendLine();
        Line($"/// <summary>{summary}</summary>");
        Line($"[JsonPropertyName({CSharpText.Literal(apiName)})]");
        if (condition is not null)
            Line($"[JsonIgnore(Condition = JsonIgnoreCondition.{condition})]");
        if (form.Converter is not null)
            Line($"[JsonConverter(typeof({form.Converter}))]");
        Line($"public {(condition is null ? $"required {form.Type}" : $"{form.Type}?")} {name} {{ get; init; }}");
    }

    /// <summary>Writes the values of a list as constants.</summary>
    public void Values(IEnumerable<PicklistValue> all, string property, string summary)
    {
        PicklistValue[] values = [.. all.Where(value => value is { Active: true, Value.Length: > 0 }).DistinctBy(value => value.Value)];
        if (values.Length == 0)
            return;
        string type = names.Take($"{property}Values");
        var constants = new CSharpNames([type, .. CSharpNames.OfRecords]);
        text.AppendLine();
        Line($"/// <summary>{summary}</summary>");
        Line($"public static class {type}");
        Line("{");
        foreach (PicklistValue value in values)
        {
            Line($"    /// <summary>{CSharpText.Doc(value.Label ?? value.Value!)}</summary>");
            Line($"    public const string {constants.TakeForText(value.Value!)} = {CSharpText.Literal(value.Value!)};");
        }

        Line("}");
    }

    public void Line(string line) => text.Append(' ', depth * 4).Append(line).Append('\n');
}
