using System.Text;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Generate;

/// <summary>A record as it was written.</summary>
/// <param name="Source">Its declaration.</param>
/// <param name="NestedTypes">The names of the records in it.</param>
internal sealed record WrittenRecord(string Source, IReadOnlyList<string> NestedTypes);

/// <summary>
/// Writes the C# record of an object or event. All of an object's properties may be null, as a query reads some fields and not others: what is
/// null is left out of a save, so that nothing is overwritten by what was never read. A Platform Event comes and goes whole, so what it must
/// have is required. Which fields an event has is said by its schema, since a describe has some that nobody is delivered.
/// </summary>
internal sealed class RecordSource
{
    private const string ObjectConstant = "SObject";
    private const string ForCreate = "ForCreate";
    private const string ForUpdate = "ForUpdate";
    private const string UnlessNull = "WhenWritingNull";
    private const string Always = "WhenWriting";

    private readonly OrgType _type;
    private readonly IReadOnlyDictionary<string, string> _typeNames;
    private readonly StringBuilder _text = new();
    private readonly CSharpNames _names;
    private readonly MemberSource _members;
    private readonly NestedRecords _nested;
    private readonly List<string> _onlyNew = [];
    private readonly List<string> _neverNew = [];

    /// <param name="type">What the org says of it.</param>
    /// <param name="typeNames">The records that are written with it, by the org's names.</param>
    private RecordSource(OrgType type, IReadOnlyDictionary<string, string> typeNames)
    {
        (_type, _typeNames) = (type, typeNames);
        _names = new CSharpNames([typeNames[type.Name], ObjectConstant, ForCreate, ForUpdate, .. CSharpNames.OfRecords]);
        _members = new MemberSource(_text, 1, _names);
        _nested = new NestedRecords(_names);
    }

    /// <summary>The declaration of the type.</summary>
    /// <param name="type">What the org says of it.</param>
    /// <param name="typeNames">The records that are written with it, by the org's names.</param>
    public static WrittenRecord Write(OrgType type, IReadOnlyDictionary<string, string> typeNames) => new RecordSource(type, typeNames).Write();

    private WrittenRecord Write()
    {
        _text.Append($"/// <summary>{CSharpText.Doc(_type.Describe.Label ?? _type.Name)}. {Use}</summary>\n");
        _text.Append($"public sealed record {_typeNames[_type.Name]}\n{{\n");
        _members.Line("/// <summary>What the org calls it: for the client's methods, and for queries.</summary>");
        _members.Line($"public const string {ObjectConstant} = {CSharpText.Literal(_type.Name)};");
        foreach ((FieldDescribe field, AvroType? delivered, string name) in Fields().Select(each => (each.Field, each.Delivered, _names.Take(each.Field.Name))).ToArray())
            WriteField(field, delivered, name);
        _nested.Write(_text);
        WriteCopy(ForCreate, "a new record", _neverNew);
        WriteCopy(ForUpdate, "an update", _onlyNew);
        _text.Append("}\n");
        return new WrittenRecord(_text.ToString(), [.. _nested.TypeNames]);
    }

    private string Use => _type.Kind switch
    {
        TypeKind.PlatformEvent => "A Platform Event.",
        TypeKind.ChangeEvent => "What is null did not change or was cleared: the header's changedFields say which.",
        _ => "What is null is left out of a save; RecordJson.Clearing clears a field.",
    };

    /// <summary>The fields, and of events as what they are delivered.</summary>
    private IEnumerable<(FieldDescribe Field, AvroType? Delivered)> Fields()
    {
        if (_type.Schema is not { } schema)
            return _type.Describe.Fields.OrderBy(field => field.Type == "id" ? 0 : 1).Select(field => (field, (AvroType?)null));
        var described = _type.Describe.Fields.ToLookup(field => field.Name, StringComparer.OrdinalIgnoreCase);
        return schema.Fields.Select(field => described[field.Name].FirstOrDefault() is { } known
            ? (known with { Name = field.Name }, field.Type is AvroType.Primitive ? null : field.Type)
            : (new FieldDescribe(field.Name, "", Nillable: true), field.Type));
    }

    private void WriteField(FieldDescribe field, AvroType? delivered, string name)
    {
        FieldForm form = delivered is null ? FieldForm.Of(field) : _nested.FormOf(delivered);
        bool isWritten = field.Createable || field.Updateable || field.Type == "id" || _type.Kind is TypeKind.ChangeEvent;
        bool isRequired = _type.Kind is TypeKind.PlatformEvent && FieldForm.IsNeeded(field);
        IEnumerable<string> rules = _type.Kind is TypeKind.ChangeEvent ? [] : FieldForm.RulesOf(field);
        string[] sentences = [$"{CSharpText.Doc(field.Label ?? field.Name)}.", form.Says, .. rules];

        _members.Property(field.Name, name, form, string.Join(' ', sentences.Where(sentence => sentence.Length > 0)), isRequired ? null : isWritten ? UnlessNull : Always);
        _members.Values(field.PicklistValues ?? [], name,
            $"What people can choose for <see cref=\"{name}\"/>. {(field.RestrictedPicklist ? "The org takes nothing else." : "The org takes other values too.")}");
        if (_type.Kind is not TypeKind.Object)
            return;
        if (field is { Createable: true, Updateable: false })
            _onlyNew.Add(name);
        if (field is { Createable: false, Updateable: true })
            _neverNew.Add(name);
        if (field.RelationshipName is { Length: > 0 } relationship)
            WriteRelated(field, name, relationship, isWritten);
    }

    // What may be in it is whatever a query reads of the other record; what a save sends is the other record's external id.
    private void WriteRelated(FieldDescribe field, string idName, string relationship, bool isWritten)
    {
        string name = _names.Take(relationship);
        bool isKnown = field.ReferenceTo is [string target] && _typeNames.ContainsKey(target);
        var form = new FieldForm(isKnown ? _typeNames[field.ReferenceTo![0]] : "JsonElement", isWritten
            ? $"A save finds it by what is set of it, so set its external id alone and leave <see cref=\"{idName}\"/> null; set it to null before what was read is saved."
            : "It is read and not saved.");
        _members.Property(relationship, name, form, $"The record of <see cref=\"{idName}\"/>, as far as a query reads it. {form.Says}", isWritten ? UnlessNull : Always);
        if (field is { Createable: true, Updateable: false })
            _onlyNew.Add(name);
    }

    private void WriteCopy(string method, string what, List<string> without)
    {
        if (without.Count == 0)
            return;
        _text.AppendLine();
        _members.Line($"/// <summary>The record without what {what} may not be given.</summary>");
        _members.Line($"public {_typeNames[_type.Name]} {method}() => this with {{ {string.Join(", ", without.Select(name => $"{name} = null"))} }};");
    }
}
