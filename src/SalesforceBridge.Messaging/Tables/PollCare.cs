using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>Keeps what the bridge knows of a polled table in step with the table, and with the mode it had before.</summary>
internal sealed class PollCare(BridgeDatabase database, Cursors cursors)
{
    private readonly BridgeSchema _s = database.Schema;

    /// <summary>From now on the table is polled, if it was not.</summary>
    public async Task KeepAsync(NpgsqlConnection connection, Lease lease, TableWatch watch, TableSight sight, KnownWatch? known, CancellationToken ct)
    {
        string? due = Due(sight, known);
        await Sql.ExecuteAsync(connection,
        [
            cursors.Hold(lease),
            .. due == "renew" && known?.Due != "renew" ? TableCare.Missed(_s, watch.Source, Why(known!)) : [],
            Sql.Command($"""
                insert into {_s}.watch as w (source, key, columns, mode, due) values ($1, $2, $3, 'poll', $4) on conflict (source) do update
                set key = excluded.key, columns = excluded.columns, mode = 'poll', due = excluded.due,
                    baseline = w.baseline and coalesce(excluded.due, '') not in ('fill', 'renew'),
                    position = case when excluded.due is distinct from 'renew' then w.position end
                """, watch.Source, Sql.TextArray(sight.Key), Sql.TextArray(sight.Columns), Sql.Text(due)),
        ], ct);
        // Until there is a baseline only the triggers tell what is written.
        if (due is null)
            await DropTriggersAsync(connection, watch.Source, sight, ct);
    }

    /// <summary>The alert of triggers that may not be dropped.</summary>
    public static string AlertOf(string source) => $"{source} still has triggers";

    // With a baseline that goes on nothing is lost, whatever the triggers did; without one they must have stood until now.
    private static string? Due(TableSight sight, KnownWatch? known) => known switch
    {
        null => "fill",
        { IsPolled: true } => known.Key.SequenceEqual(sight.Key) ? known.Due : "renew",
        { HasBaseline: true } when known.Key.SequenceEqual(sight.Key) => "reconcile",
        { HasBaseline: false, Due: null or "fill" } when sight.IsCaptured => "fill",
        _ => "renew",
    };

    private static string Why(KnownWatch known) => known.IsPolled
        ? "its primary key changed, so its rows could not be compared with what was known of them"
        : "it was captured without a baseline, and its triggers were missing when it came to be polled";

    // What they go on capturing is dropped: the next comparison tells it.
    private async Task DropTriggersAsync(NpgsqlConnection connection, string source, TableSight sight, CancellationToken ct)
    {
        string alert = AlertOf(source);
        if (sight.HasTriggers)
        {
            NpgsqlBatchCommand[] drops = await TableCare.DropTriggersAsync(connection, _s, source, ct);
            try
            {
                await Sql.ExecuteAsync(connection, [TableCare.LockBriefly(), .. drops], ct);
            }
            catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                await Sql.ExecuteAsync(connection, [Alerts.Raise(_s, alert,
                    $"it is polled, and the triggers that captured it before only cost its writers time; let its owner run: {string.Join("; ", drops.Select(drop => drop.CommandText))}")], ct);
                return;
            }
        }

        await Sql.ExecuteAsync(connection, [Alerts.Clear(_s, alert)], ct);
    }
}

/// <summary>What is known of a table when it is looked at.</summary>
/// <param name="IsPolled">It is polled so far.</param>
/// <param name="HasBaseline">It has a baseline.</param>
/// <param name="Key">The columns of its primary key.</param>
/// <param name="Due">What is to be done with it.</param>
internal sealed record KnownWatch(bool IsPolled, bool HasBaseline, string[] Key, string? Due);
