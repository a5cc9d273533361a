using SalesforceBridge.Health;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge sources</c>: where messages come from, and how complete each log is.</summary>
internal sealed class SourcesCommand(CommandContext context) : BridgeCommand("sources", "Lists the sources: position, last message, gaps, alerts", context)
{
    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        BridgeStatus status = await session.OpenAsync<BridgeStatus>(ct);
        IReadOnlyList<SourceStatus> sources = await status.SourcesAsync(ct);
        await session.PrintAsync(sources, CommandJson.Default.IReadOnlyListSourceStatus, all => Text(all, session.Time.GetUtcNow()));
        return 0;
    }

    private static string Text(IReadOnlyList<SourceStatus> sources, DateTimeOffset now)
    {
        var table = new TextTable("SOURCE", "POSITION", "LAST MESSAGE", "GAPS", "ALERTS");
        foreach (SourceStatus source in sources)
        {
            table.Add(source.Name, source.Position, source.LastMessageAt is { } at ? $"{Ages.Of(now.UtcDateTime - at)} ago" : "none", $"{source.Gaps}",
                source.Alerts.Length == 0 ? "none" : string.Join("; ", source.Alerts));
        }

        return table.IsEmpty ? "There are no sources yet: no worker has opened a route." : table.ToString();
    }
}
