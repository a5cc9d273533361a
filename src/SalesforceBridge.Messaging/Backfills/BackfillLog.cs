using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Tells one route every record of its source as it is now. What a page holds was read while the source's log grew, so a record about
/// which a message came since is not stored: it may be older than that message. It is read again later. Whatever comes after the page
/// corrects it, and nothing before it is newer.
/// </summary>
public sealed class BackfillLog(BridgeDatabase database)
{
    private readonly BridgeSchema _s = database.Schema;
    private readonly BackfillSql _sql = new(database.Schema);

    /// <summary>Begins the backfill of a route, or goes on with one that did not come to its end.</summary>
    /// <param name="route">The route.</param>
    /// <param name="condition">Which records; null for all. One that goes on has the condition that it began with.</param>
    /// <param name="restart">Begin anew in any case.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public async Task<BackfillStart> BeginAsync(RouteDefinition route, string? condition, bool restart, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        if (await FaultOfAsync(connection, route, ct) is { } fault)
            return new BackfillStart.Refused(fault);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        List<Backfill> known = await Sql.ReadLastAsync(connection,
            [Sql.Command($"select {Backfill.Columns} from {_s}.backfill where route = $1 for update", route.Name)], Backfill.Read, ct);
        if (!restart && known is [{ FinishedAt: null, Position: not null } unfinished] && unfinished.Source == route.Source.ToString())
        {
            return condition is null || condition == unfinished.Condition
                ? new BackfillStart.GoesOn(unfinished)
                : new BackfillStart.Refused($"A backfill of route {route.Name} {Of(unfinished.Condition)} is not through; type `bridge backfill {route.Name}` to go on with it, or add --restart.");
        }

