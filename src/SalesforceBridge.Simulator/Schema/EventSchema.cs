using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SalesforceBridge.Simulator.Schema;

/// <summary>What the payload of an event consists of, and the id by which the event says so.</summary>
internal sealed class EventSchema
{
    public const string Namespace = "com.sforce.eventbus";

    private readonly string _name;
    private readonly AvroField[] _fields;

    public EventSchema(ObjectType eventType)
    {
        _name = eventType.Name;
        _fields = [.. eventType.PayloadFields.Select(field => EventField.Of(eventType, field))];
        Id = Fingerprint(new AvroType.Record(_name, _fields));
        Head = Encoding.UTF8.GetBytes($"\"schema\":\"{Id}\",\"payload\":");
    }

    /// <summary>22 characters, the same for the same fields in any org.</summary>
    public string Id { get; }

    /// <summary>What stands in an event before its payload: <c>"schema":"…","payload":</c>.</summary>
    public ReadOnlyMemory<byte> Head { get; }

    /// <summary>The schema of the payload.</summary>
    public void WriteCompact(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteName(json, "record");
        AvroType.WriteFields(json, AvroForm.Compact, _fields);
        json.WriteString("uuid", Id);
        json.WriteEndObject();
    }

    /// <summary>The schema of a whole message, which Avro itself cannot read for its type; it does not tell the id.</summary>
    public void WriteExpanded(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteName(json, "expanded-record");
        json.WriteStartArray("fields");
        json.WriteStartObject();
        json.WriteString("name", "data");
        json.WriteStartObject("type");
        json.WriteString("type", "record");
        json.WriteString("name", "Data");
        json.WriteString("namespace", "");
        AvroType.WriteFields(json, AvroForm.Expanded, DataFields);
        json.WriteEndObject();
        json.WriteEndObject();
        new AvroField("channel", new AvroType.Primitive("string")).Write(json, AvroForm.Expanded);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // The event's uuid is delivered, but the documented form does not name it.
    private AvroField[] DataFields =>
    [
        new("schema", new AvroType.Primitive("string")),
        new("payload", new AvroType.Record("Payload", _fields) { Doc = "" }),
        new("event", new AvroType.Record("Event", [new AvroField("replayId", new AvroType.Primitive("long"))])),
    ];

    private void WriteName(Utf8JsonWriter json, string type)
    {
        json.WriteString("name", _name);
        json.WriteString("namespace", Namespace);
        json.WriteString("type", type);
    }

    [SuppressMessage("Security", "CA5351", Justification = "Orgs make the id so; nothing is secured by it.")]
    private static string Fingerprint(AvroType.Record schema) =>
        Base64Url.EncodeToString(MD5.HashData(OrgJson.Write(json => schema.Write(json, AvroForm.Canonical))));
}

/// <summary>The schemas of an org's events, by name and by id.</summary>
internal sealed class EventSchemas
{
    private readonly Dictionary<string, EventSchema> _byName;
    private readonly Dictionary<string, EventSchema> _byId;

    public EventSchemas(OrgSchema org)
    {
        _byName = org.Events.Values.Concat(org.ChangeEvents.Values).ToDictionary(type => type.Name, type => new EventSchema(type), StringComparer.OrdinalIgnoreCase);
        _byId = _byName.Values.ToDictionary(schema => schema.Id, StringComparer.Ordinal);
    }

    public EventSchema this[string eventType] => _byName[eventType];

    public EventSchema? Find(string eventType) => _byName.GetValueOrDefault(eventType);

    public EventSchema? FindById(string id) => _byId.GetValueOrDefault(id);
}
