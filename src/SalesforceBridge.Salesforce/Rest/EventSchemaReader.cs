using System.Text.Json;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>
/// Reads the schema of an event in either form: of the expanded one, which describes a whole message, the part that is the payload.
/// What it does not know it keeps or passes over, since Salesforce adds to schemas.
/// </summary>
internal sealed class EventSchemaReader
{
    // A type is defined where it comes first, and named from then on.
    private readonly Dictionary<string, AvroType> _defined = new(StringComparer.Ordinal);

    private EventSchemaReader()
    {
    }

    /// <exception cref="JsonException">It is no schema of an event.</exception>
    public static EventSchema Read(JsonElement schema)
    {
        try
        {
            return new EventSchemaReader().SchemaOf(schema);
        }
        catch (InvalidOperationException broken)
        {
            throw new JsonException("The schema has text that is no Unicode.", broken);
        }
    }

    private EventSchema SchemaOf(JsonElement schema)
    {
        IReadOnlyList<EventField> fields = FieldsOf(schema) ?? throw new JsonException("The schema has no fields.");
        if (Text(schema, "type") is "expanded-record")
            fields = RecordIn(RecordIn(fields, "data"), "payload");
        return new EventSchema(Text(schema, "name") ?? throw new JsonException("The schema has no name."), fields, Text(schema, "uuid"), Text(schema, "namespace"));
    }

    private static IReadOnlyList<EventField> RecordIn(IReadOnlyList<EventField> fields, string name) =>
        fields.FirstOrDefault(field => field.Name == name)?.Type is AvroType.Record record
            ? record.Fields
            : throw new JsonException($"The schema of the message has no {name}.");

    private List<EventField>? FieldsOf(JsonElement record)
    {
        if (Member(record, "fields") is not { ValueKind: JsonValueKind.Array } fields)
            return null;
        List<EventField> known = [];
        foreach (JsonElement field in fields.EnumerateArray())
        {
            if (Text(field, "name") is not { } name || Member(field, "type") is not { } type)
                continue;
            (AvroType read, bool nullable) = WithoutNull(TypeOf(type));
            known.Add(new EventField(name, read, nullable, Text(field, "doc")));
        }

        return known;
    }

    private static (AvroType Type, bool Nullable) WithoutNull(AvroType type)
    {
        if (type is not AvroType.Union union)
            return (type, type is AvroType.Primitive { Name: "null" });
        AvroType[] others = [.. union.Types.Where(each => each is not AvroType.Primitive { Name: "null" })];
        return (others is [var only] ? only : new AvroType.Union(others), others.Length < union.Types.Count);
    }

    private AvroType TypeOf(JsonElement type) => type.ValueKind switch
    {
        JsonValueKind.String => NamedType(type),
        JsonValueKind.Array => new AvroType.Union([.. type.EnumerateArray().Select(TypeOf)]),
        JsonValueKind.Object => DefinedType(type),
        _ => Unknown(type),
    };

    private AvroType NamedType(JsonElement type) => type.GetString()! switch
    {
        "null" or "boolean" or "int" or "long" or "float" or "double" or "bytes" or "string" => new AvroType.Primitive(type.GetString()!),
        var name => _defined.GetValueOrDefault(ShortName(name)) ?? Unknown(type),
    };

    private AvroType DefinedType(JsonElement type)
    {
        if (Member(type, "type") is not { } kind)
            return Unknown(type);
        if (kind.ValueKind is not JsonValueKind.String)
            return TypeOf(kind);
        return kind.GetString() switch
        {
            "record" => Define(type, name => FieldsOf(type) is { } fields ? new AvroType.Record(name, fields) : null),
            "enum" => Define(type, name => Symbols(type) is { } symbols ? new AvroType.Enum(name, symbols) : null),
            "array" when Member(type, "items") is { } items => new AvroType.Array(TypeOf(items)),
            "map" when Member(type, "values") is { } values => new AvroType.Map(TypeOf(values)),
            _ => NamedType(kind) is AvroType.Primitive primitive ? primitive with { LogicalType = Text(type, "logicalType") } : Unknown(type),
        };
    }

    private AvroType Define(JsonElement type, Func<string, AvroType?> read)
    {
        if (Text(type, "name") is not { } name || read(name) is not { } defined)
            return Unknown(type);
        _defined[ShortName(name)] = defined;
        return defined;
    }

    private static List<string>? Symbols(JsonElement type) => Member(type, "symbols") is { ValueKind: JsonValueKind.Array } symbols
        ? [.. symbols.EnumerateArray().Where(symbol => symbol.ValueKind is JsonValueKind.String).Select(symbol => symbol.GetString()!)]
        : null;

    // The types of one schema share its namespace.
    private static string ShortName(string name) => name[(name.LastIndexOf('.') + 1)..];

    private static AvroType.Unknown Unknown(JsonElement type) => new(type.GetRawText());

    private static JsonElement? Member(JsonElement owner, string name) =>
        owner.ValueKind is JsonValueKind.Object && owner.TryGetProperty(name, out JsonElement member) ? member : null;

    private static string? Text(JsonElement owner, string name) => Member(owner, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
