using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>Where the sources of an org begin after it was exchanged, each in its own words.</summary>
/// <param name="Stream">Events, changes, topics and channels.</param>
/// <param name="Query">SOQL queries.</param>
public sealed record NewBeginnings(string Stream, string Query);

/// <summary>What an exchange of the org meant.</summary>
/// <param name="From">The org before; null where there was none.</param>
/// <param name="Sources">The sources that begin anew, each with a gap.</param>
/// <param name="Deliveries">How many open deliveries became dead letters.</param>
/// <param name="Messages">How many messages that no route has run yet were passed or became dead letters.</param>
public sealed record Rebound(string? From, IReadOnlyList<string> Sources, long Deliveries, long Messages);

/// <summary>
/// Gives a database to another org. What came from the old one and is still to be done names records of the old one, so it must not reach the
/// new one by itself: deliveries and failed messages wait for a person, and messages that no route has run are passed.
/// </summary>
public sealed class OrgRebind(BridgeDatabase database)
{
    /// <summary>The code of dead letters that were open when the org was exchanged.</summary>
    public const string Code = "other org";

    // What a cursor of a source is called, up to the first blank.
    private const string Streams = "('event', 'change', 'topic', 'channel')";
    private const string OfOrg = "('event', 'change', 'topic', 'channel', 'soql', 'outbound-message')";

    private readonly BridgeSchema _s = database.Schema;

    /// <summary>Exchanges the org, all or nothing. Whoever works under the old one loses what it holds, and looks anew.</summary>
    /// <param name="id">The new org's id, 18 characters.</param>
    /// <param name="begin">Where sources begin.</param>
    /// <param name="ct">Ends the wait; then nothing was changed, unless the commit was under way.</param>
    /// <returns>What it meant; null where the database belongs to this org already, and nothing was changed.</returns>
    public async Task<Rebound?> RunAsync(string id, NewBeginnings begin, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        BoundOrg? before = await OrgBinding.FindAsync(connection, _s, ct, " for update");
        if (before?.IsOrg(id) == true)
            return null;
        await Sql.ExecuteAsync(connection, [Lock(), SetOrg(id)], ct);
        long deliveries = await CountAsync(connection, ParkDeliveries(before?.Id, id), ct);
        long messages = await CountAsync(connection, ParkMessages(before?.Id, id), ct) + await CountAsync(connection, PassMessages(), ct);
        List<string> sources = await Sql.ReadLastAsync(connection, [BeginAnew(before?.Id, id, begin)], row => row.GetString(0), ct);
        await Sql.ExecuteAsync(connection, [TakeAway(), EndBackfills(), ForgetRecords(), Sql.Command("select pg_notify($1, $2)", _s.Name, OrgBinding.Bell)], ct);
        await transaction.CommitAsync(ct);
        return new Rebound(before?.Id, sources, deliveries, messages);
    }

    // Waits for every step that is under way, and lets none begin. In the order of their names, as everywhere.
    private NpgsqlBatchCommand Lock() => Sql.Command($"""
        select count(*) from (select from {_s}.cursor c
            where c.name like 'lane %' or c.name like 'route %' or c.name = 'streams' or split_part(c.name, ' ', 1) in {OfOrg}
            order by c.name for no key update) locked
        """);

    private NpgsqlBatchCommand SetOrg(string id) => Sql.Command($"""
        insert into {_s}.org (id) values ($1)
        on conflict (one) do update set id = excluded.id, bound_at = clock_timestamp(), user_id = null, used = null, allowed = null, told_at = null
        """, id);

