using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>Who holds which cursor. A cursor is free when nobody holds it or its worker was not seen for a lease's time.</summary>
public sealed class Cursors(BridgeDatabase database)
{
    private readonly string _enrol = $"""
        insert into {database.Schema}.cursor (name, position) select name, position from unnest($1, $2) c(name, position)
        on conflict (name) do update set enabled = true where not cursor.enabled
        """;

    // Rows are locked in the order of their names everywhere, so that no two statements wait for each other.
    private readonly string _disable = $"""
        with others as materialized (
            select c.name from {database.Schema}.cursor c
            where c.enabled and (c.name like 'route %' or c.name like 'lane %') and c.name <> all ($1)
              and not exists (select from unnest($2) kept(route)
                              where c.name in ('route ' || route, 'lane ' || route) or starts_with(c.name, 'route ' || route || ' on '))
            order by c.name for no key update)
        update {database.Schema}.cursor c set enabled = false, updated_at = now() from others where c.name = others.name
        """;

    private readonly string _claim = $"""
        with free as materialized (
            select c.name, c.name like 'route %' and c.worker is not null and c.worker <> $2 as vanished
            from {database.Schema}.cursor c left join {database.Schema}.worker w on w.id = c.worker
            where c.name = any ($1) and c.enabled and (w.id is null or c.worker = $2 or w.seen_at < clock_timestamp() - $3)
              and c.updated_at <= now() - $5
            order by c.name limit $4 for no key update of c skip locked)
        update {database.Schema}.cursor c
        set worker = $2, epoch = c.epoch + 1, careful = c.careful or f.vanished, updated_at = now()
        from free f where c.name = f.name returning c.name, c.epoch
        """;

    private readonly string _release = $"""
        update {database.Schema}.cursor set worker = null, updated_at = now() where name = $1 and epoch = $2
        """;

    private readonly string _join = $"""
        with mine as materialized (select name from {database.Schema}.cursor where name = any ($1) order by name for no key update)
        update {database.Schema}.cursor c set worker = held.worker, epoch = c.epoch + 1, updated_at = now()
        from mine, {database.Schema}.cursor held where c.name = mine.name and held.name = $2 returning c.name, c.epoch, c.position
        """;

    /// <summary>Makes sure that cursors exist, each with the position it starts from, and counts as enabled; those that exist keep their position.</summary>
    public async Task EnrolAsync(IReadOnlyCollection<(string Name, string? Position)> cursors, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        (string Name, string? Position)[] ordered = [.. cursors.OrderBy(cursor => cursor.Name, StringComparer.Ordinal)];
        await Sql.ExecuteAsync(connection, [Sql.Command(_enrol,
            Sql.TextArray(ordered.Select(cursor => cursor.Name)), Sql.TextArray(ordered.Select(cursor => cursor.Position)))], ct);
    }

    /// <summary>Every route and lane that is not named keeps its cursor, and no longer keeps messages from retention.</summary>
    public Task DisableOthersAsync(IReadOnlyCollection<string> names, CancellationToken ct) => DisableOthersAsync(names, [], ct);

