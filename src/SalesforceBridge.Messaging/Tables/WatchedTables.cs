using Dapper;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A table that is captured or polled.</summary>
public sealed record TableStatus
{
    /// <summary>The source, <c>table SCHEMA.NAME</c>.</summary>
    public string Source { get; init; } = "";

    /// <summary>It is polled; otherwise triggers capture it.</summary>
    public bool IsPolled { get; init; }

    /// <summary>How many changes wait to be drained.</summary>
    public long Waiting { get; init; }

    /// <summary>How many rows its baseline has; null where none is kept.</summary>
    public long? Baseline { get; init; }

    /// <summary>When its triggers were last seen whole, or when it was last polled.</summary>
    public DateTime SeenAt { get; init; }

    /// <summary>When all of a polled table was last compared; null for others, and where that is to be done now.</summary>
    public DateTime? ReconciledAt { get; init; }

    /// <summary>Why it is not captured, or not drained; null while all is well.</summary>
    public string? Alert { get; init; }
}

/// <summary>What became of a wish to watch a table no longer.</summary>
public abstract record UnwatchOutcome
{
    private UnwatchOutcome()
    {
    }

    /// <summary>Its triggers are gone, with its baseline and so many changes that waited.</summary>
    public sealed record Done(long Forgotten) : UnwatchOutcome;

    /// <summary>It was not watched.</summary>
    public sealed record Unknown : UnwatchOutcome;

    /// <summary>Somebody else holds a lock on the table; nothing was changed.</summary>
    public sealed record Busy : UnwatchOutcome;
}

/// <summary>The tables that are watched, for a person who looks or cleans up.</summary>
public sealed class WatchedTables(BridgeDatabase database)
{
    private readonly BridgeSchema _s = database.Schema;

    /// <summary>All of them, by name.</summary>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public async Task<IReadOnlyList<TableStatus>> ListAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<TableStatus>(new CommandDefinition($"""
            select w.source, w.mode = 'poll' as isPolled, w.seen_at as seenAt, case when w.mode = 'poll' then w.reconciled_at end as reconciledAt, (select count(*) from {_s}.change c where c.source = w.source) as waiting,
                   case when w.baseline then (select count(*) from {_s}.baseline b where b.source = w.source) end as baseline,
                   (select a.what from {_s}.alert a where a.name = w.source || ' is not captured') as alert
            from {_s}.watch w order by w.source
            """, cancellationToken: ct))];
    }

    /// <summary>Removes the triggers from a table, and what is kept of it. A worker with a route on it would put them back.</summary>
    /// <param name="source">The source's name.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="NpgsqlException">The database could not be reached, or refused.</exception>
    public async Task<UnwatchOutcome> UnwatchAsync(string source, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        if (!(await ListAsync(ct)).Any(table => table.Source == source))
            return new UnwatchOutcome.Unknown();
        NpgsqlBatchCommand[] drops = await TableCare.DropTriggersAsync(connection, _s, source, ct);
        try
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
            await Sql.ExecuteAsync(connection,
            [
                TableCare.LockBriefly(),
                .. drops,
                Sql.Command($"delete from {_s}.watch where source = $1", source),
                Sql.Command($"delete from {_s}.baseline where source = $1", source),
                Alerts.Clear(_s, $"{source} is not captured"),
                Alerts.Clear(_s, PollCare.AlertOf(source)),
            ], ct);
            long forgotten = (await Sql.ReadLastAsync(connection,
                [Sql.Command($"with gone as (delete from {_s}.change where source = $1 returning 1) select count(*) from gone", source)], row => row.GetInt64(0), ct))[0];
            await transaction.CommitAsync(ct);
            return new UnwatchOutcome.Done(forgotten);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return new UnwatchOutcome.Busy();
        }
    }
}
