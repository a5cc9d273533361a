using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Schedules;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge routes check</c>: would every route run? The database says, and the org where credentials are there.</summary>
internal sealed class RoutesCheckCommand(CommandContext context)
    : BridgeCommand("check", "Checks every route: its file, its statement with the database, its objects and fields with the org", context)
{
    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        RouteCheck check = await session.OpenAsync<RouteCheck>(ct);
        TableCheck tables = await session.OpenAsync<TableCheck>(ct);
        HerokuConnectCheck connect = await session.OpenAsync<HerokuConnectCheck>(ct);
        OrgCheck? org = session.HasCredentials ? new OrgCheck(session.Org) : null;
        List<RouteCheckResult> results = [.. session.Routes.Faults.Select(fault => new RouteCheckResult(fault.From, [fault.Why], "", null))];
        string? unasked = org is null ? "Objects and fields were not checked: there are no credentials for the org, see `bridge doctor`." : null;
        foreach (Route route in session.Routes.Routes.OrderBy(route => route.Definition.Name, StringComparer.Ordinal))
        {
            RouteVerdict verdict = await check.RunAsync(route.Definition, ct);
            List<string> faults = [.. verdict.Faults, .. RequestRules.FaultsOf(route.Definition, verdict.Columns), .. await tables.FaultsOfAsync(route.Definition, ct), .. await connect.FaultsOfAsync(route.Definition, ct)];
            if (ScheduleRules.OverSince(route.Definition, session.Time.GetUtcNow()) is { } over)
                faults.Add(over);
            try
            {
                faults.AddRange(org is null || verdict.Faults.Count > 0 ? [] : await org.FaultsOfAsync(route.Definition, verdict.Columns, ct));
            }
            catch (SalesforceException error)
            {
                (org, unasked) = (null, $"Objects and fields were not checked: {error.Message}");
            }

            results.Add(ResultOf(route, faults, verdict.Columns));
        }

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
