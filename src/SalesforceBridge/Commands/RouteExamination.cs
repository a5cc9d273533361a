using SalesforceBridge.Health;
using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;

namespace SalesforceBridge.Commands;

/// <summary>The doctor's look at the routes that run.</summary>
/// <param name="session">The command.</param>
/// <param name="unasked">Why the org must not be asked about objects and fields; null where it may be.</param>
internal sealed class RouteExamination(CommandSession session, string? unasked)
{
    private const string Part = "routes";

    private RouteDefinition[] Enabled => [.. session.Routes.Routes.Select(route => route.Definition).Where(route => route.Enabled)];

    // What a handler sends is in its code, and what a caller may do is the caller's.
    private string OnlyRunning => string.Join(", ", session.Routes.Routes
        .Where(route => route.Definition.Enabled && (route.Definition.AsCaller || route.Handler is not (null or PublishRoute))).Select(route => route.Definition.Name));

    private IEnumerable<Finding> Unreadable => session.Routes.Faults.Select(fault => Finding.Fail(Part, $"{fault}", null));

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken ct)
    {
        List<Finding> findings = [.. Unreadable];
        RouteInspection inspection = await RouteInspection.OpenAsync(session, unasked, ct);
        foreach (RouteDefinition route in Enabled)
        {
            RouteSight sight = await inspection.LookAsync(route, ct);
            findings.AddRange(sight.Faults.Select(fault => Finding.Fail(Part, $"{route.Name}: {fault}", null)));
            if (sight.Over is { } over)
                findings.Add(Finding.Warn(Part, $"{route.Name}: {over}", null));
        }

        string prepare = findings.Count > 0 ? "" : $"{Enabled.Length} prepare; ";
        if (inspection.Unasked is { } why)
            findings.Add(Finding.Warn(Part, $"{prepare}objects and fields were not all checked: {why}", "Once the org can be asked: bridge routes check"));
        string but = OnlyRunning is { Length: > 0 } some ? $"; what handlers and callers send is only known when they run ({some})" : "";
        return findings.Count > 0 ? findings : [Finding.Ok(Part, $"{Enabled.Length} prepare, and the org has their objects and fields and lets the bridge write them{but}")];
    }

    /// <summary>The findings where the database cannot be asked.</summary>
    public IReadOnlyList<Finding> WithoutDatabase() =>
        [.. Unreadable, Finding.Warn(Part, $"{Enabled.Length} were not checked, since the bridge's tables cannot be used", "See the findings on database and schema.")];
}
