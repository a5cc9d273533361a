using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Sees to it that our triggers stand on every table that a route names. Where they were missing, or slept because no worker was
/// there, the time is a recorded gap and the table is due to be reconciled.
/// </summary>
internal sealed class TableCare(BridgeDatabase database, Cursors cursors, IReadOnlyList<TableWatch> watches)
{
    // Writers queue behind a lock that waits, so it gives up before they notice.
    private const string LockTimeout = "2000ms";
    private readonly BridgeSchema _s = database.Schema;
    private readonly TableSql _sql = new(database.Schema);

    /// <summary>What the catalog says of the table of a source, where a route names it and it can be captured.</summary>
    public IReadOnlyDictionary<string, TableSight> Sights => _sights;

    private readonly Dictionary<string, TableSight> _sights = [];

    /// <summary>The columns of a source that a route names.</summary>
    public IReadOnlyList<string> ColumnsOf(string source) => watches.FirstOrDefault(watch => watch.Source == source)?.Columns ?? [];

    /// <summary>Where triggers have slept, whatever was missed is told and is due to be found. Only then do they capture again.</summary>
    public async Task WakeAsync(NpgsqlConnection connection, Lease lease, CancellationToken ct)
    {
        bool slept = (await Sql.ReadLastAsync(connection,
            [Sql.Command($"select last_value / 2 <= extract(epoch from clock_timestamp()) from {_s}.capture")], row => row.GetBoolean(0), ct))[0];
        if (slept)
            await MissAsync(connection, lease, "no worker was there for so long that capture ended by itself", ct);
    }

    /// <summary>Triggers stop capturing, so that the bridge does not fill the database: what they miss is a gap.</summary>
    public async Task StopCaptureAsync(NpgsqlConnection connection, Lease lease, CancellationToken ct)
    {
        await MissAsync(connection, lease, "the bridge's storage was full, so capture stopped", ct);
        await Sql.ExecuteAsync(connection, [cursors.Hold(lease), Sql.Command($"select {_s}.capture_for($1, false)", TimeSpan.Zero)], ct);
    }

    /// <summary>Something of a table failed, so it is looked at again before more is made of it.</summary>
    public void Doubt(string source) => _sights.Remove(source);

    /// <summary>Looks at the table of one watch: repairs what is broken, and tells a person what cannot be.</summary>
    /// <returns>Why the table is not captured; null when it is.</returns>
    public async Task<string?> TendAsync(NpgsqlConnection connection, Lease lease, TableWatch watch, CancellationToken ct)
    {
        Doubt(watch.Source);
        TableSight sight = await TableSight.LookAsync(connection, _s, watch, ct);
        string[] faults = [.. sight.Faults(watch)];
        if (faults.Length > 0)
        {
            string why = string.Join("; ", faults);
            await TellAsync(connection, watch.Source, why, ct);
            return why;
        }

        bool? hasBaseline = await HasBaselineAsync(connection, watch.Source, ct);
        if (!sight.IsCaptured)
            await InstallAsync(connection, lease, watch, sight, isNew: hasBaseline is null, ct);
        else
            await KeepAsync(connection, lease, watch, sight, hasBaseline == true, ct);
        await Sql.ExecuteAsync(connection, [Alerts.Clear(_s, AlertOf(watch.Source))], ct);
        _sights[watch.Source] = sight;
        return null;
    }

