using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge routes check</c>: would every route run? The database says, and the org where credentials are there.</summary>
internal sealed class RoutesCheckCommand(CommandContext context)
    : BridgeCommand("check", "Checks every route: its file, its statement with the database, its objects and fields with the org", context)
{
    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        RouteInspection inspection = await RouteInspection.OpenAsync(session, session.HasCredentials ? null : "there are no credentials for the org, see `bridge doctor`", ct);
        List<RouteCheckResult> results = [.. session.Routes.Faults.Select(fault => new RouteCheckResult(fault.From, [fault.Why], "", null))];
        foreach (Route route in session.Routes.Routes.OrderBy(route => route.Definition.Name, StringComparer.Ordinal))
        {
            RouteSight sight = await inspection.LookAsync(route.Definition, ct);
            results.Add(ResultOf(route, sight.Over is { } over ? [.. sight.Faults, over] : sight.Faults, sight.Columns));
        }

        string? unasked = inspection.Unasked is { } why ? $"Objects and fields were not checked: {why.TrimEnd('.')}." : null;
        var report = new RouteCheckReport(results.TrueForAll(route => route.Faults.Count == 0), results, unasked);
        await session.PrintAsync(report, CommandJson.Default.RouteCheckReport, Text);
        return report.Ok ? 0 : 1;
    }

    private static RouteCheckResult ResultOf(Route route, IReadOnlyList<string> faults, IReadOnlyList<RouteColumn> columns) => new(
        route.Definition.Name, faults, $"on {route.Definition.Source}, {Does(route, columns)}",
        route.Definition.Action is RouteAction.Deliver ? NullsOf(route.Definition) : null);

    private static string Does(Route route, IReadOnlyList<RouteColumn> columns) => columns.Count == 0
        ? RouteReport.DoOf(route)
        : $"{RouteReport.DoOf(route)}: {string.Join(", ", columns.Select(column => column.Name))}";

    private static string NullsOf(RouteDefinition route) => route.Nulls == RouteNulls.Clear ? "clear" : "omit";

    private static string Text(RouteCheckReport report) => string.Join('\n',
    [
        .. report.Routes.SelectMany(Lines),
        .. report.Unasked is { } why ? [$"warn  {why}"] : Array.Empty<string>(),
    ]);

    private static IEnumerable<string> Lines(RouteCheckResult route) => route.Faults.Count > 0
        ? route.Faults.Select(fault => $"fail  {route.Name}: {fault}")
        : [$"ok    {route.Name}: {route.Does}{Explain(route.Nulls)}"];

    private static string Explain(string? nulls) => nulls switch
    {
        "clear" => " (nulls: clear, a NULL column clears its field)",
        "omit" => " (nulls: omit, a NULL column leaves its field as it is)",
        _ => "",
    };
}

/// <summary>What <c>bridge routes check</c> found.</summary>
/// <param name="Ok">Every route would run.</param>
/// <param name="Routes">Each route, and each file that is none.</param>
/// <param name="Unasked">Why the org was not asked; null when it was.</param>
internal sealed record RouteCheckReport(bool Ok, IReadOnlyList<RouteCheckResult> Routes, string? Unasked);

/// <summary>One route.</summary>
/// <param name="Name">Its name, or its file's or handler's.</param>
/// <param name="Faults">What is wrong and what to do.</param>
/// <param name="Does">What it listens to, does and sends.</param>
/// <param name="Nulls"><c>clear</c> or <c>omit</c>: what a NULL column does; null where nothing is sent.</param>
internal sealed record RouteCheckResult(string Name, IReadOnlyList<string> Faults, string Does, string? Nulls);
