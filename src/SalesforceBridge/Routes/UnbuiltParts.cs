using SalesforceBridge.Messaging;

namespace SalesforceBridge.Routes;

/// <summary>
/// What a route may ask for by its language and this program cannot do yet. Such a route is refused as a whole, by the
/// worker and by the commands alike: half obeyed it would do something else than it says.
/// </summary>
internal static class UnbuiltParts
{
    /// <summary>What of a route is not built yet, a sentence each; empty when all of it is.</summary>
    public static IEnumerable<string> FaultsOf(RouteDefinition route)
    {
        if (route.Source is { IsStream: false, IsSchedule: false, Kind: not (SourceKind.Api or SourceKind.Callout or SourceKind.OutboundMessage or SourceKind.Table or SourceKind.Soql or SourceKind.HerokuConnectError or SourceKind.Result) })
            yield return $"`on: {route.Source}` is not built yet; a route listens to event, change, topic, channel, callout, outbound-message, table, soql, connect-error, cron, every or result of";
    }
}