    /// <summary>The same, except for the cursors of these routes, which stay as they are.</summary>
    public async Task DisableOthersAsync(IReadOnlyCollection<string> names, IReadOnlyCollection<string> keptRoutes, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection, [Sql.Command(_disable, Sql.TextArray(names), Sql.TextArray(keptRoutes))], ct);
    }

    /// <summary>The id of a source's newest message, where a route that starts now begins.</summary>
    public async Task<string> NewestAsync(string source, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        List<string> newest = await Sql.ReadLastAsync(connection,
            [Sql.Command($"select coalesce(max(id), 0)::text from {database.Schema}.inbox where source = $1", source)], row => row.GetString(0), ct);
        return newest[0];
    }

    /// <summary>A cursor's position; null where it has none, or does not exist.</summary>
    public async Task<string?> PositionAsync(string name, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        List<string?> found = await Sql.ReadLastAsync(connection,
            [Sql.Command($"select position from {database.Schema}.cursor where name = $1", name)], row => row.IsDBNull(0) ? null : row.GetString(0), ct);
        return found.FirstOrDefault();
    }

    /// <summary>A route's file got another name: its cursors, its failures and its lane go with it, unless the new name has its own.</summary>
    public async Task RenameRouteAsync(string before, string now, CancellationToken ct)
    {
        BridgeSchema s = database.Schema;
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection,
        [
            Sql.Command($"""
                with renamed as materialized (
                    select c.name from {s}.cursor c
                    where (c.name in ('route ' || $1, 'lane ' || $1) or starts_with(c.name, 'route ' || $1 || ' on '))
                      and not exists (select from {s}.cursor taken where taken.name in ('route ' || $2, 'lane ' || $2))
                    order by c.name for no key update)
                update {s}.cursor c
                set name = regexp_replace(c.name, '^(route|lane) \S+', '\1 ' || $2), worker = null, epoch = c.epoch + 1, updated_at = now()
                from renamed where c.name = renamed.name
                """, before, now),
            Sql.Command($"""
                update {s}.failure f set cursor = regexp_replace(f.cursor, '^(route|lane) \S+', '\1 ' || $2)
                where f.cursor in ('route ' || $1, 'lane ' || $1) and not exists (select from {s}.cursor left_behind where left_behind.name = f.cursor)
                """, before, now),
            Sql.Command($"""
                update {s}.backfill set route = $2
                where route = $1 and not exists (select from {s}.backfill taken where taken.route = $2)
                  and not exists (select from {s}.cursor left_behind where left_behind.name = 'route ' || $1)
                """, before, now),
            Sql.Command($"""
                update {s}.outbox set lane = $2 where lane = $1 and not exists (select from {s}.cursor left_behind where left_behind.name = 'lane ' || $1)
                """, before, now),
            Sql.Command($"""
                update {s}.outcome set lane = $2 where lane = $1 and not exists (select from {s}.cursor left_behind where left_behind.name = 'lane ' || $1)
                """, before, now),
        ], ct);
    }

    /// <summary>Takes at most <paramref name="most"/> of the free cursors among <paramref name="names"/>.</summary>
    public Task<IReadOnlyList<Lease>> ClaimAsync(Guid worker, IReadOnlyCollection<string> names, int most, CancellationToken ct) =>
        ClaimAsync(worker, names, most, TimeSpan.Zero, ct);

    /// <summary>The same of those that were free for some time already: nobody else wants them.</summary>
    internal async Task<IReadOnlyList<Lease>> ClaimAsync(
        Guid worker, IReadOnlyCollection<string> names, int most, TimeSpan freeFor, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await Sql.ReadLastAsync(connection,
            [Sql.Command(_claim, Sql.TextArray(names), worker, database.Options.Lease, most, freeFor)],
            row => new Lease(row.GetString(0), row.GetInt64(1)), ct);
    }

    /// <summary>Gives a cursor back; without effect if it was lost meanwhile.</summary>
    public async Task ReleaseAsync(Lease lease, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection, [Sql.Command(_release, lease.Cursor, lease.Epoch)], ct);
    }

    /// <summary>Takes the cursors of sources that move with a held one, as the channels of an org's session do.</summary>
    /// <returns>Each source with its lease and the position it had.</returns>
    /// <exception cref="LeaseLostException">The held cursor was lost; none was taken.</exception>
    public async Task<IReadOnlyList<(Lease Lease, string? Position)>> JoinAsync(
        Lease held, IReadOnlyCollection<string> sources, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        try
        {
            return await Sql.ReadLastAsync(connection,
                [Hold(held), Sql.Command(_join, Sql.TextArray(sources), held.Cursor)],
                row => (new Lease(row.GetString(0), row.GetInt64(1)), row.IsDBNull(2) ? null : row.GetString(2)), ct);
        }
        catch (PostgresException error) when (error.SqlState == StepErrors.LeaseLost)
        {
            throw new LeaseLostException(error.MessageText, error);
        }
    }

    internal NpgsqlBatchCommand Hold(Lease lease) =>
        Sql.Command($"select {database.Schema}.hold($1, $2)", lease.Cursor, lease.Epoch);
}
