using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Sources;

namespace SalesforceBridge.Health;

/// <summary>Says how much is left of what the org allots to events, as far as routes need it.</summary>
/// <param name="org">The org.</param>
/// <param name="routes">The routes that run.</param>
internal sealed class AllocationExamination(SalesforceClient org, IReadOnlyCollection<RouteDefinition> routes)
{
    private const string Part = "allocations";
    private const double Little = 0.8;
    private const string Cure = "Subscribe and publish less, or buy more.";

    private static readonly Allocation Delivered = new(
        "events delivered", ["DailyDeliveredPlatformEvents", "MonthlyPlatformEventsUsageEntitlement"],
        "The org keeps events for 72 hours. Every subscriber counts, also of other apps: end those that nobody needs, filter with a custom channel, or buy more.");

    private static readonly Allocation Notified = new("topic notifications and generic events delivered", ["DailyDurableStreamingApiEvents", "DailyStreamingApiEvents"], Cure);

    private static readonly Allocation Clients = new(
        "streaming clients", ["DurableStreamingApiConcurrentClients", "StreamingApiConcurrentClients"], "End clients that nobody needs, or buy more.");

    private static readonly Allocation Published = new("events published in an hour", ["HourlyPublishedPlatformEvents"], Cure);

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken ct)
    {
        Allocation[] wanted = [.. Wanted()];
        try
        {
            IReadOnlyDictionary<string, OrgLimit> limits = await org.GetOrganizationLimitsAsync(ct);
            return [.. wanted.Select(allocation => Judge(allocation, limits))];
        }
        catch (SalesforceException refused)
        {
            var unasked = Unasked.Of(refused);
            return wanted.Length == 0 ? [] : [Finding.Warn(Part, $"of events were not asked: {unasked.Why}", refused.Status == System.Net.HttpStatusCode.Forbidden
                ? "Give the integration user the permission View Setup and Configuration; all else works without it."
                : unasked.Fix)];
        }
    }

    private IEnumerable<Allocation> Wanted()
    {
        string[] channels = [.. StreamSource.Of(routes).Select(source => source.Channel)];
        if (channels.Any(IsOfEvents))
            yield return Delivered;
        if (!channels.All(IsOfEvents))
            yield return Notified;
        if (channels.Length > 0)
            yield return Clients;
        if (routes.Any(route => route.Action is RouteAction.Deliver { Verb: DeliveryVerb.Publish }))
            yield return Published;
    }

    private static bool IsOfEvents(string channel) =>
        channel.StartsWith("/event/", StringComparison.Ordinal) || channel.StartsWith("/data/", StringComparison.Ordinal);

    // What an org calls them has changed with releases; of several that it knows the fullest counts.
    private static Finding Judge(Allocation allocation, IReadOnlyDictionary<string, OrgLimit> limits)
    {
        OrgLimit[] known = [.. allocation.Names.Where(limits.ContainsKey).Select(name => limits[name])];
        if (known.Length == 0)
            return Finding.Warn(Part, $"the org does not say how many {allocation.What} it allows ({string.Join(", ", allocation.Names)})", "See Setup, Company Information.");
        OrgLimit limit = known.MaxBy(UsedShare)!;
        string what = $"{limit.Max - limit.Remaining} of {limit.Max} {allocation.What}";
        return UsedShare(limit) switch
        {
            >= 1 => Finding.Fail(Part, $"{what}: none is left", allocation.Cure),
            >= Little => Finding.Warn(Part, $"{what}: few are left", allocation.Cure),
            _ => Finding.Ok(Part, what),
        };
    }

    private static double UsedShare(OrgLimit limit) => 1 - (limit.Remaining / (double)Math.Max(limit.Max, 1));

    /// <param name="What">What is counted.</param>
    /// <param name="Names">How the org calls it.</param>
    /// <param name="Cure">What to do when little is left.</param>
    private sealed record Allocation(string What, IReadOnlyList<string> Names, string Cure);
}
