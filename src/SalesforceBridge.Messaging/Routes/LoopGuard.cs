namespace SalesforceBridge.Messaging;

/// <summary>
/// How a route learns that a message was caused by a route. Most sources say it in the message. A Platform Event comes
/// back from the org with nothing but its uuid, so where a lane may publish that event the outcome of its delivery is
/// looked up; and since the event can arrive before that outcome is recorded, the window ends before the first event
/// that was received while a call of such a lane was under way.
/// </summary>
internal sealed record LoopGuard(string Origin, string Hops, string Join, string Bound)
{
    /// <summary>For sources whose messages carry what caused them.</summary>
    public static LoopGuard Carried { get; } = new("i.origin", "i.hops", "", "");

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

                left join lateral (
                    select d.lane, d.hops from {schema}.outcome o join {schema}.outbox d on d.lane = o.lane and d.id = o.id
                    where o.org_id = i.dedupe_key limit 1) cause on true
                """,
            Bound: $"""

                and i.id < coalesce((select min(later.id) from {schema}.inbox later, {schema}.cursor lane
                    where lane.name in ({names}) and lane.in_flight is not null and later.source = $2
                      and later.id > (select coalesce(c.position, '0')::bigint from {schema}.cursor c where c.name = $1)
                      and later.received_at >= lane.in_flight_at), 9223372036854775807)
                """);
    }
}
