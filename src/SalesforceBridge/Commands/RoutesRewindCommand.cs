using System.CommandLine;
using System.Globalization;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge routes rewind</c>: kept messages run again as if they were new.</summary>
internal sealed class RoutesRewindCommand : BridgeCommand
{
    private readonly Argument<string> _route = new("route") { Description = "The route's name" };
    private readonly Option<string> _to = new("--to") { Description = "A message's id, a time such as 2026-01-31T14:00:00Z, or earliest", Required = true };

    public RoutesRewindCommand(CommandContext context)
        : base("rewind", "Moves a route back, so that kept messages run again", context)
    {
        Add(_route);
        Add(_to);
    }

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        RouteDefinition route = session.RouteNamed(session.Value(_route)).Definition;
        Rewind rewind = await session.OpenAsync<Rewind>(ct);
        long? again = session.Value(_to)! switch
        {
            "earliest" => await rewind.ToIdAsync(route, 0, ct),
            var id when long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out long number) => await rewind.ToIdAsync(route, number, ct),
            var time when DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment) =>
                await rewind.ToTimeAsync(route, moment, ct),
            var other => throw new RefusedException($"`{other}` is no place to rewind to. Give a message's id, a time such as 2026-01-31T14:00:00Z, or earliest."),
        };
        if (again is not { } count)
            throw new RefusedException($"Route {route.Name} has not begun yet on `{route.Source}`: start a worker first.");
        await session.PrintAsync(new RewindReport(route.Name, count), CommandJson.Default.RewindReport, Text);
        return 0;
    }

    private static string Text(RewindReport report) => report.RunAgain == 0
        ? $"Route {report.Route} has nothing to run again: it is not further than that, or the messages are no longer kept."
        : $"Route {report.Route} runs {report.RunAgain} messages again. What it sent before stays sent.";
}

/// <summary>What a rewind means.</summary>
internal sealed record RewindReport(string Route, long RunAgain);
