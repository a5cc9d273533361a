using System.Text.Json;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Events;

/// <summary>What a subscriber wants of a push topic: <c>/topic/T?Type=Customer&amp;Industry='Retail'</c>.</summary>
/// <param name="Wanted">Values by field; the quotes around a value may be left out.</param>
internal sealed record TopicFilter(IReadOnlyDictionary<string, string> Wanted)
{
    /// <summary>The channel without its filter, and the filter if there is one.</summary>
    public static (string Channel, TopicFilter? Filter) Split(string subscription)
    {
        string[] parts = subscription.Split('?', 2);
        if (parts.Length == 1 || !subscription.StartsWith("/topic/", StringComparison.Ordinal))
            return (subscription, null);
        var wanted = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string[] pair in parts[1].Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)))
            wanted[pair[0]] = pair.Length == 1 ? "" : Uri.UnescapeDataString(pair[1]).Trim('\'');
        return (parts[0], new TopicFilter(wanted));
    }

    /// <summary>The fields that a topic does not show.</summary>
    public IEnumerable<string> UnknownTo(PushTopic topic) =>
        Wanted.Keys.Where(name => !topic.Query.Select.Any(path => path.Field!.Name.Equals(name, StringComparison.OrdinalIgnoreCase)));

    public bool Passes(StoredEvent stored)
    {
        using JsonDocument payload = JsonDocument.Parse(stored.Draft.Payload);
        return Wanted.All(wanted => payload.RootElement.EnumerateObject()
            .Any(field => field.Name.Equals(wanted.Key, StringComparison.OrdinalIgnoreCase) && field.Value.ToString() == wanted.Value));
    }
}
