using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Deletes what is old and what nothing needs, callers' tokens first, in small steps. A message that an enabled route has not passed, or that
/// failed and is not settled, is needed whatever its age; so is a delivery that its lane has not passed.
/// </summary>
public sealed partial class Retention(BridgeDatabase database, StorageGauge gauge, TimeProvider time, ILogger<Retention> logger) : ILeasedWork
{
    private const int Step = 5000;

    // However full it is: a published event that comes back is known by its delivery's outcome, or it would run its route again.
    private static readonly TimeSpan LoopMemory = TimeSpan.FromHours(1);

    // What is short of room still answers a caller that repeats itself after a fault.
    private static readonly TimeSpan ShortAge = TimeSpan.FromHours(1);

    private static readonly TimeSpan Between = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BetweenWhenHigh = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestStatement = TimeSpan.FromMinutes(10);

    // A session counts its dead rows late, by itself: told after the sweep that took them away, they would fill the gauge with nothing.
    private const string TellOfTheDead = "select pg_stat_force_next_flush()";

    private readonly BridgeSchema _s = database.Schema;

    /// <summary>The cursor whose holder tidies.</summary>
    public const string CursorOfRetention = "retention";

    /// <inheritdoc/>
    public string Cursor => CursorOfRetention;

    /// <inheritdoc/>
    public async Task RunAsync(Lease lease, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                StorageLevel level = await gauge.MeasureAsync(ct);
                long deleted = await TidyAsync(AgeAt(level), ct);
                if (deleted > 0)
                    LogTidied(deleted);
                if (deleted > 0 && level != StorageLevel.Normal)
                    level = await gauge.MeasureAsync(ct);
                await Task.Delay(level == StorageLevel.Normal ? Between : BetweenWhenHigh, time, ct);
            }
            catch (Exception error) when (!ct.IsCancellationRequested && StepErrors.BlameFor(error) == Blame.Passing)
            {
                await Task.Delay(database.Options.LongestPause, time, ct);
            }
        }
    }

    /// <summary>Deletes what is older than this and not needed, and gives its room back to what comes next.</summary>
    /// <returns>How many rows.</returns>
    public async Task<long> TidyAsync(TimeSpan age, CancellationToken ct) =>
        await DeleteAsync("caller", () => CallerSql.Sweep(_s, Step), ct)
        + await DeleteAsync("inbox", () => Sql.Command(UnneededMessages, age, Step), ct)
        + await DeleteAsync("outbox", () => Sql.Command(UnneededDeliveries, age, Step), ct)
        + await DeleteAsync("outcome", () => Sql.Command(OrphanedOutcomes, age > LoopMemory ? age : LoopMemory, Step), ct)
        + await DeleteAsync("gap", () => Sql.Command(HealedGaps, age, Step), ct);

    // A route's name holds no space, so what follows the first " on " is the source.
    private string UnneededMessages => $"""
        with needed as materialized (
            select substr(name, strpos(name, ' on ') + 4) as source, min(coalesce(position, '0')::bigint) as behind
            from {_s}.cursor where enabled and name like 'route % on %' group by 1)
        delete from {_s}.inbox where ctid = any (array(
            select i.ctid from {_s}.inbox i left join needed n on n.source = i.source
            where i.received_at < clock_timestamp() - $1 and (n.source is null or i.id <= n.behind)
              and not exists (select from {_s}.failure f where f.cursor like 'route %' and f.source = i.source and f.id = i.id)
            limit $2))
        """;

    private string UnneededDeliveries => $"""
        delete from {_s}.outbox where ctid = any (array(
            select o.ctid from {_s}.outbox o join {_s}.cursor c on c.name = 'lane ' || o.lane
            where o.created_at < clock_timestamp() - $1 and o.id <= coalesce(c.position, '0')::bigint
              and not exists (select from {_s}.failure f where f.cursor = 'lane ' || o.lane and f.id = o.id)
            limit $2))
        """;

    private string OrphanedOutcomes => $"""
        delete from {_s}.outcome where ctid = any (array(
            select x.ctid from {_s}.outcome x
            where x.at < clock_timestamp() - $1 and not exists (select from {_s}.outbox o where o.lane = x.lane and o.id = x.id)
            limit $2))
        """;

    private string HealedGaps => $"""
        delete from {_s}.gap where ctid = any (array(
            select g.ctid from {_s}.gap g where g.healed_at < clock_timestamp() - $1 limit $2))
        """;

    private TimeSpan AgeAt(StorageLevel level) => level switch
    {
        StorageLevel.Normal => database.Options.Retention,
        StorageLevel.High => database.Options.Retention < ShortAge ? database.Options.Retention : ShortAge,
        _ => TimeSpan.Zero,
    };

    private async Task<long> DeleteAsync(string table, Func<NpgsqlBatchCommand> delete, CancellationToken ct)
    {
        long all = 0;
        int deleted;
        do
        {
            deleted = await ExecuteAsync([delete(), new NpgsqlBatchCommand(TellOfTheDead)], ct);
            all += deleted;
        }
        while (deleted == Step);

        // Room is free only once it is swept, and the server's own sweep waits until a fifth of the table is dead.
        if (all >= Step)
            await ExecuteAsync([new NpgsqlBatchCommand($"vacuum {_s}.{table}")], ct);
        return all;
    }

    private async Task<int> ExecuteAsync(IEnumerable<NpgsqlBatchCommand> commands, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await using var batch = new NpgsqlBatch(connection) { Timeout = (int)LongestStatement.TotalSeconds };
        foreach (NpgsqlBatchCommand command in commands)
            batch.BatchCommands.Add(command);
        return await batch.ExecuteNonQueryAsync(ct);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Retention deleted {Count} rows that nothing needs any more")]
    private partial void LogTidied(long count);
}
