namespace SalesforceBridge.Messaging;

/// <summary>How a route becomes a program that runs: its statement is held against the database as it is then.</summary>
internal sealed class RoutePreparation(Route route, RouteSql statements, RouteCheck check)
{
    public RouteDefinition Route { get; } = route.Definition;

    public RouteSql Statements { get; } = statements;

    /// <summary>The program.</summary>
    /// <exception cref="RouteUnfitException">The database does not take the statement.</exception>
    public async Task<RouteProgram> PrepareAsync(CancellationToken ct)
    {
        if (route.Handler is { } handler)
            return new HandlerProgram(Route, Statements, handler);

        RouteVerdict verdict = await check.RunAsync(Route, ct);
        if (verdict.Faults.Count > 0)
            throw new RouteUnfitException(verdict.Faults);
        return Route.Action switch
        {
            RouteAction.Execute execute => new ExecuteProgram(Route, Statements, execute.OncePerBatch),
            RouteAction.Deliver deliver => new SelectProgram(
                Route, Statements, new RouteShape(verdict.Columns, Route.Nulls == RouteNulls.Omit), deliver.Destination),
            _ => throw new RouteUnfitException([$"`do: {Route.Action}` keeps no messages, so nothing runs it here."]),
        };
    }
}
