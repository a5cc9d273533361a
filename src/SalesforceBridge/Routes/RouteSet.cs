using System.Reflection;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Routes;

/// <summary>Every route of this app: the files of its folder, the handlers of its program, and the bridge's own.</summary>
/// <param name="Routes">Those that were read whole; whether they prepare the database says.</param>
/// <param name="Faults">What kept others from being read, each with its file's name.</param>
internal sealed record RouteSet(IReadOnlyList<Route> Routes, IReadOnlyList<string> Faults)
{
    /// <summary>Reads the folder, and finds the handlers among the services that are registered as such.</summary>
    public static RouteSet Read(string folder, IEnumerable<IRouteHandler> handlers)
    {
        RouteFolder files = RouteFolder.Read(folder);
        List<string> faults = [.. files.Faults];
        List<Route> routes = [.. files.Files.Where(file => file.Definition is not null).Select(file => new Route(file.Definition!))];
        foreach (IRouteHandler handler in handlers)
            Add(handler, routes, faults);
        return new RouteSet(routes, faults);
    }

    private static void Add(IRouteHandler handler, List<Route> routes, List<string> faults)
    {
        Type type = handler.GetType();
        if (type.GetCustomAttribute<RouteAttribute>() is not { } attribute)
        {
            faults.Add($"{type.FullName} is a route handler without a [Route] attribute; say its name and what it listens to.");
            return;
        }

        // A handler's attribute says what a file's header would, so the same reader reads it.
        string headers = $"-- on: {attribute.On}\n{(attribute.Key is { } key ? $"-- key: {key}\n" : "")}{Commented(attribute.Headers)}select 1";
        RouteFile file = RouteFile.Parse(attribute.Name, headers);
        faults.AddRange(file.Faults.Select(fault => $"{type.FullName}: {fault}"));
        if (routes.Exists(route => string.Equals(route.Definition.Name, attribute.Name, StringComparison.OrdinalIgnoreCase)))
            faults.Add($"{type.FullName}: there is a route {attribute.Name} already; give one of them another name.");
        else if (file.Definition is { } definition)
            routes.Add(new Route(definition, handler));
    }

    private static string Commented(string headers) =>
        string.Concat(headers.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(line => $"-- {line}\n"));
}
