using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>Moves a route's cursor back, so that kept messages run again as if they were new. What it sent before stays sent.</summary>
public sealed class Rewind(BridgeDatabase database)
{
    private readonly BridgeSchema _s = database.Schema;

    /// <summary>To before a message's id; 0 is the oldest kept message.</summary>
    /// <returns>How many messages will run again; null where the route has no such cursor.</returns>
    public Task<long?> ToIdAsync(RouteDefinition route, long id, CancellationToken ct) =>
        MoveAsync(route, Math.Max(id - 1, 0).ToString(), "$3::bigint", ct);

    /// <summary>To before the first message that was received at this time or later.</summary>
    /// <returns>How many messages will run again; null where the route has no such cursor.</returns>
    public Task<long?> ToTimeAsync(RouteDefinition route, DateTimeOffset time, CancellationToken ct) =>
        MoveAsync(route, time.UtcDateTime.ToString("O"),
            $"(select coalesce(max(id), 0) from {_s}.inbox where source = $2 and received_at < $3::timestamptz)", ct);

    private async Task<long?> MoveAsync(RouteDefinition route, string to, string position, CancellationToken ct)
    {
        string source = route.Source.ToString();
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        List<long> counts = await Sql.ReadLastAsync(connection,
        [
            Sql.Command($"select from {_s}.cursor where name = $1 for no key update", CursorName.Route(route.Name)),
            Sql.Command($"""
                with target as (select {position} as id),
                moved as (
                    update {_s}.cursor c set position = t.id::text, updated_at = now() from target t
                    where c.name = $1 and coalesce(c.position, '0')::bigint > t.id returning t.id),
                forgotten as (
                    delete from {_s}.failure f using moved m where f.cursor = $4 and f.source = $2 and f.id > m.id returning 1)
                select (select count(*) from {_s}.inbox i, moved m where i.source = $2 and i.id > m.id and not {RouteSql.IsForAnother(route)}), (select pg_notify($5, $4))
                from {_s}.cursor where name = $1
                """, CursorName.Position(route.Name, source), source, to, CursorName.Route(route.Name), _s.Name),
        ], row => row.GetInt64(0), ct);
        return counts.Count == 0 ? null : counts[0];
    }
}
