namespace SalesforceBridge.Messaging;

/// <summary>
/// How a route learns that a message was caused by a route. Most sources say it in the message. A Platform Event comes
/// back from the org with nothing but its uuid, so where a lane may publish that event the outcome of its delivery is
/// looked up; and since the event can arrive before that outcome is recorded, the window ends before the first event
/// that was received while a call of such a lane was under way.
/// </summary>
/// <param name="Origin">What caused message <c>i</c>.</param>
/// <param name="Hops">How many routes its cause went through.</param>
/// <param name="Join">What the two need beside <c>i</c>.</param>
/// <param name="CallsBegan">When the first call of these lanes that is under way began; null where none matters.</param>
internal sealed record LoopGuard(string Origin, string Hops, string Join, string? CallsBegan)
{
    /// <summary>A condition on message <c>i</c>, to be appended with "or": a route may have caused it, so that it passes.</summary>
    public string MayBeOwn { get; private init; } = "";

    /// <summary>For sources whose messages carry what caused them.</summary>
    public static LoopGuard Carried { get; } = new("i.origin", "i.hops", "", null);

    /// <summary>For callouts, of which nobody knows which route caused them where the bridge did.</summary>
    public static LoopGuard ForCallout(Route route) => CalloutFilter.PassesOwn(route)
        ? Carried with { MayBeOwn = $" or coalesce(i.origin = '{OwnUser.Origin}', false)" }
        : Carried;

    /// <summary>For an event that these lanes may publish.</summary>
    public static LoopGuard ForEvent(BridgeSchema schema, IReadOnlyCollection<string> lanes)
    {
        if (lanes.Count == 0)
            return Carried;
        string names = string.Join(", ", lanes.Select(lane => BridgeSchema.Literal(CursorName.Lane(lane))));
        return new(
            Origin: "coalesce(i.origin, 'bridge:' || cause.lane)",
            Hops: "coalesce(cause.hops, i.hops)",
            Join: $"""

                left join lateral (select o.lane, o.hops from {schema}.outcome o where o.org_id = i.dedupe_key limit 1) cause on true
                """,
            CallsBegan: $"select min(lane.in_flight_at) from {schema}.cursor lane where lane.name in ({names}) and lane.in_flight is not null");
    }
}
