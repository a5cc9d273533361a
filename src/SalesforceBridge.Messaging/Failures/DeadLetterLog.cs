using Dapper;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>How many dead letters a route or lane has, and what a redrive of them would mean.</summary>
public sealed record DeadLetterCount
{
    /// <summary>The route or lane, as <c>route NAME</c> or <c>lane NAME</c>.</summary>
    public string Cursor { get; init; } = "";

    /// <summary>How many there are.</summary>
    public long Count { get; init; }

    /// <summary>How many of them have a key whose later messages went on meanwhile, so that a redrive is out of order.</summary>
    public long OutOfOrder { get; init; }

    /// <summary>How many no route can ever run for; they can only be discarded.</summary>
    public long Refused { get; init; }
}

/// <summary>Dead letters, to be looked at before something is done with them.</summary>
public sealed class DeadLetterLog(BridgeDatabase database)
{
    private readonly BridgeSchema _s = database.Schema;

    /// <summary>Counts dead letters by route and lane.</summary>
    /// <param name="cursor">One route or lane; null for all.</param>
    /// <param name="ids">Which; null for all of them.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IReadOnlyList<DeadLetterCount>> CountAsync(string? cursor, IReadOnlyCollection<long>? ids, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<DeadLetterCount>(new CommandDefinition($"""
            select cursor, count(*) as count, count(*) filter (where key is not null and not holds and code is distinct from 'refused') as outOfOrder,
                   count(*) filter (where code = 'refused') as refused
            from {_s}.failure
            where state = 'dead' and (@cursor::text is null or cursor = @cursor) and (@ids::bigint[] is null or id = any (@ids))
            group by cursor order by cursor
            """, new { cursor, ids = ids?.ToArray() }, cancellationToken: ct))];
    }

    /// <summary>One dead letter; null where there is none.</summary>
    public async Task<DeadLetter?> FindAsync(string cursor, long id, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await connection.QuerySingleOrDefaultAsync<DeadLetter>(new CommandDefinition($"""
            select cursor, id, key, attempts, code, error, failed_at as FailedAt, holds from {_s}.failure
            where cursor = @cursor and id = @id and state = 'dead'
            """, new { cursor, id }, cancellationToken: ct));
    }
}
