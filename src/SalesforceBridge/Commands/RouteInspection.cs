using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Schedules;

namespace SalesforceBridge.Commands;

/// <summary>Looks at one route after the other: whether the database prepares it, and what the org says for as long as it can be asked.</summary>
internal sealed class RouteInspection
{
    private readonly RouteCheck _check;
    private readonly TableCheck _tables;
    private readonly HerokuConnectCheck _connect;
    private readonly TimeProvider _time;
    private OrgCheck? _org;

    private RouteInspection(RouteCheck check, TableCheck tables, HerokuConnectCheck connect, OrgCheck? org, TimeProvider time) =>
        (_check, _tables, _connect, _org, _time) = (check, tables, connect, org, time);

    /// <summary>Why the org was not asked about all objects and fields, as a part of a sentence; null while it was.</summary>
    public string? Unasked { get; private set; }

    /// <param name="session">The command.</param>
    /// <param name="unasked">Why the org must not be asked; null where it may be.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="RefusedException">The bridge's tables are missing or older.</exception>
    public static async Task<RouteInspection> OpenAsync(CommandSession session, string? unasked, CancellationToken ct) => new(
        await session.OpenAsync<RouteCheck>(ct), await session.OpenAsync<TableCheck>(ct), await session.OpenAsync<HerokuConnectCheck>(ct),
        unasked is null ? new OrgCheck(session.Org) : null, session.Time)
    {
        Unasked = unasked,
    };

    /// <summary>Looks at a route. Once the org does not answer, it is not asked about further routes either.</summary>
    public async Task<RouteSight> LookAsync(RouteDefinition route, CancellationToken ct)
    {
        RouteVerdict verdict = await _check.RunAsync(route, ct);
        List<string> faults = [.. verdict.Faults, .. RequestRules.FaultsOf(route, verdict.Columns), .. await _tables.FaultsOfAsync(route, ct), .. await _connect.FaultsOfAsync(route, ct)];
        try
        {
            if (_org is not null && verdict.Faults.Count == 0)
                faults.AddRange(await _org.FaultsOfAsync(route, verdict.Columns, ct));
        }
        catch (SalesforceException error)
        {
            (_org, Unasked) = (null, Health.Unasked.Of(error).Why);
        }

        return new RouteSight(faults, verdict.Columns, ScheduleRules.OverSince(route, _time.GetUtcNow()));
    }
}

/// <summary>What was found of a route.</summary>
/// <param name="Faults">What keeps it from its work, each with what to do.</param>
/// <param name="Columns">What its statement yields.</param>
/// <param name="Over">That its schedule does not fire any more; null where it does, or has none.</param>
internal sealed record RouteSight(IReadOnlyList<string> Faults, IReadOnlyList<RouteColumn> Columns, string? Over);
