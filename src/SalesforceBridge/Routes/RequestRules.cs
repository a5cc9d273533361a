using SalesforceBridge.Configuration;
using SalesforceBridge.Destinations.Requests;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Routes;

/// <summary>What keeps a route with <c>do: request NAME</c> from calling its API.</summary>
internal static class RequestRules
{
    /// <summary>The fault of a route whose API is not in the configuration; null where it is.</summary>
    /// <param name="route">The route.</param>
    /// <param name="apis">The APIs, by their names there.</param>
    public static string? FaultOf(RouteDefinition route, IReadOnlyCollection<string> apis) =>
        ApiOf(route) is { } api && !apis.Contains(RequestSettings.NameOf(api))
            ? $"`do: {route.Action}` names an API that is not in the config vars; set {RequestSettings.UrlVariable(api)}, or correct the name{(apis.Count == 0 ? "" : $" (there are {string.Join(", ", apis)})")}"
            : null;

    /// <summary>What is wrong with the columns, each with what to do.</summary>
    public static IEnumerable<string> FaultsOf(RouteDefinition route, IReadOnlyList<RouteColumn> columns)
    {
        if (ApiOf(route) is null)
            yield break;
        foreach (RouteColumn unknown in columns.Where(column => column.IsMetadata && !RequestForm.Columns.Contains(column.Name)))
            yield return $"A request knows no column {unknown.Name}; there are {string.Join(", ", RequestForm.Columns)}";
        if (columns.Any(column => column.Name == RequestForm.BodyColumn) && columns.FirstOrDefault(column => !column.IsMetadata) is { } beside)
            yield return $"{RequestForm.BodyColumn} is the whole body, and the column {beside.Name} stands beside it; leave out one of them";
    }

    private static string? ApiOf(RouteDefinition route) =>
        route.Action is RouteAction.Deliver { Verb: DeliveryVerb.Request } deliver ? deliver.Destination[(deliver.Destination.IndexOf(' ') + 1)..] : null;
}
