namespace SalesforceBridge.Messaging;

/// <summary>
/// The cursors that routes begin with. They exist before their source's first message, or a route that starts now would never see it:
/// so whoever writes to a source sees to them first, be it the worker or the process that takes in requests.
/// </summary>
public sealed class RouteCursors(Cursors cursors)
{
    /// <summary>Renames, makes, enables and disables cursors as the routes say. Those that exist keep their position.</summary>
    /// <param name="routes">The routes that can be read.</param>
    /// <param name="unreadable">The names of the routes whose files have faults: what waits for them is kept.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="Npgsql.NpgsqlException">The database could not be reached.</exception>
    public async Task OpenAsync(IReadOnlyCollection<Route> routes, IReadOnlyCollection<string> unreadable, CancellationToken ct)
    {
        await RenameAsync(routes, ct);
        List<(string Name, string? Position)> enrolled = [];
        foreach (RouteDefinition route in routes.Select(route => route.Definition).Where(route => route.Enabled && route.Action is not RouteAction.Reply))
        {
            string source = route.Source.ToString();
            string start = route.From == RouteFrom.Earliest ? "0" : await cursors.NewestAsync(source, ct);
            enrolled.AddRange([(CursorName.Route(route.Name), null), (CursorName.Position(route.Name, source), start), (CursorName.Lane(route.Name), "0")]);
            // A schedule begins when its clock does, so the clock makes its cursor.
            if (route.Source is { IsSchedule: false, Kind: not SourceKind.Alert })
                enrolled.Add((source, null));
        }

        await cursors.EnrolAsync([.. enrolled.DistinctBy(cursor => cursor.Name)], ct);
        await cursors.DisableOthersAsync([.. enrolled.Select(cursor => cursor.Name)], unreadable, ct);
    }

    private async Task RenameAsync(IReadOnlyCollection<Route> routes, CancellationToken ct)
    {
        foreach (RouteDefinition route in routes.Select(route => route.Definition))
        {
            if (route.Was is { } before)
                await cursors.RenameRouteAsync(before, route.Name, ct);
        }
    }
}
