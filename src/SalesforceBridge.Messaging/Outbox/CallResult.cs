namespace SalesforceBridge.Messaging;

/// <summary>What a lane does with a delivery of which nobody knows whether it was made.</summary>
internal static class DoubtPolicy
{
    public const string Code = "in doubt";

    public const string Explanation =
        "The call broke off after it was sent, so nobody knows whether it was made. Look into the org, then redrive or discard it.";

    /// <summary>A handler's lane may hold several verbs, so each speaks for itself; a SQL route says it in its header.</summary>
    public static WhenInDoubt For(RouteDefinition route, string destination) =>
        route.Action is RouteAction.Deliver ? route.WhenInDoubt : RouteAction.Parse(destination).DefaultWhenInDoubt;
}

/// <summary>What became of a lane's call, delivery by delivery.</summary>
internal sealed class CallResult
{
    private const string PublishVerb = "publish ";

    // For a destination to say what it knows when its time is over.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly RouteDefinition _route;
    private readonly TimeProvider _time;
    private readonly Func<bool> _mayCallAgain;
    private readonly RefusalRun _run;
    private readonly List<(Pending Pending, DeliveryOutcome Outcome)> _refused = [];

    private CallResult(RouteDefinition route, TimeProvider time, Func<bool> mayCallAgain, RefusalRun run) =>
        (_route, _time, _mayCallAgain, _run) = (route, time, mayCallAgain, run);

    /// <summary>Deliveries that were made.</summary>
    public List<(Pending Pending, DeliveryOutcome.Delivered Outcome)> Made { get; } = [];

    /// <summary>The first delivery that has to be made again by its lane as if nothing had happened.</summary>
    public Pending? FirstUnsettled { get; private set; }

    /// <summary>Why the lane stops, if one like every other was refused; it may also stop for a run of refusals.</summary>
    public DeliveryOutcome.LaneRefused? LaneRefusal { get; private set; }

    /// <summary>Dead letters of earlier calls that are to wait again.</summary>
    public IReadOnlyList<long> TakenBack => _run.TakenBack;

    /// <summary>Why everything waits, if it does.</summary>
    public CallOutcome.NotNow? NotNow { get; private set; }

    /// <summary>Makes a call. One that is refused as a whole is made in halves until the guilty delivery is alone.</summary>
    /// <param name="call">The deliveries and where they go.</param>
    /// <param name="route">Says how long one call may take, of which one that takes longer is in doubt, and how often it may be tried.</param>
    /// <param name="time">The clock.</param>
    /// <param name="mayCallAgain">Whether the other half of a refused call may still be sent.</param>
    /// <param name="run">What the lane's deliveries were refused with in a row.</param>
    /// <param name="ct">Breaks the call off.</param>
    public static async Task<CallResult> MakeAsync(
        LaneCall call, RouteDefinition route, TimeProvider time, Func<bool> mayCallAgain, RefusalRun run, CancellationToken ct)
    {
        run.Begin();
        var result = new CallResult(route, time, mayCallAgain, run);
        if (call.Destination is null)
        {
            result.StopAt(call.Deliveries[0], new("unknown destination", $"There is no destination `{call.Deliveries[0].Delivery.Destination}`."));
            return result;
        }

        await result.SendAsync(call.Destination, [.. call.Deliveries], ct);
        return result;
    }

    /// <summary>The events that were published, as sources: routes on them may have waited to learn what caused an event.</summary>
    public IEnumerable<string> PublishedEvents() => Made
        .Select(made => made.Pending.Delivery.Destination)
        .Where(destination => destination.StartsWith(PublishVerb, StringComparison.Ordinal))
        .Distinct()
        .Select(destination => $"event {destination[PublishVerb.Length..]}");

    /// <summary>What has to be recorded as a failure.</summary>
    public IEnumerable<Failed> Failed(RouteDefinition route) => _refused.Select(refused => FailureOf(route, refused.Pending, refused.Outcome));

    /// <summary>What came to an end, one way or another, and what the destination said of it.</summary>
    public IReadOnlyCollection<(long Id, ReadOnlyMemory<byte>? Response)> Settled =>
    [
        .. Made.Select(made => (made.Pending.Delivery.Id, made.Outcome.Response)),
        .. _refused.Select(refused => (refused.Pending.Delivery.Id, refused.Outcome.Response)),
    ];

