using Dapper;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A message of a route, or a delivery of a lane, that waits for a person.</summary>
/// <param name="Cursor">The route or lane, as <c>route NAME</c> or <c>lane NAME</c>.</param>
/// <param name="Id">The message's or the delivery's id.</param>
/// <param name="Key">Its key.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Code">The code of the last error.</param>
/// <param name="Error">The last error.</param>
/// <param name="FailedAt">When it failed last.</param>
/// <param name="Holds">Whether later ones with its key wait behind it.</param>
public sealed record DeadLetter(string Cursor, long Id, string? Key, int Attempts, string? Code, string? Error, DateTime FailedAt, bool Holds);

/// <summary>What a person does with dead letters. Every change holds the cursor, so it never meets a step half way.</summary>
public sealed class DeadLetters(BridgeDatabase database)
{
    private const string LanePrefix = "lane ";

    private readonly BridgeSchema _s = database.Schema;

    // Those that are named and, of deliveries that are made together, the rest of their lot.
    private readonly string _chosen = $"""
        ($2::bigint[] is null or id = any ($2) or $1 like 'lane %' and id in (
            select rest.id from {database.Schema}.outbox o join {database.Schema}.outbox rest using (lane, inbox_id, together)
            where o.lane = substr($1, 6) and o.id = any ($2)))
        """;

    /// <summary>The newest dead letters.</summary>
    /// <param name="cursor">One route or lane; null for all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IReadOnlyList<DeadLetter>> ListAsync(string? cursor, int limit, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<DeadLetter>(new CommandDefinition($"""
            select cursor, id, key, attempts, code, error, failed_at as FailedAt, holds from {_s}.failure
            where state = 'dead' and (@cursor::text is null or cursor = @cursor) order by failed_at desc, id desc limit @limit
            """, new { cursor, limit }, cancellationToken: ct))];
    }

    /// <summary>What a dead letter holds: the message's payload, or the delivery's body. Null where it is gone.</summary>
    public async Task<string?> ShowAsync(string cursor, long id, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await connection.QuerySingleOrDefaultAsync<string?>(new CommandDefinition($"""
            select coalesce(i.payload::text, encode(i.raw, 'escape'), o.body::text)
            from {_s}.failure f
            left join {_s}.inbox i on i.source = f.source and i.id = f.id and f.cursor like 'route %'
            left join {_s}.outbox o on f.cursor = 'lane ' || o.lane and o.id = f.id
            where f.cursor = @cursor and f.id = @id
            """, new { cursor, id }, cancellationToken: ct));
    }

    /// <summary>
    /// Gives dead letters another round of tries, which whoever holds the cursor makes. Later ones with the same key that went
    /// on meanwhile are not undone: unless the route holds keys, a redrive is out of order.
    /// </summary>
    /// <param name="cursor">The route or lane.</param>
    /// <param name="ids">Which; null for all of them.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>How many.</returns>
    public Task<int> RedriveAsync(string cursor, IReadOnlyCollection<long>? ids, CancellationToken ct) => ChangeAsync(cursor, ids, $"""
        with changed as (
            update {_s}.failure set state = 'retrying', holds = true, attempts = 0, next_attempt = clock_timestamp(), redrives = redrives + 1
            where cursor = $1 and state = 'dead' and {_chosen} and code is distinct from 'refused' returning id)
        """, ct);

    /// <summary>Gives dead letters up for good, and lets go on what waits behind them.</summary>
    /// <param name="cursor">The route or lane.</param>
    /// <param name="ids">Which; null for all of them.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>How many.</returns>
    public Task<int> DiscardAsync(string cursor, IReadOnlyCollection<long>? ids, CancellationToken ct) => ChangeAsync(cursor, ids, $"""
        with changed as (
            delete from {_s}.failure where cursor = $1 and state = 'dead' and {_chosen} returning id, attempts, code),
        noted as (
            insert into {_s}.outcome (lane, id, error, attempts)
            select substr($1, 6), id, 'discarded: ' || coalesce(code, ''), attempts from changed where $1 like 'lane %' on conflict (lane, id) do nothing)
        """, ct);

    private async Task<int> ChangeAsync(string cursor, IReadOnlyCollection<long>? ids, string change, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        List<long> changed = await Sql.ReadLastAsync(connection,
        [
            Sql.Command($"select from {_s}.cursor where name = $1 for no key update", cursor),
            Sql.Command($"{change} select id, (select pg_notify($3, $1)) from changed",
                cursor, Sql.Typed(NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Bigint, ids?.ToArray()), _s.Name),
        ], row => row.GetInt64(0), ct);
        if (changed.Count > 0 && cursor.StartsWith(LanePrefix, StringComparison.Ordinal))
            await Sql.ExecuteAsync(connection, [ResultSql.Tell(_s, cursor[LanePrefix.Length..], [.. changed.Select(id => (id, (ReadOnlyMemory<byte>?)null))])], ct);
        await transaction.CommitAsync(ct);
        return changed.Count;
    }
}
