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

    public bool IsListenedTo(string name) => _callouts.ContainsKey(name);

    public Callout Find(string name) => _callouts[name];

    /// <summary>Why an unknown name is refused; which names there are is nobody's business who is not admitted.</summary>
    public RequestRefusal RefusalOf(bool isAdmitted) => new(
        StatusCodes.Status404NotFound, "unknown_callout",
        !isAdmitted ? "No route listens to a callout of this name."
        : _callouts.Count == 0 ? "No route listens to any callout. Add one with `-- on: callout NAME`."
        : $"No route listens to a callout of this name. There are: {string.Join(", ", _callouts.Keys.Order(StringComparer.Ordinal))}.");
}
