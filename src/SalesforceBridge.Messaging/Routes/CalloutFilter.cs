using System.Text.RegularExpressions;

namespace SalesforceBridge.Messaging;

/// <summary>Whose callouts wake a route.</summary>
public enum CalloutsFrom
{
    /// <summary>Those that the route cannot have caused itself: of the bridge's own doing, none that it may have been.</summary>
    NotItself,

    /// <summary>Those of which the bridge's own user is not the cause.</summary>
    Others,

    /// <summary>All.</summary>
    Anyone,
}

/// <summary>
/// Which callouts do not wake a route. The org calls out when a trigger runs, whoever caused that; where it was the bridge's own user, nobody
/// knows which route it was, so it may have been any that writes into the org.
/// </summary>
internal static partial class CalloutFilter
{
    /// <summary>Takes <c>from others</c> or <c>from anyone</c> off an <c>on:</c> header, where it names a callout.</summary>
    /// <exception cref="FormatException">Callouts do not come from there.</exception>
    public static (string Source, CalloutsFrom From) Split(string on)
    {
        Match from = FromClause().Match(on);
        return from.Success
            ? (from.Groups["source"].Value, RouteHeaderValues.OneOf(from.Groups["who"].Value, ("others", CalloutsFrom.Others), ("anyone", CalloutsFrom.Anyone)))
            : (on, CalloutsFrom.NotItself);
    }

    /// <summary>Whether what the bridge itself caused passes a route.</summary>
    public static bool PassesOwn(Route route) => route.Definition.CalloutsFrom switch
    {
        CalloutsFrom.Others => true,
        CalloutsFrom.Anyone => false,
        _ => route.Handler is not null || route.Definition.Action is RouteAction.Deliver { Verb: not DeliveryVerb.Request },
    };

    [GeneratedRegex(@"^(?<source>\s*callout\s+\S+)\s+from\s+(?<who>\w+)\s*\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FromClause();
}
