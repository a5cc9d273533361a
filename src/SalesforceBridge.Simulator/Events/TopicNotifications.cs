using System.Text;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Events;

/// <summary>Tells the subscribers of push topics what a transaction changed: of each record only the last that concerns a topic.</summary>
internal static class TopicNotifications
{
    public static void Publish(Org org, RecordStore store, IReadOnlyList<RecordChange> changes)
    {
        foreach ((string log, PushTopic topic) in org.Channels.Topics)
        {
            EventDraft[] drafts =
            [
                .. changes.Where(change => Concerns(topic, change, store))
                    .GroupBy(change => change.After.Id, StringComparer.Ordinal)
                    .Select(ofRecord => Draft(topic, ofRecord.Last(), org.Now)),
            ];
            if (drafts.Length > 0)
                org.Bus.Publish(log, drafts);
        }
    }

    private static bool Concerns(PushTopic topic, RecordChange change, RecordStore store) =>
        topic.Query.Type == change.After.Type
        && topic.Operations.Contains(change.Operation)
        && topic.Query.Where?.HoldsFor(change.After, store) is not false
        && (change.Operation is not Operation.Update || change.Changed.Any(field => topic.WatchedFields?.Contains(field) is not false));

    private static EventDraft Draft(PushTopic topic, RecordChange change, DateTimeOffset now)
    {
        byte[] sobject = OrgJson.Write(json =>
        {
            json.WriteStartObject();
            foreach (Field field in topic.Query.Select.Select(path => path.Field!).Where(field => !change.After.IsDeleted || field.Name == SystemFields.Id))
            {
                json.WritePropertyName(field.Name);
                FieldValue.Write(json, field, change.After[field], PlatformEvents.UtcSuffix);
            }
            json.WriteEndObject();
        });
        string type = change.Operation switch
        {
            Operation.Insert => "created",
            Operation.Update => "updated",
            _ => "deleted",
        };
        string members = $"\"createdDate\":\"{FieldValue.DateTimeText(now, PlatformEvents.UtcSuffix)}\",\"type\":\"{type}\",";
        return new EventDraft(null, "\"sobject\":"u8.ToArray(), sobject, Encoding.UTF8.GetBytes(members));
    }
}