    /// <summary>Waits until whoever wrote to the table without being captured has ended.</summary>
    public static async Task WaitForWritersAsync(NpgsqlConnection connection, TableSight sight, CancellationToken ct)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await Sql.ExecuteAsync(connection, [LockBriefly(), new NpgsqlBatchCommand($"lock table only {sight.Name} in share row exclusive mode")], ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Tells a person why a table is not captured, or not drained.</summary>
    public Task TellAsync(NpgsqlConnection connection, string source, string why, CancellationToken ct) =>
        Sql.ExecuteAsync(connection, [Alerts.Raise(_s, AlertOf(source), why)], ct);

    private static string AlertOf(string source) => $"{source} is not captured";

    private async Task MissAsync(NpgsqlConnection connection, Lease lease, string why, CancellationToken ct)
    {
        List<string> missed = await Sql.ReadLastAsync(connection,
            [Sql.Command($"select source from {_s}.watch where due is distinct from 'reconcile' order by source")], row => row.GetString(0), ct);
        await Sql.ExecuteAsync(connection,
        [
            cursors.Hold(lease), .. missed.SelectMany(source => Missed(source, why)),
            Sql.Command($"update {_s}.watch set due = 'reconcile' where source = any ($1)", Sql.TextArray(missed)),
        ], ct);
    }

    private async Task InstallAsync(NpgsqlConnection connection, Lease lease, TableWatch watch, TableSight sight, bool isNew, CancellationToken ct)
    {
        string function = $"{_s}.capture({BridgeSchema.Literal(watch.Source)}, {BridgeSchema.Literal(_s.Name)})";
        bool fills = isNew && await IsSmallAsync(connection, watch, sight, ct);
        await Sql.ExecuteAsync(connection,
        [
            cursors.Hold(lease), LockBriefly(),
            new NpgsqlBatchCommand($"create or replace trigger {Row} after insert or update or delete on {sight.Name} for each row execute function {function}"),
            new NpgsqlBatchCommand($"create or replace trigger {Truncate} after truncate on {sight.Name} for each statement execute function {function}"),
            .. isNew ? [] : Missed(watch.Source, "its triggers were missing, as after Heroku Connect or somebody made the table anew"),
            Sql.Command($"""
                insert into {_s}.watch as w (source, key, columns, due) values ($1, $2, $3, $4) on conflict (source) do update
                set key = excluded.key, columns = excluded.columns, baseline = w.baseline and w.key = excluded.key, due = 'reconcile', seen_at = clock_timestamp()
                """, watch.Source, Sql.TextArray(sight.Key), Sql.TextArray(sight.Columns), Sql.Text(fills ? "fill" : null)),
        ], ct);
    }

    // Triggers by these names run first, so that what another trigger does to the same row is captured after what caused it.
    private string Row => BridgeSchema.Quote($"!row {_s.Name}");

    private string Truncate => BridgeSchema.Quote($"!truncate {_s.Name}");

    private async Task KeepAsync(NpgsqlConnection connection, Lease lease, TableWatch watch, TableSight sight, bool hasBaseline, CancellationToken ct)
    {
        bool wants = watch.Reconcile ?? hasBaseline;
        if (hasBaseline && watch.Reconcile is null)
            wants = await CountAsync(connection, watch.Source, ct) <= 2L * database.Options.BaselineLimit;
        await Sql.ExecuteAsync(connection,
        [
            cursors.Hold(lease),
            Sql.Command($"""
                update {_s}.watch set baseline = baseline and $4, key = $2, columns = $3, seen_at = clock_timestamp(),
                    due = coalesce(due, case when $4 and (not baseline or key <> $2 or columns <> $3) then 'fill' end)
                where source = $1
                """, watch.Source, Sql.TextArray(sight.Key), Sql.TextArray(sight.Columns), wants),
            .. hasBaseline && !wants ? [_sql.Forget(watch.Source)] : Array.Empty<NpgsqlBatchCommand>(),
        ], ct);
    }

    private async Task<bool?> HasBaselineAsync(NpgsqlConnection connection, string source, CancellationToken ct)
    {
        List<bool> known = await Sql.ReadLastAsync(connection,
            [Sql.Command($"select baseline from {_s}.watch where source = $1", source)], row => row.GetBoolean(0), ct);
        return known.Count == 0 ? null : known[0];
    }

    private async Task<bool> IsSmallAsync(NpgsqlConnection connection, TableWatch watch, TableSight sight, CancellationToken ct) =>
        watch.Reconcile ?? (await Sql.ReadLastAsync(connection, [Sql.Command(
            $"select count(*) <= $1 from (select from only {sight.Name} limit $1 + 1) rows", (long)database.Options.BaselineLimit)], row => row.GetBoolean(0), ct))[0];

    private async Task<long> CountAsync(NpgsqlConnection connection, string source, CancellationToken ct) =>
        (await Sql.ReadLastAsync(connection, [_sql.CountBaseline(source)], row => row.GetInt64(0), ct))[0];

    private NpgsqlBatchCommand[] Missed(string source, string why) =>
    [
        Sql.Command($"""
            insert into {_s}.gap (source, from_position, to_position, why)
            select source, to_char(seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), $2
            from {_s}.watch where source = $1
            """, source, why),
        Alerts.Raise(_s, $"gap in {source}", why),
    ];

    internal static NpgsqlBatchCommand LockBriefly() => Sql.Command("select set_config('lock_timeout', $1, true)", LockTimeout);
}
