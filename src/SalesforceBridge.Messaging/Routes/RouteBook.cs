using Microsoft.Extensions.Logging;

namespace SalesforceBridge.Messaging;

/// <summary>A route, and the handler behind it where it is written in C#.</summary>
/// <param name="Definition">What its file's header or its attribute says.</param>
/// <param name="Handler">Null for a SQL route.</param>
public sealed record Route(RouteDefinition Definition, IRouteHandler? Handler = null)
{
    /// <summary>Whether it may write deliveries.</summary>
    public bool Delivers => Handler is not null || Definition.Action is RouteAction.Deliver;
}

/// <summary>
/// The routes that run here, with their cursors. A route that does not prepare is left out with its reasons, and keeps its
/// cursor and what waits for it.
/// </summary>
public sealed partial class RouteBook(
    BridgeDatabase database, Cursors cursors, Bells bells, RouteCheck check, IDestinations destinations, TimeProvider time, ILogger<RouteBook> logger)
{
    /// <summary>The work of the routes that can run: each route, and each lane.</summary>
    /// <exception cref="Npgsql.NpgsqlException">The database could not be reached.</exception>
    public async Task<IReadOnlyList<ILeasedWork>> OpenAsync(IReadOnlyCollection<Route> routes, CancellationToken ct)
    {
        await RenameAsync(routes, ct);
        await EnrolAsync(routes, ct);
        List<ILeasedWork> works = [];
        foreach (Route route in routes.Where(route => route.Definition.Enabled))
        {
            if (await ProgramOfAsync(route, routes, ct) is { } program)
                works.Add(new RouteRunner(database, cursors, bells, program, time, logger));
            if (route.Delivers)
                works.Add(new LaneRunner(database, cursors, bells, route.Definition, destinations, time, logger));
        }

        return works;
    }

    private async Task<RouteProgram?> ProgramOfAsync(Route route, IReadOnlyCollection<Route> all, CancellationToken ct)
    {
        RouteDefinition definition = route.Definition;
        var statements = new RouteSql(database, definition, GuardFor(definition.Source, all));
        if (route.Handler is { } handler)
            return new HandlerProgram(definition, statements, handler);

        RouteVerdict verdict = await check.RunAsync(definition, ct);
        if (verdict.Faults.Count > 0)
        {
            string faults = string.Join("; ", verdict.Faults);
            LogUnprepared(definition.Name, faults);
            await new Alerts(database).RaiseAsync($"{CursorName.Route(definition.Name)} does not prepare", faults, ct);
            return null;
        }

        await new Alerts(database).ClearAsync($"{CursorName.Route(definition.Name)} does not prepare", ct);
        return definition.Action switch
        {
            RouteAction.Execute execute => new ExecuteProgram(definition, statements, execute.OncePerBatch),
            RouteAction.Deliver deliver => new SelectProgram(
                definition, statements, new RouteShape(verdict.Columns, definition.Nulls == RouteNulls.Omit), deliver.Destination),
            _ => null,
        };
    }

    // Only an event comes back from the org without a word of what caused it; a handler may publish any. What a person
    // publishes through the bridge's own routes begins anew, so no event has to be looked up for those.
    private LoopGuard GuardFor(SourceName source, IReadOnlyCollection<Route> all) => source.Kind != SourceKind.Event
        ? LoopGuard.Carried
        : LoopGuard.ForEvent(database.Schema, [.. all
            .Where(route => route is { Handler: not null, Definition.Source.Kind: not SourceKind.Api } || route.Definition.Action is RouteAction.Deliver deliver && deliver.Destination == $"publish {source.Argument}")
            .Select(route => route.Definition.Name)]);

    private async Task EnrolAsync(IReadOnlyCollection<Route> routes, CancellationToken ct)
    {
        List<(string Name, string? Position)> enrolled = [];
        foreach (RouteDefinition route in routes.Where(route => route.Definition.Enabled).Select(route => route.Definition))
        {
            string source = route.Source.ToString();
            string? start = route.From == RouteFrom.Earliest ? "0" : await cursors.NewestAsync(source, ct);
            enrolled.AddRange([(CursorName.Route(route.Name), null), (CursorName.Position(route.Name, source), start), (CursorName.Lane(route.Name), "0")]);
            if (route.Source.Kind is not SourceKind.Result and not SourceKind.Alert)
                enrolled.Add((source, null));
        }

        await cursors.EnrolAsync([.. enrolled.DistinctBy(cursor => cursor.Name)], ct);
        await cursors.DisableOthersAsync([.. enrolled.Select(cursor => cursor.Name)], ct);
    }

    private async Task RenameAsync(IReadOnlyCollection<Route> routes, CancellationToken ct)
    {
        foreach (RouteDefinition route in routes.Select(route => route.Definition))
        {
            if (route.Was is { } before)
                await cursors.RenameRouteAsync(before, route.Name, ct);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Route {Route} does not run: {Faults}")]
    private partial void LogUnprepared(string route, string faults);
}
