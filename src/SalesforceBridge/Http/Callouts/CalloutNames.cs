using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;

namespace SalesforceBridge.Http.Callouts;

/// <summary>The callouts that some route listens to, be it disabled or stopped: what comes for it is kept until it runs again.</summary>
internal sealed class CalloutNames(RouteSet routes)
{
    private readonly Dictionary<string, Callout> _callouts = routes.Routes.Concat(routes.WithoutKey)
        .Where(route => route.Definition.Source.Kind == SourceKind.Callout)
        .GroupBy(route => route.Definition.Source.Argument)
        .ToDictionary(same => same.Key, same => Callout.Of([.. same]));

    private readonly HashSet<string> _unfit =
        [.. routes.Faults.Select(fault => fault.Source).OfType<SourceName>().Where(source => source.Kind == SourceKind.Callout).Select(source => source.Argument)];

    /// <summary>All of them, by name.</summary>
    public IReadOnlyDictionary<string, Callout> All => _callouts;

    public bool IsListenedTo(string name) => _callouts.ContainsKey(name);

    public Callout Find(string name) => _callouts[name];

    /// <summary>Why a name is refused that no route listens to, or none that could run once its file is right.</summary>
    public RequestRefusal RefusalOf(string name, bool isAdmitted) => _unfit.Contains(name)
        ? new(StatusCodes.Status503ServiceUnavailable, "route_unfit", "The route that listens to this callout has a fault. See `bridge routes check`, and send it again later.")
        {
            RetryAfter = TimeSpan.FromMinutes(1),
        }
        : UnknownTo(isAdmitted);

    // Which names there are is nobody's business who is not admitted.
    private RequestRefusal UnknownTo(bool isAdmitted) => new(
        StatusCodes.Status404NotFound, "unknown_callout",
        !isAdmitted ? "No route listens to a callout of this name."
        : _callouts.Count == 0 ? "No route listens to any callout. Add one with `-- on: callout NAME`."
        : $"No route listens to a callout of this name. There are: {string.Join(", ", _callouts.Keys.Order(StringComparer.Ordinal))}.");
}
