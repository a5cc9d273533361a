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

    // A plain insert takes two thirds of the time of one that looks for each row first, and from a source that somebody holds an
    // event comes again only when a commit's answer was lost. Of one source, so the rows come out in the order of the arrays; taken
    // apart in the list of columns they are not put down somewhere first, as those of a function in FROM are.
    private readonly string _acceptNew = $"""
        with p as (
            update {database.Schema}.cursor set position = coalesce($3, position), updated_at = now()
            where name = $1 and epoch = $2 returning name),
        i as (
            insert into {database.Schema}.inbox (source, key, dedupe_key, payload, occurred_at)
            select p.name, unnest($4), unnest($5), unnest($6), unnest($7) from p returning 1)
        select (select count(*) from p), (select count(*) from i),
               (select count(pg_notify($8, name)) from p where exists (select from i))
        """;

    private volatile bool _expectsRepeats;

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
        MessageColumns columns = ColumnsOf(messages);
        (long held, long stored) = positions.Count == 1 && positions.First() is { Epoch: > 0 } only && columns.AreFew && !_expectsRepeats
            ? await StoreNewAsync(connection, only, columns, ct)
            : await StoreAsync(connection, positions, columns, ct);
        _expectsRepeats &= stored < messages.Count;

        foreach (SourcePosition position in positions)
            bells.Ring(position.Source);
        if (held != positions.Count)
            throw new LeaseLostException($"Of the sources {string.Join(", ", positions.Select(p => p.Source))} only {held} are held by this worker.");
        return new Accepted((int)stored, messages.Count - (int)stored);
    }

    private async Task<(long Held, long Stored)> StoreNewAsync(
        NpgsqlConnection connection, SourcePosition position, MessageColumns columns, CancellationToken ct)
    {
        try
        {
            return await CountAsync(connection, _acceptNew,
                [position.Source, position.Epoch, Sql.Text(position.Position), .. columns.FewParameters(), database.Schema.Name], ct);
        }
        catch (PostgresException error) when (error is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "inbox_dedupe" })
        {
            _expectsRepeats = true;
            return await StoreAsync(connection, [position], columns, ct);
        }
    }

    private Task<(long Held, long Stored)> StoreAsync(
        NpgsqlConnection connection, IReadOnlyCollection<SourcePosition> positions, MessageColumns columns, CancellationToken ct) =>
        CountAsync(connection, _accept,
        [
            Sql.TextArray(positions.Select(p => p.Source)),
            Sql.BigintArray(positions.Select(p => p.Epoch)),
            Sql.TextArray(positions.Select(p => p.Position)),
            .. columns.Parameters(),
            database.Schema.Name,
        ], ct);

    private static async Task<(long Held, long Stored)> CountAsync(NpgsqlConnection connection, string statement, object?[] values, CancellationToken ct) =>
        (await Sql.ReadLastAsync(connection, [Sql.Command(statement, values)], row => (row.GetInt64(0), row.GetInt64(1)), ct))[0];

    private static MessageColumns ColumnsOf(IReadOnlyList<NewMessage> messages)
    {
        var columns = new MessageColumns(messages.Count);
        foreach (NewMessage message in messages)
            columns.Add(message, MessageColumns.Stored(message.DedupeKey), MessageColumns.FaultOf(message));
        return columns;
    }
}
