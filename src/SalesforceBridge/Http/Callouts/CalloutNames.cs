using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;

namespace SalesforceBridge.Http.Callouts;

/// <summary>The callouts that some route listens to, be it disabled or stopped: what comes for it is kept until it runs again.</summary>
internal sealed class CalloutNames(RouteSet routes)
{
    private readonly Dictionary<string, string> _sources = routes.Routes
        .Select(route => route.Definition.Source)
        .Where(source => source.Kind == SourceKind.Callout)
        .GroupBy(source => source.Argument)
        .ToDictionary(same => same.Key, same => same.First().ToString());

    public bool IsListenedTo(string name) => _sources.ContainsKey(name);

    public string SourceOf(string name) => _sources[name];

    /// <summary>Why an unknown name is refused; which names there are is nobody's business who is not admitted.</summary>
    public RequestRefusal RefusalOf(bool isAdmitted) => new(
        StatusCodes.Status404NotFound, "unknown_callout",
        !isAdmitted ? "No route listens to a callout of this name."
        : _sources.Count == 0 ? "No route listens to any callout. Add one with `-- on: callout NAME`."
        : $"No route listens to a callout of this name. There are: {string.Join(", ", _sources.Keys.Order(StringComparer.Ordinal))}.");
}
