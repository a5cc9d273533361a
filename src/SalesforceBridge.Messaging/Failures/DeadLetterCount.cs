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

    /// <summary>Counts dead letters by route and lane.</summary>
    /// <param name="database">Where they are.</param>
    /// <param name="cursor">One route or lane; null for all.</param>
    /// <param name="ids">Which; null for all of them.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<IReadOnlyList<DeadLetterCount>> ReadAsync(
        BridgeDatabase database, string? cursor, IReadOnlyCollection<long>? ids, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<DeadLetterCount>(new CommandDefinition($"""
            select cursor, count(*) as count, count(*) filter (where key is not null and not holds and code is distinct from 'refused') as outOfOrder,
                   count(*) filter (where code = 'refused') as refused
            from {database.Schema}.failure
            where state = 'dead' and (@cursor::text is null or cursor = @cursor) and (@ids::bigint[] is null or id = any (@ids))
            group by cursor order by cursor
            """, new { cursor, ids = ids?.ToArray() }, cancellationToken: ct))];
    }
}
