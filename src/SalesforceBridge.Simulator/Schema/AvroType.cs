using System.Text.Json;

namespace SalesforceBridge.Simulator.Schema;

/// <summary>How an Avro schema is written.</summary>
internal enum AvroForm
{
    /// <summary>As subscribers of the binary form are told it: moments are numbers.</summary>
    Compact,

    /// <summary>As subscribers of the JSON form are told it: moments are texts.</summary>
    Expanded,

    /// <summary>Avro's Parsing Canonical Form, of which the id is made: full names, and nothing that a parser does not need.</summary>
    Canonical,
}

/// <summary>A type of Avro, as far as events have them.</summary>
internal abstract record AvroType
{
    private AvroType()
    {
    }

    public abstract void Write(Utf8JsonWriter json, AvroForm form);

    /// <param name="Name">In the binary form.</param>
    public sealed record Primitive(string Name) : AvroType
    {
        /// <summary>In the JSON form.</summary>
        public string Expanded { get; init; } = Name;

        public override void Write(Utf8JsonWriter json, AvroForm form) => json.WriteStringValue(form is AvroForm.Expanded ? Expanded : Name);
    }

    /// <summary>Null, or a value of the type.</summary>
    public sealed record Nullable(AvroType Type) : AvroType
    {
        public override void Write(Utf8JsonWriter json, AvroForm form)
        {
            json.WriteStartArray();
            json.WriteStringValue("null");
            Type.Write(json, form);
            json.WriteEndArray();
        }
    }

    public sealed record Texts : AvroType
    {
        public override void Write(Utf8JsonWriter json, AvroForm form)
        {
            json.WriteStartObject();
            json.WriteString("type", "array");
            json.WriteString("items", "string");
            json.WriteEndObject();
        }
    }

    public sealed record OneOf(string Name, IReadOnlyList<string> Symbols) : AvroType
    {
        public override void Write(Utf8JsonWriter json, AvroForm form)
        {
            json.WriteStartObject();
            WriteHead(json, form, Name, "enum");
            json.WriteStartArray("symbols");
            foreach (string symbol in Symbols)
                json.WriteStringValue(symbol);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    public sealed record Record(string Name, IReadOnlyList<AvroField> Fields) : AvroType
    {
        /// <summary>What the JSON form says of the payload itself.</summary>
        public string? Doc { get; init; }

        public override void Write(Utf8JsonWriter json, AvroForm form)
        {
            json.WriteStartObject();
            WriteHead(json, form, Name, "record");
            if (Doc is not null)
                json.WriteString("doc", Doc);
            WriteFields(json, form, Fields);
            json.WriteEndObject();
        }
    }

    public static void WriteFields(Utf8JsonWriter json, AvroForm form, IReadOnlyList<AvroField> fields)
    {
        json.WriteStartArray("fields");
        foreach (AvroField field in fields)
            field.Write(json, form);
        json.WriteEndArray();
    }

    // A name without a namespace is in that of the schema around it.
    private static void WriteHead(Utf8JsonWriter json, AvroForm form, string name, string type)
    {
        if (form is AvroForm.Canonical)
        {
            json.WriteString("name", $"{EventSchema.Namespace}.{name}");
            json.WriteString("type", type);
        }
        else
        {
            json.WriteString("type", type);
            json.WriteString("name", name);
        }
    }
}

/// <summary>A field of a record.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type; a nullable one is null where it is left out.</param>
/// <param name="Doc">What it is for Salesforce; nothing inside of headers.</param>
internal sealed record AvroField(string Name, AvroType Type, string? Doc = null)
{
    public void Write(Utf8JsonWriter json, AvroForm form)
    {
        json.WriteStartObject();
        json.WriteString("name", Name);
        json.WritePropertyName("type");
        Type.Write(json, form);
        if (form is not AvroForm.Canonical)
        {
            if (Doc is not null)
                json.WriteString("doc", Doc);
            if (Type is AvroType.Nullable)
                json.WriteNull("default");
        }

        json.WriteEndObject();
    }
}
