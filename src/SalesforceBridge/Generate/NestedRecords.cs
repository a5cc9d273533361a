using System.Text;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Generate;

/// <summary>
/// How values of the types of an event schema are held in C#, and the records in the event, such as the header of a change. All of their
/// fields may be null: over CometD an event leaves out what the schema has.
/// </summary>
/// <param name="names">The names of the event's own record, inside of which they are.</param>
internal sealed class NestedRecords(CSharpNames names)
{
    private const string AnyType = "JsonElement";

    // The schema has a record once and names it from then on.
    private readonly Dictionary<AvroType.Record, string> _typeNames = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<AvroType.Record> _toWrite = new();

    /// <summary>The names of the records so far.</summary>
    public IEnumerable<string> TypeNames => _typeNames.Values;

    /// <summary>The form of a type.</summary>
    public FieldForm FormOf(AvroType type) => type switch
    {
        AvroType.Record record => new(NameOf(record), "Several fields as one."),
        AvroType.Array list => new($"IReadOnlyList<{ItemOf(list.Items)}>", "A list."),
        AvroType.Map map => new($"IReadOnlyDictionary<string, {ItemOf(map.Values)}>", "Values by names."),
        _ => PlainFormOf(type),
    };

    /// <summary>Writes the records of which forms were asked, and those in them.</summary>
    public void Write(StringBuilder text)
    {
        while (_toWrite.TryDequeue(out AvroType.Record? record))
            Write(text, record);
    }

    private static FieldForm PlainFormOf(AvroType type) => type switch
    {
        AvroType.Enum => new("string", "One of a few words."),
        AvroType.Primitive { Name: "boolean" } => new("bool", "Yes or no."),
        AvroType.Primitive { Name: "int" } => new("int", "A whole number."),
        AvroType.Primitive { Name: "long", LogicalType: "timestamp-millis" } => new("long", "A moment, in milliseconds since 1970."),
        AvroType.Primitive { Name: "long" } => new("long", "A whole number."),
        AvroType.Primitive { Name: "float" or "double" } => new("decimal", "A number."),
        AvroType.Primitive { Name: "string" or "bytes" } => new("string", "Text."),
        _ => new(AnyType, "Of any type."),
    };

    // The lists of two events would have one name for System.Text.Json if they held records of one name.
    private static string ItemOf(AvroType type) => PlainFormOf(type).Type;

    private string NameOf(AvroType.Record record)
    {
        if (!_typeNames.TryGetValue(record, out string? name))
        {
            _typeNames[record] = name = names.Take($"{record.Name}Record");
            _toWrite.Enqueue(record);
        }

        return name;
    }

    private void Write(StringBuilder text, AvroType.Record record)
    {
        string type = NameOf(record);
        var inside = new CSharpNames([type, .. CSharpNames.OfRecords]);
        var outer = new MemberSource(text, 1, names);
        var members = new MemberSource(text, 2, inside);
        text.AppendLine();
        outer.Line($"/// <summary>{CSharpText.Doc(record.Name)}, as the event carries it.</summary>");
        outer.Line($"public sealed record {type}");
        outer.Line("{");
        foreach ((EventField field, string name) in record.Fields.Select(field => (field, inside.Take(field.Name))).ToArray())
        {
            FieldForm form = FormOf(field.Type);
            members.Property(field.Name, name, form, $"{CSharpText.Doc(field.Name)}. {form.Says}", "WhenWritingNull");
            if (field.Type is AvroType.Enum words)
                members.Values(words.Symbols.Select(symbol => new PicklistValue(symbol, symbol, Active: true)), name, $"What <see cref=\"{name}\"/> can be; the org may add to them.");
        }

        outer.Line("}");
    }
}