    // Holding a key would keep the new org's deliveries waiting behind what may never be made.
    private NpgsqlBatchCommand ParkDeliveries(string? from, string to) => Sql.Command($"""
        with open as (
            select 'lane ' || o.lane as cursor, o.id, o.key
            from {_s}.cursor c join {_s}.outbox o on c.name = 'lane ' || o.lane
            where c.name like 'lane %' and o.id > coalesce(c.position, '0')::bigint
              and not exists (select from {_s}.outcome x where x.lane = o.lane and x.id = o.id)
            union
            select f.cursor, f.id, f.key from {_s}.failure f where f.cursor like 'lane %' and f.state <> 'dead'),
        parked as (
            insert into {_s}.failure (cursor, id, key, state, holds, code, error) select cursor, id, key, 'dead', false, $1, $2 from open
            on conflict (cursor, id) do update
            set state = 'dead', holds = false, next_attempt = null, code = excluded.code, error = excluded.error, failed_at = clock_timestamp()
            where failure.state <> 'dead' returning 1)
        select count(*) from parked
        """, Code,
        $"It was still to be made in {Old(from)} when this database was rebound to {to}, and may name records of the old org. " +
        "One that was under way just then may have been made there. Redrive it to make it in the new org, or discard it.");

    private NpgsqlBatchCommand ParkMessages(string? from, string to) => Sql.Command($"""
        with parked as (
            update {_s}.failure set state = 'dead', holds = false, next_attempt = null, code = $1, error = $2, failed_at = clock_timestamp()
            where cursor like 'route %' and state <> 'dead' and split_part(source, ' ', 1) in {OfOrg} returning 1)
        select count(*) from parked
        """, Code,
        $"It came from {Old(from)} and had failed when this database was rebound to {to}. Redrive it to run it all the same, or discard it.");

    private NpgsqlBatchCommand PassMessages() => Sql.Command($"""
        with behind as (
            select c.name, count(*) as messages, max(i.id) as newest
            from {_s}.cursor c join {_s}.inbox i on i.source = substring(c.name from '^route \S+ on (.*)$') and i.id > coalesce(c.position, '0')::bigint
            where c.name like 'route % on %' and split_part(i.source, ' ', 1) in {OfOrg} group by c.name),
        passed as (
            update {_s}.cursor c set position = behind.newest::text, in_flight = null, in_flight_at = null, tries = 0, updated_at = now()
            from behind where c.name = behind.name returning behind.messages)
        select coalesce(sum(messages), 0)::bigint from passed
        """);

    private NpgsqlBatchCommand BeginAnew(string? from, string to, NewBeginnings begin) => Sql.Command($"""
        with begun as (
            select name, position, case when name like 'soql %' then $2 else $1 end as anew from {_s}.cursor
            where position is not null and (split_part(name, ' ', 1) in {Streams} or name like 'soql %')),
        gaps as (
            insert into {_s}.gap (source, from_position, to_position, why) select name, position, anew, $3 from begun),
        alerts as (
            insert into {_s}.alert (name, what) select 'gap in ' || name, $3 from begun
            on conflict (name) do update set what = excluded.what, seen_at = clock_timestamp()),
        moved as (
            update {_s}.cursor c set position = begun.anew, updated_at = now() from begun where c.name = begun.name)
        select name from begun order by name
        """, begin.Stream, begin.Query,
        $"This database was rebound from {Old(from)} to {to}. What happened before in the new org is not known here, and messages of the old one " +
        "that no route had run were passed; they are kept for a while, and `bridge routes rewind` runs them.");

    // A step under an older epoch is undone, so a call that has not begun yet does not begin.
    private NpgsqlBatchCommand TakeAway() => Sql.Command($"""
        update {_s}.cursor set worker = null, epoch = epoch + 1, in_flight = null, in_flight_at = null, updated_at = now()
        where name like 'lane %' or name = 'streams' or split_part(name, ' ', 1) in {Streams} or name like 'soql %'
        """);

    // Their places are records of the old org. Whoever works on one stores nothing more, and when it is typed again it begins anew.
    private NpgsqlBatchCommand EndBackfills() => Sql.Command($"""
        update {_s}.backfill set epoch = epoch + 1, position = null where finished_at is null and split_part(source, ' ', 1) in {OfOrg}
        """);

    // The gap stays: what changed in the old org was never told.
    private NpgsqlBatchCommand ForgetRecords() => Sql.Command($"update {_s}.gap set records = null where records is not null and healed_at is null");

    private static async Task<long> CountAsync(NpgsqlConnection connection, NpgsqlBatchCommand command, CancellationToken ct) =>
        (await Sql.ReadLastAsync(connection, [command], row => row.GetInt64(0), ct))[0];

    private static string Old(string? id) => id is null ? "no known org" : $"org {id}";
}
