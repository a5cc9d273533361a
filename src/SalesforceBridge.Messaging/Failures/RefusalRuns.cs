using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>What a person says of a lane that stands still since many of its deliveries were refused for good in a row.</summary>
public sealed class RefusalRuns(BridgeDatabase database)
{
    private readonly BridgeSchema _s = database.Schema;

    /// <summary>
    /// They are wrong themselves: the lane goes on, and of what waits in it now whatever is refused with that code becomes a dead letter. It is tried once
    /// more, so what the org takes by now is made.
    /// </summary>
    /// <param name="lane">The lane, as <c>lane NAME</c>.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The code; null where no lane of that name stands still for a run of refusals.</returns>
    public async Task<string?> AcceptAsync(string lane, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        List<string> accepted = await Sql.ReadLastAsync(connection, [Sql.Command($"""
            with held as materialized (
                select c.name, c.run_code from {_s}.cursor c where c.name = $1 and c.run_code is not null for no key update),
            changed as (
                update {_s}.cursor c
                set stopped = null, probe_at = null, run_code = null, updated_at = now(), accepted = held.run_code || ' ' || coalesce(
                    (select o.id from {_s}.outbox o where o.lane = substr($1, 6) order by o.lane desc, o.id desc limit 1), 0)
                from held where c.name = held.name returning held.run_code as code),
            cleared as (delete from {_s}.alert where name = $1 || ' stopped' and exists (select from changed))
            select code, pg_notify($2, $1) from changed
            """, lane, _s.Name)], row => row.GetString(0), ct);
        return accepted.FirstOrDefault();
    }
}
