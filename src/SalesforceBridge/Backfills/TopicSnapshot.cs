using System.Text.Json;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Sources.Soql;

namespace SalesforceBridge.Backfills;

/// <summary>A record in the shape of a topic's notifications: the fields that its query names.</summary>
/// <param name="source">The source.</param>
/// <param name="query">The topic's query as written.</param>
/// <param name="sObject">Its object.</param>
internal sealed class TopicSnapshot(string source, string query, ObjectDescribe sObject)
{
    private const string Modstamp = "SystemModstamp";

    // The bridge asks for it besides.
    private readonly bool _tellsModstamp = SoqlTokens.Read(query).Exists(token => token.Is(Modstamp));
    private readonly HashSet<string> _times = [.. sObject.Fields.Where(field => field.Type == "datetime").Select(field => field.Name)];

    /// <summary>The message of a record. Like a topic's own it has no key.</summary>
    public NewMessage Of(JsonElement row) => new(source, SnapshotJson.Object(json =>
    {
        foreach (JsonProperty member in row.EnumerateObject().Where(member => member.Name != "attributes" && (_tellsModstamp || member.Name != Modstamp)))
            SnapshotJson.Write(json, member.Name, member.Value, _times.Contains(member.Name));
    }))
    {
        OccurredAt = SoqlMessages.PlaceOf(row).Modstamp,
    };
}
