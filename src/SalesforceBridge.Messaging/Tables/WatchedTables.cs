using Dapper;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A table that the bridge's triggers stand on.</summary>
public sealed record TableStatus
{
    /// <summary>The source, <c>table SCHEMA.NAME</c>.</summary>
    public string Source { get; init; } = "";

    /// <summary>How many changes wait to be drained.</summary>
    public long Waiting { get; init; }

    /// <summary>How many rows its baseline has; null where none is kept.</summary>
    public long? Baseline { get; init; }

    /// <summary>When its triggers were last seen whole.</summary>
    public DateTime SeenAt { get; init; }

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
            select w.source, w.seen_at as seenAt, (select count(*) from {_s}.change c where c.source = w.source) as waiting,
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
        List<(string Trigger, string Table)> triggers = await Sql.ReadLastAsync(connection, [Sql.Command("""
            select format('%I', t.tgname), t.tgrelid::regclass::text from pg_trigger t
            where t.tgfoid = to_regprocedure($1) and starts_with(encode(t.tgargs, 'escape'), encode(convert_to($2, 'UTF8'), 'escape') || '\000')
            """, $"{_s}.capture()", source)], row => (row.GetString(0), row.GetString(1)), ct);
        try
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
            await Sql.ExecuteAsync(connection,
            [
                TableCare.LockBriefly(),
                .. triggers.Select(trigger => new NpgsqlBatchCommand($"drop trigger {trigger.Trigger} on {trigger.Table}")),
                Sql.Command($"delete from {_s}.watch where source = $1", source),
                Sql.Command($"delete from {_s}.baseline where source = $1", source),
                Alerts.Clear(_s, $"{source} is not captured"),
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
