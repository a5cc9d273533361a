using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace SalesforceBridge.Messaging;

/// <summary>
/// The log of messages. Messages and their source's position are one statement, so there is no gap to lose one in and
/// none to repeat one in; a source that another worker holds meanwhile stores nothing.
/// </summary>
public sealed class InboxLog(BridgeDatabase database, Bells bells)
{
    private const int LongestDedupeKey = 200;

    // Every row comes out of a join with the locked cursors: ids are drawn above that join, so they become visible in order.
    private readonly string _accept = $"""
        with l as materialized (
            select name from {database.Schema}.cursor
            where (name, epoch) in (select * from unnest($1, $2)) order by name for no key update),
        i as (
            insert into {database.Schema}.inbox (source, key, dedupe_key, payload, raw, fault, origin, hops, occurred_at, traceparent)
            select l.name, u.key, u.dedupe_key, u.payload, u.raw, u.fault, u.origin, u.hops, u.occurred_at, u.traceparent
            from l join unnest($4, $5, $6, $7, $8, $9, $10, $11, $12, $13) with ordinality
                u(source, key, dedupe_key, payload, raw, fault, origin, hops, occurred_at, traceparent, n) on u.source = l.name
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
        int count = messages.Count;
        var sources = new string[count];
        var keys = new string?[count];
        var dedupeKeys = new string?[count];
        var payloads = new ReadOnlyMemory<byte>?[count];
        var raws = new ReadOnlyMemory<byte>?[count];
        var faults = new string?[count];
        var origins = new string?[count];
        var hops = new short[count];
        var occurred = new DateTimeOffset?[count];
        var traces = new string?[count];
        for (int n = 0; n < count; n++)
        {
            NewMessage message = messages[n];
            (sources[n], keys[n], dedupeKeys[n], origins[n], traces[n]) =
                (message.Source, Sql.Storable(message.Key), DedupeKeyOf(message), message.Origin, message.TraceParent);
            hops[n] = (short)Math.Clamp(message.Hops, 0, short.MaxValue);
            occurred[n] = message.OccurredAt?.ToUniversalTime();
            faults[n] = Sql.Storable(message.Fault) ?? JsonFault.Find(message.Payload.Span);
            if (faults[n] is null)
                payloads[n] = message.Payload;
            else
                raws[n] = message.Payload;
        }

        return Sql.Command(_accept,
            Sql.TextArray(positions.Select(p => p.Source)),
            Sql.BigintArray(positions.Select(p => p.Epoch)),
            Sql.TextArray(positions.Select(p => p.Position)),
            Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, sources),
            Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, keys),
            Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, dedupeKeys),
            Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Jsonb, payloads),
            Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Bytea, raws),
            Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, faults),
            Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, origins),
            Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Smallint, hops),
            Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, occurred),
            Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, traces),
            Sql.Text(database.Schema.Name));
    }

    // An index entry has a bounded length, so a longer key counts by its hash.
    private static string? DedupeKeyOf(NewMessage message) =>
        Sql.Storable(message.DedupeKey) is { Length: > LongestDedupeKey } key
            ? $"sha256 {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}"
            : Sql.Storable(message.DedupeKey);
}
