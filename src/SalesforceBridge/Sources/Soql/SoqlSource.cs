using SalesforceBridge.Messaging;

namespace SalesforceBridge.Sources.Soql;

/// <summary>A source that is a query, as the routes on it say.</summary>
/// <param name="Name">The source's name, as in a route's <c>on:</c> header.</param>
/// <param name="Query">The query.</param>
/// <param name="Interval">The time between the begins of two polls.</param>
/// <param name="From">Where it begins when nothing is stored: with what changes from now on, or with every row.</param>
/// <param name="Deletes">Whether deleted records are told too.</param>
internal sealed record SoqlSource(string Name, SoqlQuery Query, TimeSpan Interval, RouteFrom From, bool Deletes)
{
    /// <summary>The queries that enabled routes listen to, once each.</summary>
    public static IReadOnlyList<SoqlSource> Of(IEnumerable<RouteDefinition> routes) =>
    [
        .. routes.Where(route => route is { Enabled: true, Source.Kind: SourceKind.Soql })
            .GroupBy(route => route.Source)
            .Select(same => new SoqlSource(
                same.Key.ToString(), SoqlQuery.Of(same.Key), same.Key.Interval!.Value,
                same.Any(route => route.From == RouteFrom.Earliest) ? RouteFrom.Earliest : RouteFrom.Now, same.Any(route => route.Deletes))),
    ];

    /// <summary>What keeps a route from running beside others, a sentence each.</summary>
    public static IEnumerable<string> FaultsOf(RouteDefinition route, IEnumerable<RouteDefinition> others)
    {
        if (route.Source.Kind != SourceKind.Soql)
            yield break;
        if (Unreadable(route.Source) is { } fault)
            yield return $"on: {fault}";
        if (others.FirstOrDefault(other => other.Enabled && route.Enabled && other.Source == route.Source && other.Deletes != route.Deletes) is { } other)
        {
            yield return $"`deletes: {Word(route.Deletes)}` differs from `deletes: {Word(other.Deletes)}` of route {other.Name}, "
                + "and one query is polled once for both; write the same in both files";
        }
    }

    private static string Word(bool deletes) => deletes ? "yes" : "no";

    private static string? Unreadable(SourceName source)
    {
        try
        {
            SoqlQuery.Of(source);
            return null;
        }
        catch (FormatException fault)
        {
            return fault.Message;
        }
    }
}
