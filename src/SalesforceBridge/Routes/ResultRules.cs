using SalesforceBridge.Messaging;

namespace SalesforceBridge.Routes;

/// <summary>What keeps a route on <c>result of ROUTE</c> from ever being told of one.</summary>
internal static class ResultRules
{
    /// <summary>The fault; null where there is none.</summary>
    /// <param name="route">The route.</param>
    /// <param name="routes">Those that were read whole.</param>
    /// <param name="unreadable">The names of those that were not: they may be right again.</param>
    public static string? FaultOf(RouteDefinition route, IReadOnlyList<Route> routes, IReadOnlyCollection<string> unreadable)
    {
        if (route.Source.Kind != SourceKind.Result)
            return null;
        string name = route.Source.Argument;
        if (name == route.Name)
            return $"`on: {route.Source}` is this route itself, which would go round and round; name another route";
        if (unreadable.Contains(name))
            return null;
        return routes.FirstOrDefault(other => other.Definition.Name == name) switch
        {
            null => $"`on: {route.Source}` names no route; there is none of that name",
            { Delivers: false } => $"`on: {route.Source}` never wakes: that route sends nothing",
            _ => null,
        };
    }
}
