using System.CommandLine;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge tables unwatch</c>: takes our triggers off a table, and forgets it.</summary>
internal sealed class TablesUnwatchCommand : BridgeCommand
{
    private readonly Argument<string> _table = new("table") { Description = "The table as routes name it: SCHEMA.NAME" };

    public TablesUnwatchCommand(CommandContext context)
        : base("unwatch", "Forgets a table that no route names any more, and removes the bridge's triggers from it", context) => Add(_table);

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        string source = SourceOf(session.Value(_table));
        if (TablesListCommand.RoutesOn(session, source) is [_, ..] routes)
            throw new RefusedException($"The route {string.Join(", ", routes)} listens to `{source}`, and a worker would watch it again: remove the route, or write `enabled: no`, and deploy.");
        WatchedTables watched = await session.OpenAsync<WatchedTables>(ct);
        var report = new UnwatchReport(source, await watched.UnwatchAsync(source, ct) switch
        {
            UnwatchOutcome.Done(var forgotten) => forgotten,
            UnwatchOutcome.Busy => throw new RefusedException($"Another session holds a lock on the table of `{source}`; nothing was changed, try again."),
            _ => throw new RefusedException($"`{source}` is not watched; `bridge tables list` shows what is."),
        });
        await session.PrintAsync(report, CommandJson.Default.UnwatchReport, Text);
        return 0;
    }

    private static string SourceOf(string table)
    {
        try
        {
            return SourceName.Parse($"table {table}").ToString();
        }
        catch (FormatException fault)
        {
            throw new RefusedException($"`{table}` {fault.Message}");
        }
    }

    private static string Text(UnwatchReport report) =>
        $"`{report.Source}` is not watched any more. {report.Forgotten} changes that waited to be drained were dropped.";
}

/// <summary>What is watched no longer.</summary>
/// <param name="Source">The source.</param>
/// <param name="Forgotten">How many changes waited and are dropped.</param>
internal sealed record UnwatchReport(string Source, long Forgotten);