        List<Backfill> begun = await Sql.ReadLastAsync(connection, [Sql.Command($"""
            insert into {_s}.backfill as b (route, source, condition) values ($1, $2, $3) on conflict (route) do update
            set source = excluded.source, epoch = b.epoch + 1, condition = excluded.condition, position = null, total = null, stored = 0, deleted = 0,
                put_off = 0, deletes_since = null, started_at = clock_timestamp(), updated_at = clock_timestamp(), finished_at = null
            returning {Backfill.Columns}
            """, route.Name, route.Source.ToString(), Sql.Text(condition))], Backfill.Read, ct);
        await transaction.CommitAsync(ct);
        return new BackfillStart.Began(begun[0]);
    }

    /// <summary>Says how many records there are.</summary>
    public async Task<Backfill> CountAsync(Backfill backfill, long total, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection,
            [Sql.Command($"update {_s}.backfill set total = $3 where route = $1 and epoch = $2", backfill.Route, backfill.Epoch, total)], ct);
        return backfill with { Total = total };
    }

    /// <summary>The id of a source's newest message, to be noted before a page is read.</summary>
    public async Task<long> NewestAsync(string source, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return (await Sql.ReadLastAsync(connection, [_sql.Newest(source)], row => row.GetInt64(0), ct))[0];
    }

    /// <summary>Stores a page without what was touched meanwhile, and moves the backfill, in one transaction.</summary>
    /// <param name="at">The backfill where the step began.</param>
    /// <param name="page">The page.</param>
    /// <param name="next">Where it goes on, told which records were put off; null: it has come to its end.</param>
    /// <param name="ct">Ends the wait; the step is then undone, or done.</param>
    /// <exception cref="BackfillTakenException">Another session moved it.</exception>
    /// <exception cref="NpgsqlException">The database could not be reached or refused; whether the step is done may be unknown.</exception>
    public async Task<Backfill> StoreAsync(Backfill at, BackfillPage page, Func<IReadOnlyList<string>, string?> next, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        HashSet<string> touched = [.. await Sql.ReadLastAsync(connection,
            [_sql.Lock(at.Source), _sql.Touched(at.Source, at.Route, page.Noted, page.Records.Select(record => record.Id))], row => row.GetString(0), ct)];
        NewMessage[] stored = [.. page.Records.Where(record => !touched.Contains(record.Id)).Select(record => record.Message)];
        string[] putOff = page.AreDeleted ? [] : [.. page.Records.Select(record => record.Id).Where(touched.Contains)];
        string? position = next(putOff);
        Backfill to = at with
        {
            Position = position,
            Stored = at.Stored + (page.AreDeleted ? 0 : stored.Length),
            Deleted = at.Deleted + (page.AreDeleted ? stored.Length : 0),
            PutOff = at.PutOff + putOff.Length,
            DeletesSince = page.DeletesSince,
        };
        NpgsqlBatchCommand[] store = stored.Length == 0 ? [] : [_sql.Insert(at.Route, stored), _sql.Wake(at.Source)];
        Backfill moved = await MoveAsync(connection, at, to, store, isLast: position is null, ct);
        await transaction.CommitAsync(ct);
        return moved;
    }

    /// <summary>The backfill of a route as it is stored; null where there is none.</summary>
    public async Task<Backfill?> FindAsync(string route, CancellationToken ct) =>
        await ReadAsync($"select {Backfill.Columns} from {_s}.backfill where route = $1", [route], ct) is [var found] ? found : null;

    /// <summary>The backfills that have not come to their end, oldest first.</summary>
    public Task<IReadOnlyList<Backfill>> UnderWayAsync(CancellationToken ct) =>
        ReadAsync($"select {Backfill.Columns} from {_s}.backfill where finished_at is null order by started_at", [], ct);

    /// <summary>Does what a step does and moves the backfill; after the last step the gaps are healed that it was to heal.</summary>
    internal async Task<Backfill> MoveAsync(
        NpgsqlConnection connection, Backfill at, Backfill to, IReadOnlyCollection<NpgsqlBatchCommand> step, bool isLast, CancellationToken ct)
    {
        List<Backfill> moved = await Sql.ReadLastAsync(connection, [.. step, _sql.Move(at, to, isLast)], Backfill.Read, ct);
        if (moved.Count == 0)
            throw new BackfillTakenException(at.Route);
        if (isLast)
            await Sql.ExecuteAsync(connection, _sql.Heal(at.Source), ct);
        return moved[0];
    }

    // Only what the source tells from now on corrects a page, so somebody must be listening. A polled table tells nothing of what
    // changes before its baseline is there.
    private async Task<string?> FaultOfAsync(NpgsqlConnection connection, RouteDefinition route, CancellationToken ct)
    {
        string source = route.Source.ToString();
        (bool isEnrolled, bool isHeard) = (await Sql.ReadLastAsync(connection, [Sql.Command($"""
            select exists (select from {_s}.cursor where name = $1 and enabled),
                   exists (select from {_s}.cursor where name = $2 and position not like 'asked@%') or exists (
                       select from {_s}.watch where source = $2 and not (mode = 'poll' and coalesce(due, '') in ('fill', 'renew')))
            """, CursorName.Position(route.Name, source), source)], row => (row.GetBoolean(0), row.GetBoolean(1)), ct))[0];
        if (!isEnrolled)
            return $"Route {route.Name} has not begun yet on `{source}`: start a worker first, and see that the route is enabled.";
        // A subscription that begins with all that the org retains misses nothing, whenever that is.
        return isHeard || route is { Source.IsStream: true, Replay: RouteReplay.Earliest } ? null : $"Nobody listens to `{source}` yet, so what changes meanwhile would be lost: start a worker, and see `bridge sources`.";
    }

    private async Task<IReadOnlyList<Backfill>> ReadAsync(string query, object?[] values, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await Sql.ReadLastAsync(connection, [Sql.Command(query, values)], Backfill.Read, ct);
    }

    private static string Of(string? condition) => condition is null ? "without a condition" : $"where {condition}";
}
