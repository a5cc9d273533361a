using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Events;

/// <summary>Platform events as they go on the wire; change events share their frame.</summary>
internal static class PlatformEvents
{
    /// <summary>Datetimes in events end with Z, in REST with +0000.</summary>
    public const string UtcSuffix = "Z";

    private static readonly ConcurrentDictionary<string, byte[]> Heads = new(StringComparer.Ordinal);

    /// <summary>An event from values that were checked; every declared field is in its payload.</summary>
    public static EventDraft Draft(ObjectType type, Dictionary<string, object?> values, User user, DateTimeOffset now)
    {
        values[SystemFields.CreatedDate] = now;
        values[SystemFields.CreatedById] = user.Id;
        byte[] payload = Json(json =>
        {
            json.WriteStartObject();
            foreach (Field field in type.Fields)
            {
                json.WritePropertyName(field.Name);
                FieldValue.Write(json, field, values.GetValueOrDefault(field.Name), UtcSuffix);
            }
            json.WriteEndObject();
        });
        return Draft(type.Name, payload);
    }

    /// <summary>An event whose payload is sent as it is.</summary>
    public static EventDraft Draft(string eventType, ReadOnlyMemory<byte> payload) =>
        new(Guid.NewGuid().ToString(), Head(eventType), payload, ReadOnlyMemory<byte>.Empty);

    public static PublishedEvent ToLedger(string eventType, StoredEvent stored, User user) =>
        new(stored.Draft.Uuid!, eventType, $"{stored.ReplayId}", user.Username, stored.Draft.Payload);

    /// <summary><c>"schema":"…","payload":</c>. The schema's id, 22 characters, is made from the name so that it stays the same.</summary>
    public static ReadOnlyMemory<byte> Head(string eventType) => Heads.GetOrAdd(eventType, static name =>
    {
        string schemaId = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16));
        return Encoding.UTF8.GetBytes($"\"schema\":\"{schemaId}\",\"payload\":");
    });

    public static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, JsonReply.Format))
            write(json);
        return buffer.WrittenSpan.ToArray();
    }
}
