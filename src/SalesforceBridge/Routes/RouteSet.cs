using System.Reflection;
using SalesforceBridge.Messaging;
using SalesforceBridge.Schedules;
using SalesforceBridge.Sources.Soql;

namespace SalesforceBridge.Routes;

/// <summary>Every route of this app: the files of its folder, the handlers of its program, and the bridge's own.</summary>
/// <param name="Routes">Those that were read whole; whether they prepare the database says.</param>
/// <param name="Faults">What keeps others from running, each with its file's or handler's name.</param>
internal sealed record RouteSet(IReadOnlyList<Route> Routes, IReadOnlyList<RouteFault> Faults)
{
    private const string KeyMissing =
        "`as: caller` keeps callers' sessions, encrypted, and BRIDGE_ENCRYPTION_KEY is not set; set it, like: openssl rand -hex 32";

    /// <summary>Routes that only lack the key with which callers' sessions are kept: whoever they listen to must wait.</summary>
    public IReadOnlyList<Route> WithoutKey { get; init; } = [];

    /// <summary>Reads the folder, and finds the handlers among the services that are registered as such.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="handlers">The handlers.</param>
    /// <param name="hasKey">Whether there is a key under which callers' sessions are kept.</param>
    /// <param name="apis">The HTTP APIs of the configuration, by their names there.</param>
    public static RouteSet Read(string folder, IEnumerable<IRouteHandler> handlers, bool hasKey, IReadOnlyCollection<string> apis)
    {
        RouteFolder files = RouteFolder.Read(folder);
        List<Route> routes = [PublishRoute.Route];
        List<RouteFault> faults = [.. files.Files.SelectMany(file => file.Faults.Select(fault => new RouteFault($"{file.Name}.sql", fault, file.Name) { Source = file.Source }))];
        if (files.Files.Count == 0)
            faults.AddRange(files.Faults.Select(fault => new RouteFault("BRIDGE_ROUTES", fault, null)));
        foreach (RouteFile file in files.Files.Where(file => file.Definition is not null))
            Add(new Route(file.Definition!), $"{file.Name}.sql", routes, faults);
        foreach (IRouteHandler handler in handlers)
            Add(handler, routes, faults);
        LeaveOut(routes, faults, route => RequestRules.FaultOf(route, apis));
        LeaveOut(routes, faults, route => ResultRules.FaultOf(route, routes, [.. faults.Select(fault => fault.Route).OfType<string>()]));
        if (hasKey)
            return new RouteSet(routes, faults);
        Route[] withoutKey = [.. routes.Where(route => route.Definition is { AsCaller: true, Enabled: true })];
        faults.AddRange(withoutKey.Select(route => new RouteFault(
            FromOf(route), KeyMissing, route.Definition.Name)));
        return new RouteSet([.. routes.Except(withoutKey)], faults) { WithoutKey = withoutKey };
    }

    /// <summary>The names of the routes that do not run here and may run again once they are right: what waits for them is kept.</summary>
    public IReadOnlyCollection<string> Unreadable => [.. Faults.Select(fault => fault.Route).OfType<string>().Distinct()];

    public Route? Find(string name) => Routes.FirstOrDefault(route => route.Definition.Name == name);

    private static void LeaveOut(List<Route> routes, List<RouteFault> faults, Func<RouteDefinition, string?> faultOf)
    {
        foreach (Route route in routes.ToArray())
        {
            if (faultOf(route.Definition) is not { } fault)
                continue;
            routes.Remove(route);
            faults.Add(new RouteFault(FromOf(route), fault, route.Definition.Name) { Source = route.Definition.Source });
        }
    }

    private static string FromOf(Route route) => route.Handler?.GetType().FullName ?? $"{route.Definition.Name}.sql";

    private static void Add(IRouteHandler handler, List<Route> routes, List<RouteFault> faults)
    {
        Type type = handler.GetType();
        if (type.GetCustomAttribute<RouteAttribute>() is not { } attribute)
        {
            faults.Add(new(type.FullName!, "it is a route handler without a [Route] attribute; say its name and what it listens to", null));
            return;
        }

        // A handler's attribute says what a file's header would, so the same reader reads it.
        string headers = $"-- on: {attribute.On}\n{(attribute.Key is { } key ? $"-- key: {key}\n" : "")}{Commented(attribute.Headers)}select 1";
        RouteFile file = RouteFile.Parse(attribute.Name, headers);
        faults.AddRange(file.Faults.Select(fault => new RouteFault(type.FullName!, fault, attribute.Name) { Source = file.Source }));
        if (file.Definition is { } definition)
            Add(new Route(definition, handler), type.FullName!, routes, faults);
    }

    private static void Add(Route route, string from, List<Route> routes, List<RouteFault> faults)
    {
        RouteDefinition definition = route.Definition;
        List<RouteFault> found = [.. RulesOf(definition, [.. routes.Select(other => other.Definition)]).Select(fault => new RouteFault(from, fault, definition.Name))];
        if (routes.Exists(other => string.Equals(other.Definition.Name, definition.Name, StringComparison.OrdinalIgnoreCase)))
            found.Add(new(from, $"there is a route {definition.Name} already; give one of them another name", null));
        if (definition.Action is RouteAction.Reply && routes.Exists(other => other.Definition.Action is RouteAction.Reply && other.Definition.Source == definition.Source))
            found.Add(new(from, $"another route replies to `{definition.Source}` already, and a callout has one answer; remove one of them", definition.Name));
        if (ClashOf(definition, routes) is { } clash)
            found.Add(new(from, clash, definition.Name));
        if (route.Handler is not null && route.Handler is IReplyHandler != definition.Action is RouteAction.Reply)
            found.Add(new(from, "a handler with `do: reply` implements IReplyHandler, and no other does; change one of them", definition.Name));
        faults.AddRange(found.Select(fault => fault with { Source = definition.Source }));
        if (found.Count == 0)
            routes.Add(route);
    }

    private static IEnumerable<string> RulesOf(RouteDefinition definition, IReadOnlyList<RouteDefinition> others) =>
        [.. UnbuiltParts.FaultsOf(definition), .. ScheduleRules.FaultsOf(definition, others), .. SoqlSource.FaultsOf(definition, others)];

    // Each route of a callout refuses what it does not take, so together they may refuse everything; and a table's changes are found in one way.
    private static string? ClashOf(RouteDefinition definition, List<Route> routes)
    {
        foreach (RouteDefinition other in routes.Select(route => route.Definition).Where(other => other.Source == definition.Source))
        {
            if (definition.Takes is { } fields && other.Takes is { } others && RequestField.ClashOf(fields, others) is { } field)
                return $"takes: `{field.Name}` is {field.Type} here and another type in the route {other.Name} on the same callout, and no request is both; agree on one";
            if (TableWatch.ClashOf(definition, other) is { } clash)
                return clash;
        }

        return null;
    }

    private static string Commented(string headers) =>
        string.Concat(headers.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(line => $"-- {line}\n"));
}

/// <summary>Why a route does not run.</summary>
/// <param name="From">Its file, or its handler's class.</param>
/// <param name="Why">What is wrong and what to do.</param>
/// <param name="Route">The name of the route it is about, where it has one of its own.</param>
internal sealed record RouteFault(string From, string Why, string? Route)
{
    /// <summary>What the route would listen to, where that can be told.</summary>
    public SourceName? Source { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{From}: {Why}";
}
