using Microsoft.Extensions.Logging;
using Npgsql;

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
/// The routes that run here, with their cursors. A route whose statement the database does not take stands still with
/// its reasons, is tried again from time to time, and keeps its place and what waits for it.
/// </summary>
public sealed partial class RouteBook(
    BridgeDatabase database, Cursors cursors, Bells bells, RouteCheck check, LaneDestinations destinations, TimeProvider time, ILogger<RouteBook> logger)
{
    /// <summary>The work of the routes: each route, and each lane.</summary>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public Task<IReadOnlyList<ILeasedWork>> OpenAsync(IReadOnlyCollection<Route> routes, CancellationToken ct) => OpenAsync(routes, [], ct);

    /// <summary>The same beside route files that cannot be read: what waits for these routes is kept until their files are right again.</summary>
    /// <param name="routes">The routes.</param>
    /// <param name="unreadable">The names of the routes whose files have faults.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public async Task<IReadOnlyList<ILeasedWork>> OpenAsync(IReadOnlyCollection<Route> routes, IReadOnlyCollection<string> unreadable, CancellationToken ct)
    {
        await new RouteCursors(cursors).OpenAsync(routes, unreadable, ct);
        IReadOnlyCollection<string> unfinished = await UnfinishedLanesAsync(ct);
        List<ILeasedWork> works = [];
        foreach (Route route in routes.Where(route => route.Definition.Enabled && route.Definition.Action is not RouteAction.Reply))
        {
            var statements = new RouteSql(database, route.Definition, GuardFor(route, routes));
            works.Add(new RouteRunner(database, cursors, bells, new RoutePreparation(route, statements, check), time, logger));
            if (route.Delivers || unfinished.Contains(route.Definition.Name))
                works.Add(new LaneRunner(database, cursors, bells, route.Definition, destinations, time, logger));
        }

        LogOpened(works.Count, routes.Count);
        return works;
    }

    private LoopGuard GuardFor(Route route, IReadOnlyCollection<Route> all) => route.Definition.Source.Kind switch
    {
        SourceKind.Event => GuardFor(route.Definition.Source, all),
        SourceKind.Callout => LoopGuard.ForCallout(route),
        _ => LoopGuard.Carried,
    };

    // An event comes back from the org without a word of what caused it; a handler may publish any. What a person publishes through
    // the bridge's own routes begins anew, so no event has to be looked up for those.
    private LoopGuard GuardFor(SourceName source, IReadOnlyCollection<Route> all) =>
        LoopGuard.ForEvent(database.Schema, [.. all
            .Where(route => route is { Handler: not null, Definition.Source.Kind: not SourceKind.Api } || route.Definition.Action is RouteAction.Deliver deliver && deliver.Destination == $"publish {source.Argument}")
            .Select(route => route.Definition.Name)]);

    // A route that sends no longer may have left deliveries; its lane runs until they are made.
    private async Task<IReadOnlyCollection<string>> UnfinishedLanesAsync(CancellationToken ct)
    {
        BridgeSchema s = database.Schema;
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await Sql.ReadLastAsync(connection, [Sql.Command($"""
            select substr(c.name, 6) from {s}.cursor c where c.name like 'lane %' and (
                exists (select from {s}.outbox o where o.lane = substr(c.name, 6) and o.id > coalesce(c.position, '0')::bigint)
                or exists (select from {s}.failure f where f.cursor = c.name))
            """)], row => row.GetString(0), ct);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Works} routes and lanes of {Routes} routes are ready to run")]
    private partial void LogOpened(int works, int routes);
}
