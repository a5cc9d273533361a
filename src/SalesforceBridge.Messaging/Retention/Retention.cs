using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Deletes what is old and what nothing needs, in small steps. A message that an enabled route has not passed, or that
/// failed and is not settled, is needed whatever its age; so is a delivery that its lane has not passed.
/// </summary>
public sealed partial class Retention(BridgeDatabase database, StorageGauge gauge, TimeProvider time, ILogger<Retention> logger) : ILeasedWork
{
    private const int Step = 5000;
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
                long deleted = await TidyAsync(level == StorageLevel.Normal ? database.Options.Retention : TimeSpan.Zero, ct);
                if (deleted > 0)
                    LogTidied(deleted);
                await Task.Delay(level == StorageLevel.Normal ? TimeSpan.FromMinutes(5) : TimeSpan.FromSeconds(30), time, ct);
            }
            catch (Exception error) when (!ct.IsCancellationRequested && StepErrors.BlameFor(error) == Blame.Passing)
            {
                await Task.Delay(database.Options.LongestPause, time, ct);
            }
        }
    }

    /// <summary>Deletes what is older than this and not needed.</summary>
    /// <returns>How many rows.</returns>
    public async Task<long> TidyAsync(TimeSpan age, CancellationToken ct) =>
        await DeleteAsync(UnneededMessages, age, ct)
        + await DeleteAsync(UnneededDeliveries, age, ct)
        + await DeleteAsync(OrphanedOutcomes, age, ct)
        + await DeleteAsync(HealedGaps, age, ct);

    private string UnneededMessages => $"""
        delete from {_s}.inbox where ctid = any (array(
            select i.ctid from {_s}.inbox i
            where i.received_at < clock_timestamp() - $1
              and not exists (select from {_s}.cursor c where c.enabled and c.name like 'route %' and right(c.name, length(' on ' || i.source)) = ' on ' || i.source
                              and coalesce(c.position, '0')::bigint < i.id)
              and not exists (select from {_s}.failure f where f.cursor like 'route %' and f.source = i.source and f.id = i.id)
            limit $2))
        """;

    private string UnneededDeliveries => $"""
        delete from {_s}.outbox where ctid = any (array(
            select o.ctid from {_s}.outbox o
            where o.created_at < clock_timestamp() - $1
              and o.id <= coalesce((select coalesce(c.position, '0')::bigint from {_s}.cursor c where c.name = 'lane ' || o.lane), 0)
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

    private async Task<long> DeleteAsync(string sql, TimeSpan age, CancellationToken ct)
    {
        long all = 0;
        int deleted;
        do
        {
            await using NpgsqlConnection connection = await database.OpenAsync(ct);
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { Sql.Command(sql, age, Step) } };
            deleted = await batch.ExecuteNonQueryAsync(ct);
            all += deleted;
        }
        while (deleted == Step);
        return all;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Retention deleted {Count} rows that nothing needs any more")]
    private partial void LogTidied(long count);
}
