using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Events;

/// <summary>Streams what a transaction changed.</summary>
internal static class ChangeEvents
{
    // What every update touches; it is in the payload but no reason for a notification.
    private static readonly string[] StampFields = [SystemFields.LastModifiedDate, SystemFields.LastModifiedById];

    public static void Publish(Org org, Actor actor, IReadOnlyList<RecordChange> changes)
    {
        string transactionKey = Guid.NewGuid().ToString();
        long commitNumber = org.Now.ToUnixTimeMilliseconds() * 1000;
        int sequence = 0;
        foreach (RecordChange change in changes)
        {
            ObjectType type = change.After.Type;
            if (type.ChangeEvents)
            {
                var header = new Header(change, actor, transactionKey, ++sequence, org.Now, commitNumber)
                {
                    Gap = org.Faults.Strike<Fault.GapEvent>(fault => fault.Object is null || fault.Object == type.Name),
                };
                org.Bus.Publish(type.ChangeEventName, [ToChangeEvent(org.EventSchemas[type.ChangeEventName], header)]);
            }
        }
    }

    private sealed record Header(RecordChange Change, Actor Actor, string TransactionKey, int Sequence, DateTimeOffset At, long CommitNumber)
    {
        // What an org writes in place of ids that are too many.
        private const string AnyRecord = "000000000000000AAA";

        public Fault.GapEvent? Gap { get; init; }

        public string ChangeType => Gap switch
        {
            null => Told,
            { IsOverflow: true } => "GAP_OVERFLOW",
            _ => $"GAP_{Told}",
        };

        public string RecordId => Gap is { IsOverflow: true } ? AnyRecord : Change.After.Id;

        private string Told => Change.Operation switch
        {
            Operation.Insert => "CREATE",
            Operation.Delete => "DELETE",
            _ => "UPDATE",
        };

        public IReadOnlyList<Field> ChangedFields => ChangeType == "UPDATE" ? [.. Change.Changed, .. Stamps()] : [];

        // The time of a change counts as changed, also when it is the second change within a second.
        private IEnumerable<Field> Stamps() => Change.After.Type.Fields.Where(stamp => Array.Exists(StampFields, name => name == stamp.Name)
            && (stamp.Name == SystemFields.LastModifiedDate || !Equals(Change.Before![stamp], Change.After[stamp])));
    }

    private static EventDraft ToChangeEvent(EventSchema schema, Header header)
    {
        Record record = header.Change.After;
        IEnumerable<Field> fields = header.ChangeType switch
        {
            "CREATE" => record.Type.ChangeFields.Where(field => record[field] is not null),
            _ => header.ChangedFields,
        };
        byte[] payload = OrgJson.Write(json =>
        {
            json.WriteStartObject();
            WriteHeader(json, header);
            foreach (Field field in fields)
            {
                json.WritePropertyName(field.Name);
                FieldValue.Write(json, field, record[field], PlatformEvents.UtcSuffix);
            }
            json.WriteEndObject();
        });
        return new EventDraft(null, schema.Head, payload, ReadOnlyMemory<byte>.Empty);
    }

    private static void WriteHeader(Utf8JsonWriter json, Header header)
    {
        Record record = header.Change.After;
        json.WriteStartObject(SystemFields.ChangeEventHeader);
        json.WriteString("entityName", record.Type.Name);
        WriteNames(json, "recordIds", [header.RecordId]);
        json.WriteString("changeType", header.ChangeType);
        json.WriteString("changeOrigin", header.Actor.Origin);
        json.WriteString("transactionKey", header.TransactionKey);
        json.WriteNumber("sequenceNumber", header.Sequence);
        json.WriteNumber("commitTimestamp", header.At.ToUnixTimeMilliseconds());
        json.WriteNumber("commitNumber", header.CommitNumber);
        json.WriteString("commitUser", header.Actor.User.Id);
        WriteNames(json, "nulledFields", header.ChangedFields.Where(field => record[field] is null).Select(field => field.Name));
        WriteNames(json, "diffFields", []);
        WriteNames(json, "changedFields", header.ChangedFields.Select(field => field.Name));
        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, string property, IEnumerable<string> names)
    {
        json.WriteStartArray(property);
        foreach (string name in names)
            json.WriteStringValue(name);
        json.WriteEndArray();
    }
}
