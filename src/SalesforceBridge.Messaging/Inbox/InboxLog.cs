using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// The log of messages. Messages and their source's position are one statement, so there is no gap to lose one in and
/// none to repeat one in; a source that another worker holds meanwhile stores nothing.
/// </summary>
public sealed class InboxLog(BridgeDatabase database, Bells bells)
{
    // Every row comes out of a join with the locked cursors: ids are drawn above that join, so they become visible in order.
    private readonly string _accept = $"""
        with l as materialized (
            select name from {database.Schema}.cursor
            where (name, epoch) in (select * from unnest($1, $2)) order by name for no key update),
        i as (
            insert into {database.Schema}.inbox ({MessageColumns.Names})
            select l.name, u.key, u.dedupe_key, u.payload, u.raw, u.fault, u.origin, u.hops, u.occurred_at, u.traceparent
            from l join unnest($4, $5, $6, $7, $8, $9, $10, $11, $12, $13) with ordinality
                u({MessageColumns.Names}, n) on u.source = l.name
            order by u.n on conflict (source, dedupe_key) do nothing returning source),
        p as (
            update {database.Schema}.cursor c set position = coalesce(v.position, c.position), updated_at = now()
            from l join unnest($1, $3) v(name, position) using (name) where c.name = l.name returning 1)
        select (select count(*) from l), (select count(*) from i), (select count(*) from p),
               (select count(pg_notify($14, source)) from (select distinct source from i) told)
        """;

    /// <summary>
    /// Stores what is new and moves the positions, in one statement and one round trip: for each source both or neither.
    /// What jsonb refuses is stored as it came, with the reason.
    /// </summary>
    /// <param name="positions">Every source that the messages name, once.</param>
    /// <param name="messages">In the order they came.</param>
    /// <param name="ct">Ends the wait; what was committed stays.</param>
    /// <exception cref="ArgumentException">A message is of a source that is not among the positions.</exception>
    /// <exception cref="LeaseLostException">A source is held under another epoch, or does not exist; for it nothing was stored.</exception>
    /// <exception cref="NpgsqlException">The database could not be reached or refused; whether it stored the batch may be unknown, and repeating it is harmless.</exception>
    public async Task<Accepted> AcceptAsync(
        IReadOnlyCollection<SourcePosition> positions, IReadOnlyList<NewMessage> messages, CancellationToken ct)
    {
        HashSet<string> named = [.. positions.Select(position => position.Source)];
        if (messages.FirstOrDefault(message => !named.Contains(message.Source)) is { } stray)
            throw new ArgumentException($"A message of `{stray.Source}` came without that source's position, so it could not be stored.", nameof(messages));

        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        List<(long Held, long Stored)> counts = await Sql.ReadLastAsync(
            connection, [Command(positions, messages)], row => (row.GetInt64(0), row.GetInt64(1)), ct);
        (long held, long stored) = counts[0];

        foreach (SourcePosition position in positions)
            bells.Ring(position.Source);
        if (held != positions.Count)
            throw new LeaseLostException($"Of the sources {string.Join(", ", positions.Select(p => p.Source))} only {held} are held by this worker.");
        return new Accepted((int)stored, messages.Count - (int)stored);
    }

    private NpgsqlBatchCommand Command(IReadOnlyCollection<SourcePosition> positions, IReadOnlyList<NewMessage> messages)
    {
        var columns = new MessageColumns(messages.Count);
        foreach (NewMessage message in messages)
            columns.Add(message, MessageColumns.Stored(message.DedupeKey), MessageColumns.FaultOf(message));
        return Sql.Command(_accept,
        [
            Sql.TextArray(positions.Select(p => p.Source)),
            Sql.BigintArray(positions.Select(p => p.Epoch)),
            Sql.TextArray(positions.Select(p => p.Position)),
            .. columns.Parameters(),
            Sql.Text(database.Schema.Name),
        ]);
    }
}
