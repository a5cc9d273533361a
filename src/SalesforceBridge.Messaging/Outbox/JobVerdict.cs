namespace SalesforceBridge.Messaging;

/// <summary>
/// What a job's results say of the lane. They come in any order, so what was refused for good is kept until all are told, and judged in the order of the
/// deliveries.
/// </summary>
internal sealed class JobVerdict(RouteDefinition route)
{
    private readonly List<(long Id, DeliveryOutcome.Refused? Refused)> _told = [];

    /// <summary>How many deliveries were told of.</summary>
    public int Count { get; private set; }

    /// <summary>Why the lane stops, if one like every other was refused; it may also stop for a run of refusals.</summary>
    public DeliveryOutcome.LaneRefused? LaneRefusal { get; private set; }

    /// <summary>Why everything waits, if it does.</summary>
    public DeliveryOutcome.NotNow? NotNow { get; private set; }

    /// <summary>Takes some results.</summary>
    /// <returns>Those that can be recorded as they are.</returns>
    public JobResult[] Take(IReadOnlyList<JobResult> some)
    {
        Count += some.Count;
        LaneRefusal ??= some.Select(result => result.Outcome).OfType<DeliveryOutcome.LaneRefused>().FirstOrDefault();
        NotNow ??= some.Select(result => result.Outcome).OfType<DeliveryOutcome.NotNow>().FirstOrDefault();
        foreach (JobResult result in some)
        {
            if (result.Outcome is DeliveryOutcome.Delivered)
                _told.Add((result.Id, null));
            else if (result.Outcome is DeliveryOutcome.Refused refused && IsForGood(refused))
                _told.Add((result.Id, refused));
        }

        return [.. some.Where(result => !IsKept(result.Outcome))];
    }

    private bool IsKept(DeliveryOutcome outcome) =>
        outcome is DeliveryOutcome.LaneRefused or DeliveryOutcome.NotNow || (outcome is DeliveryOutcome.Refused refused && IsForGood(refused));

    // What is in a job was never tried before.
    private bool IsForGood(DeliveryOutcome.Refused refused) => refused.Permanent || route.Retry.WaitAfter(1) is null;

    /// <summary>What the lane has to give up. The others that were refused for good stay open, since the lane stops for them.</summary>
    public List<JobResult> GivenUp(RefusalRun run)
    {
        run.Begin();
        List<JobResult> given = [];
        foreach ((long id, DeliveryOutcome.Refused? refused) in _told.OrderBy(one => one.Id))
        {
            if (refused is null)
            {
                run.End();
                continue;
            }

            given.Add(new JobResult(id, refused));
            if (!run.Refuse(refused.Code, refused.Error, [id]))
                continue;
            given.RemoveAt(given.Count - 1);
            while (given.Count > 0 && run.Has(given[^1].Id))
                given.RemoveAt(given.Count - 1);
        }

        return given;
    }
}
