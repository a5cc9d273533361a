using System.Text;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Generate;

/// <summary>
/// Writes the C# record of an object or event. All of an object's properties may be null, as a query reads some fields and not others: what is
/// null is left out of a save, so that nothing is overwritten by what was never read. An event comes and goes whole, so what it must have is required.
/// </summary>
/// <param name="sObject">What the org says of it.</param>
/// <param name="typeNames">The records that are written with it, by the org's names.</param>
internal sealed class RecordSource(ObjectDescribe sObject, IReadOnlyDictionary<string, string> typeNames)
{
    private const string ObjectConstant = "SObject";
    private const string ForCreate = "ForCreate";
    private const string ForUpdate = "ForUpdate";

    private readonly StringBuilder _text = new();
    private readonly CSharpNames _names = new([typeNames[sObject.Name], ObjectConstant, ForCreate, ForUpdate, .. CSharpNames.OfRecords]);
    private readonly List<string> _onlyNew = [];
    private readonly List<string> _neverNew = [];

    private bool IsEvent => !sObject.Queryable && sObject.Name.EndsWith("__e", StringComparison.OrdinalIgnoreCase);

    /// <summary>The declaration of the type.</summary>
    public string Write()
    {
        Line(0, $"/// <summary>{CSharpText.Doc(sObject.Label ?? sObject.Name)}. {(IsEvent ? "A Platform Event." : "What is null is left out of a save; RecordJson.Clearing clears a field.")}</summary>");
        Line(0, $"public sealed record {typeNames[sObject.Name]}");
        Line(0, "{");
        Line(1, $"/// <summary>What the org calls it: for the client's methods, and for queries.</summary>");
        Line(1, $"public const string {ObjectConstant} = {CSharpText.Literal(sObject.Name)};");
        (FieldDescribe Field, string Name)[] fields = [.. Ordered().Select(field => (field, _names.Take(field.Name)))];
        foreach ((FieldDescribe field, string name) in fields)
            WriteField(field, name);
        WriteCopy(ForCreate, "a new record", _neverNew);
        WriteCopy(ForUpdate, "an update", _onlyNew);
        Line(0, "}");
        return _text.ToString();
    }

    private IEnumerable<FieldDescribe> Ordered() => sObject.Fields.OrderBy(field => field.Type == "id" ? 0 : 1);

    private void WriteField(FieldDescribe field, string name)
    {
        var form = FieldForm.Of(field);
        bool isRequired = IsEvent && FieldForm.IsNeeded(field);
        bool isWritten = field.Createable || field.Updateable || field.Type == "id";
        string[] sentences = [$"{CSharpText.Doc(field.Label ?? field.Name)}.", form.Says, .. FieldForm.RulesOf(field)];

        _text.AppendLine();
        Line(1, $"/// <summary>{string.Join(' ', sentences.Where(sentence => sentence.Length > 0))}</summary>");
        WriteAttributes(field.Name, isRequired ? null : isWritten ? "WhenWritingNull" : "WhenWriting", form.Converter);
        Line(1, $"public {(isRequired ? "required " : "")}{form.Type}{(isRequired ? "" : "?")} {name} {{ get; init; }}");
        if (!IsEvent && field is { Createable: true, Updateable: false })
            _onlyNew.Add(name);
        if (!IsEvent && field is { Createable: false, Updateable: true })
            _neverNew.Add(name);
        WriteValues(field.PicklistValues ?? [], field.RestrictedPicklist, name);
        if (field.RelationshipName is { Length: > 0 } relationship)
            WriteRelated(field, name, relationship, isWritten);
    }

    // What may be in it is whatever a query reads of the other record; what a save sends is the other record's external id.
    private void WriteRelated(FieldDescribe field, string idName, string relationship, bool isWritten)
    {
        string name = _names.Take(relationship);
        bool isKnown = field.ReferenceTo is [string target] && typeNames.ContainsKey(target);
        string use = isWritten
            ? $"A save finds it by what is set of it, so set its external id alone and leave <see cref=\"{idName}\"/> null; set it to null before what was read is saved."
            : "It is read and not saved.";
        _text.AppendLine();
        Line(1, $"/// <summary>The record of <see cref=\"{idName}\"/>, as far as a query reads it. {use}</summary>");
        WriteAttributes(relationship, isWritten ? "WhenWritingNull" : "WhenWriting", null);
        Line(1, $"public {(isKnown ? typeNames[field.ReferenceTo![0]] : "JsonElement")}? {name} {{ get; init; }}");
        if (!IsEvent && field is { Createable: true, Updateable: false })
            _onlyNew.Add(name);
    }

    private void WriteAttributes(string apiName, string? condition, string? converter)
    {
        Line(1, $"[JsonPropertyName({CSharpText.Literal(apiName)})]");
        if (condition is not null)
            Line(1, $"[JsonIgnore(Condition = JsonIgnoreCondition.{condition})]");
        if (converter is not null)
            Line(1, $"[JsonConverter(typeof({converter}))]");
    }

    private void WriteValues(IReadOnlyList<PicklistValue> all, bool isRestricted, string property)
    {
        PicklistValue[] values = [.. all.Where(value => value is { Active: true, Value.Length: > 0 }).DistinctBy(value => value.Value)];
        if (values.Length == 0)
            return;
        string type = _names.Take($"{property}Values");
        var names = new CSharpNames([type, .. CSharpNames.OfRecords]);
        _text.AppendLine();
        Line(1, $"/// <summary>What people can choose for <see cref=\"{property}\"/>. {(isRestricted ? "The org takes nothing else." : "The org takes other values too.")}</summary>");
        Line(1, $"public static class {type}");
        Line(1, "{");
        foreach (PicklistValue value in values)
        {
            Line(2, $"/// <summary>{CSharpText.Doc(value.Label ?? value.Value!)}</summary>");
            Line(2, $"public const string {names.TakeForText(value.Value!)} = {CSharpText.Literal(value.Value!)};");
        }

        Line(1, "}");
    }

    private void WriteCopy(string method, string what, List<string> without)
    {
        if (without.Count == 0)
            return;
        _text.AppendLine();
        Line(1, $"/// <summary>The record without what {what} may not be given.</summary>");
        Line(1, $"public {typeNames[sObject.Name]} {method}() => this with {{ {string.Join(", ", without.Select(name => $"{name} = null"))} }};");
    }

    private void Line(int depth, string text) => _text.Append(' ', depth * 4).Append(text).Append('\n');
}
