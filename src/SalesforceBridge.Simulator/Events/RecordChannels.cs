using System.Text;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Events;

/// <summary>The channels that are records of the org, made and changed by its users: push topics and generic channels. Guarded by the org's lock.</summary>
internal sealed class RecordChannels(EventBus bus, OrgSchema schema)
{
    private readonly Dictionary<string, PushTopic> _topics = new(StringComparer.Ordinal);

    /// <summary>The active push topics, by the names of their logs.</summary>
    public IReadOnlyDictionary<string, PushTopic> Topics => _topics;

    public static string NameOf(Record record) =>
        record.Type.Name == SystemObjects.PushTopic ? "/topic/" + record.Values["Name"] : (string)record.Values["Name"]!;

    /// <summary>The log of a record's channel. It outlives another name.</summary>
    public static string LogOf(Record record) => record.Id;

    /// <summary>An event of a generic channel.</summary>
    public static EventDraft Draft(string text, DateTimeOffset now)
    {
        string members = $"\"createdDate\":\"{FieldValue.DateTimeText(now, PlatformEvents.UtcSuffix)}\",";
        return new EventDraft(null, "\"payload\":"u8.ToArray(), OrgJson.Write(json => json.WriteStringValue(text)), Encoding.UTF8.GetBytes(members));
    }

    /// <summary>Opens and closes what a record was and is now. Who has subscribed already goes on under the old name.</summary>
    public void Take(Record? before, Record after)
    {
        if (after.Type.Name is not (SystemObjects.PushTopic or SystemObjects.StreamingChannel))
            return;
        if (before is not null)
            bus.Close(NameOf(before));
        _topics.Remove(LogOf(after));
        if (after.IsDeleted || after.Values.GetValueOrDefault("IsActive") is false)
            return;
        if (after.Type.Name == SystemObjects.PushTopic)
            _topics[LogOf(after)] = PushTopic.Read(after.Values, schema.Objects);
        bus.Open(NameOf(after), LogOf(after));
    }
}
