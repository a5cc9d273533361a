using SalesforceBridge.Health;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge tables list</c>: the tables that are captured or polled.</summary>
internal sealed class TablesListCommand(CommandContext context) : BridgeCommand("list", "Lists the tables whose changes are captured or polled", context)
{
    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        WatchedTables watched = await session.OpenAsync<WatchedTables>(ct);
        IReadOnlyList<TableReport> tables = [.. (await watched.ListAsync(ct)).Select(table => new TableReport(table, RoutesOn(session, table.Source)))];
        await session.PrintAsync(tables, CommandJson.Default.IReadOnlyListTableReport, all => Text(all, session.Time.GetUtcNow()));
        return 0;
    }

    /// <summary>The enabled routes that name the table.</summary>
    public static IReadOnlyList<string> RoutesOn(CommandSession session, string source) =>
        [.. session.Routes.Routes.Select(route => route.Definition).Where(route => route.Enabled && route.Source.ToString() == source).Select(route => route.Name)];

    private static string Text(IReadOnlyList<TableReport> tables, DateTimeOffset now)
    {
        var text = new TextTable("TABLE", "ROUTES", "WAITING", "BASELINE", "SEEN", "STATE");
        foreach ((TableStatus table, IReadOnlyList<string> routes) in tables)
        {
            text.Add(table.Source["table ".Length..], routes.Count == 0 ? "none" : string.Join(", ", routes), $"{table.Waiting}",
                table.Baseline is { } rows ? $"{rows} rows" : "none", $"{Ages.Of(now.UtcDateTime - table.SeenAt)} ago", table.Alert ?? (table.IsPolled ? "polled" : "captured"));
        }

        return text.IsEmpty ? "No table is watched: no worker has opened a route on one." : text.ToString();
    }
}

/// <summary>One table, and the enabled routes that name it.</summary>
internal sealed record TableReport(TableStatus Table, IReadOnlyList<string> Routes);
