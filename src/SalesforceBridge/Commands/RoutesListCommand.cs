using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge routes list</c>: every route, whether it runs, and how far it is.</summary>
internal sealed class RoutesListCommand(CommandContext context) : BridgeCommand("list", "Lists the routes, whether each runs, and what waits", context)
{
    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        IReadOnlyList<RouteReport> reports = await RouteReport.ReadAsync(session.Routes, await session.OpenAsync<BridgeStatus>(ct), ct);
        await session.PrintAsync(reports, CommandJson.Default.IReadOnlyListRouteReport, Text);
        return 0;
    }

    private static string Text(IReadOnlyList<RouteReport> routes)
    {
        var table = new TextTable("ROUTE", "ON", "DO", "BEHIND", "WAITING", "DEAD", "LANE", "STATE");
        foreach (RouteReport route in routes)
            table.Add(route.Name, route.On, route.Do, $"{route.Behind}", $"{route.Waiting}", $"{route.Dead}", $"{route.Lane}", route.State);
        return table.ToString();
    }
}

/// <summary>A route and how it is.</summary>
/// <param name="Name">Its name; of a file that is no route, the file's.</param>
/// <param name="On">What wakes it.</param>
/// <param name="Do">What it does.</param>
/// <param name="Enabled">Whether it is to run.</param>
/// <param name="State">Whether it does, else why not.</param>
/// <param name="Behind">How many messages it has still to take.</param>
/// <param name="Waiting">How many messages and deliveries failed and are tried again, or wait behind one.</param>
/// <param name="Dead">How many messages and deliveries wait for a person.</param>
/// <param name="Lane">How many deliveries its lane has still to make.</param>
internal sealed record RouteReport(string Name, string On, string Do, bool Enabled, string State, long Behind, long Waiting, long Dead, long Lane)
{
    public static async Task<IReadOnlyList<RouteReport>> ReadAsync(RouteSet routes, BridgeStatus status, CancellationToken ct)
    {
        ILookup<string, Progress> progress = (await status.RoutesAsync(ct)).ToLookup(route => CursorName.Position(route.Name, route.Source));
        ILookup<string, Progress> lanes = (await status.LanesAsync(ct)).ToLookup(lane => lane.Name);
        return
        [
            .. routes.Routes.OrderBy(route => route.Definition.Name, StringComparer.Ordinal).Select(route => Of(
                route,
                progress[CursorName.Position(route.Definition.Name, route.Definition.Source.ToString())].FirstOrDefault(),
                lanes[route.Definition.Name].FirstOrDefault())),
            .. routes.Faults.Select(fault => new RouteReport(fault.From, "", "", Enabled: false, $"refused: {fault.Why}", 0, 0, 0, 0)),
        ];
    }

    /// <summary>What a route does, in the words of a <c>do:</c> header where it has one.</summary>
    public static string DoOf(Route route) => route.Handler is null ? route.Definition.Action.ToString() : "handler";

    private static RouteReport Of(Route route, Progress? progress, Progress? lane) => new(
        route.Definition.Name, route.Definition.Source.ToString(), DoOf(route), route.Definition.Enabled, StateOf(route.Definition, progress, lane),
        progress?.Behind ?? 0,
        (progress?.Retrying + progress?.Waiting + lane?.Retrying + lane?.Waiting) ?? 0,
        (progress?.Dead + lane?.Dead) ?? 0,
        lane?.Behind ?? 0);

    private static string StateOf(RouteDefinition route, Progress? progress, Progress? lane) => (route, progress, lane) switch
    {
        ({ Enabled: false }, _, _) => "disabled",
        (_, null, _) => "not begun: no worker has opened it yet",
        (_, { Stopped: { } why }, _) => $"stopped: {why}",
        (_, _, { Stopped: { } why }) => $"lane stopped: {why}",
        (_, { IsHeld: false }, _) => "waits for a worker",
        _ => "running",
    };
}
