using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Events;

/// <summary>Platform events as they go on the wire; change events share their frame.</summary>
internal static class PlatformEvents
{
    /// <summary>Datetimes in events end with Z, in REST with +0000.</summary>
    public const string UtcSuffix = "Z";

    /// <summary>An event from values that were checked; every declared field is in its payload.</summary>
    public static EventDraft Draft(EventSchema schema, ObjectType type, Dictionary<string, object?> values, User user, DateTimeOffset now)
    {
        values[SystemFields.CreatedDate] = now;
        values[SystemFields.CreatedById] = user.Id;
        byte[] payload = OrgJson.Write(json =>
        {
            json.WriteStartObject();
            foreach (Field field in type.PayloadFields)
            {
                json.WritePropertyName(field.Name);
                FieldValue.Write(json, field, values.GetValueOrDefault(field.Name), UtcSuffix);
            }
            json.WriteEndObject();
        });
        return Draft(schema, payload);
    }

    /// <summary>An event whose payload is sent as it is.</summary>
    public static EventDraft Draft(EventSchema schema, ReadOnlyMemory<byte> payload) =>
        new(Guid.NewGuid().ToString(), schema.Head, payload, ReadOnlyMemory<byte>.Empty);

    public static PublishedEvent ToLedger(string eventType, StoredEvent stored, User user) =>
        new(stored.Draft.Uuid!, eventType, $"{stored.ReplayId}", user.Username, stored.Draft.Payload);
}