    private async Task SendAsync(IDestination destination, Pending[] deliveries, CancellationToken ct)
    {
        CallOutcome outcome = await TrySendAsync(destination, deliveries, ct);
        bool isTogether = deliveries[0].Lot is not null;
        switch (outcome)
        {
            case CallOutcome.Answered(var outcomes) when isTogether:
                TakeLot(deliveries, Together(outcomes), FirstForGood(deliveries, outcomes));
                break;
            case CallOutcome.Answered(var outcomes):
                TakeEach(deliveries, outcomes);
                break;
            case CallOutcome.CallRefused refused when deliveries.Length == 1 || isTogether:
                var refusal = new DeliveryOutcome.Refused(refused.Code, refused.Error, refused.Permanent);
                TakeLot(deliveries, [.. deliveries.Select(_ => refusal)], refusal);
                break;
            case CallOutcome.CallRefused:
                await SendWhileItMayAsync(destination, deliveries[..(deliveries.Length / 2)], ct);
                await SendWhileItMayAsync(destination, deliveries[(deliveries.Length / 2)..], ct);
                break;
            case CallOutcome.NotNow notNow:
                NotNow = notNow;
                LeaveOpen(deliveries[0]);
                break;
        }
    }

    private async Task SendWhileItMayAsync(IDestination destination, Pending[] deliveries, CancellationToken ct)
    {
        if (NotNow is null && LaneRefusal is null && _run.Stop is null && _mayCallAgain())
            await SendAsync(destination, deliveries, ct);
        else
            LeaveOpen(deliveries[0]);
    }

    // A call that was cancelled, took too long or broke in the destination's own code may have reached the org.
    private async Task<CallOutcome> TrySendAsync(IDestination destination, Pending[] deliveries, CancellationToken ct)
    {
        using var limit = new Deadline(_route.Timeout, _time, ct);
        using var patience = new Deadline(Timeout.InfiniteTimeSpan, _time);
        await using CancellationTokenRegistration ending = limit.Token.Register(() => patience.Shorten(LastWords));
        try
        {
            // A destination that does not heed its token is left alone, so that it cannot hold the lane for ever.
            return Whole(await destination.DeliverAsync([.. deliveries.Select(pending => pending.Delivery)], limit.Token).WaitAsync(patience.Token), deliveries.Length);
        }
        catch (Exception error)
        {
            string what = limit.HasPassed && error is OperationCanceledException
                ? $"The call took longer than the {_route.Timeout.TotalSeconds} s that the route's `timeout:` allows."
                : $"{error.GetType().Name}: {error.Message}";
            return new CallOutcome.Answered([.. deliveries.Select(_ => new DeliveryOutcome.InDoubt(what))]);
        }
    }

    private static CallOutcome Whole(CallOutcome outcome, int count) => outcome is CallOutcome.Answered(var outcomes) && outcomes.Count < count
        ? new CallOutcome.Answered([.. outcomes, .. Enumerable.Repeat(new DeliveryOutcome.InDoubt("The destination said nothing of it."), count - outcomes.Count)])
        : outcome;

    // None of a lot was made unless all were: they share whatever is worst. What is done already (a record that was deleted before) stays so.
    private static IReadOnlyList<DeliveryOutcome> Together(IReadOnlyList<DeliveryOutcome> outcomes)
    {
        if (outcomes.FirstOrDefault(outcome => outcome is DeliveryOutcome.LaneRefused or DeliveryOutcome.NotNow) is { } open)
            return [.. outcomes.Select(_ => open)];
        if (outcomes.OfType<DeliveryOutcome.InDoubt>().FirstOrDefault() is { } doubt)
            return [.. outcomes.Select(_ => doubt)];
        DeliveryOutcome.Refused[] refusals = [.. outcomes.OfType<DeliveryOutcome.Refused>()];
        bool isPermanent = refusals.Any(refused => refused.Permanent);
        TimeSpan? wait = refusals.Max(refused => refused.Wait);
        return [.. outcomes.Select(outcome => outcome is DeliveryOutcome.Refused refused ? refused with { Permanent = isPermanent, Wait = wait } : outcome)];
    }

