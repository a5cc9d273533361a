namespace SalesforceBridge.Messaging;

/// <summary>Where a lane's calls go: destinations by their names, under the bridge's own token or under that of the call's caller.</summary>
/// <param name="destinations">The host's.</param>
/// <param name="callers">Opens callers' tokens.</param>
public sealed class LaneDestinations(IDestinations destinations, CallerTokens callers)
{
    internal LaneCall Choose(IReadOnlyList<Pending> next, int most) => LaneCall.Choose(next, destinations, most);

    internal JobPlan PlanJob() => new(destinations);

    internal IJobs? JobsOf(Delivery delivery) => destinations.Find(delivery.Destination)?.JobsOf(delivery.Lane);

    /// <summary>The call, made as its caller if it has one; where that cannot be, all of it will be refused.</summary>
    internal async Task<LaneCall> ActAsync(LaneCall call, CancellationToken ct)
    {
        if (call.Caller is not { } id || call.Destination is not { } destination)
            return call;
        return call with
        {
            Destination = await callers.OpenAsync(id, ct) switch
            {
                CallerOpening.Opened(var token) => destination.As(token),
                CallerOpening.Closed(var why) => new ClosedDestination(destination, why),
                var opening => throw new InvalidOperationException($"A caller's token is opened or not, and not {opening.GetType().Name}."),
            },
        };
    }

    // Stands in for a destination that must not be called.
    private sealed class ClosedDestination(IDestination destination, string why) : IDestination
    {
        public int CallSize => destination.CallSize;

        public bool IsRepeatable => destination.IsRepeatable;

        public string? RecordOf(Delivery delivery) => destination.RecordOf(delivery);

        public IDestination As(CallerToken caller) => this;

        public Task<CallOutcome> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct) =>
            Task.FromResult<CallOutcome>(new CallOutcome.Answered(
                [.. deliveries.Select(_ => new DeliveryOutcome.Refused(CallerTokens.Expired, why, Permanent: true))]));
    }
}
