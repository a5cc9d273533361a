using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Destinations;

/// <summary>What the calls of a lane say of themselves.</summary>
internal static class DeliveryOptions
{
    /// <summary>Who calls, and as which user.</summary>
    public static CallOptions Of(IReadOnlyList<Delivery> deliveries, CallerToken? caller) =>
        Of(deliveries[0].Lane, deliveries.Max(delivery => delivery.Hops)) with { Session = caller?.Reveal() };

    /// <summary>Who calls, as change events will repeat it: the lane, and how many routes the cause went through.</summary>
    public static CallOptions Of(string lane, int hops) => new() { ClientName = $"bridge.{lane}.{hops}" };
}