    private void TakeEach(Pending[] deliveries, IReadOnlyList<DeliveryOutcome> outcomes)
    {
        foreach ((Pending pending, DeliveryOutcome outcome) in deliveries.Zip(outcomes))
        {
            Take(pending, outcome);
            if (outcome is DeliveryOutcome.Refused refused && IsForGood(pending, refused))
                Suspect([pending], refused);
        }
    }

    // One whose tries are spent is refused for good like one that never will do. While the lane stands still for a code, whatever is refused with it is.
    private bool IsForGood(Pending pending, DeliveryOutcome.Refused refused) =>
        refused.Permanent || _run.StandsFor(refused.Code) || _route.Retry.WaitAfter(pending.Attempts + 1) is null;

    private DeliveryOutcome.Refused? FirstForGood(Pending[] deliveries, IReadOnlyList<DeliveryOutcome> outcomes) => deliveries.Zip(outcomes)
        .Select(one => one.Second is DeliveryOutcome.Refused refused && IsForGood(one.First, refused) ? refused : null)
        .FirstOrDefault(refused => refused is not null);

    // All of it fell with one row, or with several: the first one speaks for it.
    private void TakeLot(Pending[] deliveries, IReadOnlyList<DeliveryOutcome> outcomes, DeliveryOutcome.Refused? guilty)
    {
        foreach ((Pending pending, DeliveryOutcome outcome) in deliveries.Zip(outcomes))
            Take(pending, outcome);
        if (guilty is not null)
            Suspect(deliveries, guilty);
    }

    // What a caller lacks says nothing of the next one's deliveries.
    private void Suspect(Pending[] deliveries, DeliveryOutcome.Refused refused)
    {
        long[] ids = [.. deliveries.Select(pending => pending.Delivery.Id)];
        if (deliveries[0].Delivery.Caller is not null || !_run.Refuse(refused.Code, refused.Error, ids))
            return;
        foreach ((Pending pending, _) in _refused.Where(one => IsOfRun(one.Pending.Delivery.Id, ids)))
            LeaveOpen(pending);
        _refused.RemoveAll(one => IsOfRun(one.Pending.Delivery.Id, ids));
    }

    private bool IsOfRun(long id, long[] last) => last.Contains(id) || _run.Has(id);

    private void Take(Pending pending, DeliveryOutcome outcome)
    {
        switch (outcome)
        {
            case DeliveryOutcome.Delivered delivered:
                _run.End();
                Made.Add((pending, delivered));
                break;
            case DeliveryOutcome.LaneRefused refused:
                StopAt(pending, refused);
                break;
            case DeliveryOutcome.NotNow(var code, var error, var wait):
                NotNow = NotNow is { Wait: { } longest } && !(wait > longest) ? NotNow : new CallOutcome.NotNow(code, error, wait);
                LeaveOpen(pending);
                break;
            default:
                _refused.Add((pending, outcome));
                break;
        }
    }

    private void StopAt(Pending pending, DeliveryOutcome.LaneRefused refusal)
    {
        LaneRefusal ??= refusal;
        LeaveOpen(pending);
    }

    private void LeaveOpen(Pending pending)
    {
        if (FirstUnsettled is null || pending.Delivery.Id < FirstUnsettled.Delivery.Id)
            FirstUnsettled = pending;
    }

    /// <summary>How a delivery failed.</summary>
    public static Failed FailureOf(RouteDefinition route, Pending pending, DeliveryOutcome outcome)
    {
        Delivery delivery = pending.Delivery;
        int attempts = pending.Attempts + 1;
        return outcome switch
        {
            DeliveryOutcome.Refused { Permanent: true } refused =>
                Messaging.Failed.Dead(attempts, delivery.Id, delivery.Key, route, refused.Code, refused.Error),
            DeliveryOutcome.Refused refused =>
                Messaging.Failed.After(attempts, delivery.Id, delivery.Key, route, refused.Code, refused.Error, refused.Wait),
            _ when DoubtPolicy.For(route, delivery.Destination) == WhenInDoubt.Park =>
                Messaging.Failed.Dead(attempts, delivery.Id, delivery.Key, route, DoubtPolicy.Code, DoubtPolicy.Explanation),
            DeliveryOutcome.InDoubt doubt =>
                Messaging.Failed.After(attempts, delivery.Id, delivery.Key, route, DoubtPolicy.Code, doubt.Error),
            _ => throw new InvalidOperationException($"A delivery cannot fail as {outcome.GetType().Name}."),
        };
    }
}
