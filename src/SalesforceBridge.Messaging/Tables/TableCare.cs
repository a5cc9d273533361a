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
    private readonly BaselineSql _baseline = new(database.Schema);
    private readonly PollCare _polls = new(database, cursors);

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

        KnownWatch? known = await KnownAsync(connection, watch.Source, ct);
        if (watch.Mode == TableMode.Poll)
            await _polls.KeepAsync(connection, lease, watch, sight, known, ct);
        else if (!sight.IsCaptured || known is null or { IsPolled: true })
            await InstallAsync(connection, lease, watch, sight, known, ct);
        else
            await KeepAsync(connection, lease, watch, sight, known.HasBaseline, ct);
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
            [Sql.Command($"select source from {_s}.watch where mode = 'capture' and coalesce(due, '') not in ('reconcile', 'renew') order by source")], row => row.GetString(0), ct);
        await Sql.ExecuteAsync(connection,
        [
            cursors.Hold(lease), .. missed.SelectMany(source => Missed(_s, source, why)),
            Sql.Command($"update {_s}.watch set due = 'reconcile' where source = any ($1)", Sql.TextArray(missed)),
        ], ct);
    }

    // What a polled table's triggers captured is told by comparing it. A baseline under another key is none, and is made anew.
    private async Task InstallAsync(NpgsqlConnection connection, Lease lease, TableWatch watch, TableSight sight, KnownWatch? known, CancellationToken ct)
    {
        string function = $"{_s}.capture({BridgeSchema.Literal(watch.Source)}, {BridgeSchema.Literal(_s.Name)})";
        bool fills = known is null ? await IsSmallAsync(connection, watch, sight, ct) : known is { IsPolled: true, Due: "fill" };
        bool hasKey = known?.Key.SequenceEqual(sight.Key) == true;
        bool renews = watch.Reconcile != false && (known is { Due: "renew" } || known is { HasBaseline: true } && !hasKey);
        await Sql.ExecuteAsync(connection,
        [
            cursors.Hold(lease), LockBriefly(),
            new NpgsqlBatchCommand($"create or replace trigger {Row} after insert or update or delete on {sight.Name} for each row execute function {function}"),
            new NpgsqlBatchCommand($"create or replace trigger {Truncate} after truncate on {sight.Name} for each statement execute function {function}"),
            .. known is { IsPolled: true } ? [_sql.Discard(watch.Source)] : Array.Empty<NpgsqlBatchCommand>(),
            .. known is { IsPolled: false } ? Missed(_s, watch.Source, "its triggers were missing, as after Heroku Connect or somebody made the table anew") : [],
            Sql.Command($"""
                insert into {_s}.watch as w (source, key, columns, due) values ($1, $2, $3, $4) on conflict (source) do update
                set key = excluded.key, columns = excluded.columns, mode = 'capture', baseline = w.baseline and $6, due = $5, seen_at = clock_timestamp()
                """, watch.Source, Sql.TextArray(sight.Key), Sql.TextArray(sight.Columns), Sql.Text(fills ? "fill" : null),
                fills ? "fill" : renews ? "renew" : "reconcile", hasKey),
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
            .. hasBaseline && !wants ? [_baseline.Forget(watch.Source)] : Array.Empty<NpgsqlBatchCommand>(),
        ], ct);
    }

    private async Task<KnownWatch?> KnownAsync(NpgsqlConnection connection, string source, CancellationToken ct) =>
        (await Sql.ReadLastAsync(connection, [Sql.Command($"select mode = 'poll', baseline, key, due from {_s}.watch where source = $1", source)],
            row => new KnownWatch(row.GetBoolean(0), row.GetBoolean(1), row.GetFieldValue<string[]>(2), row.IsDBNull(3) ? null : row.GetString(3)), ct)).FirstOrDefault();

    private async Task<bool> IsSmallAsync(NpgsqlConnection connection, TableWatch watch, TableSight sight, CancellationToken ct) =>
        watch.Reconcile ?? (await Sql.ReadLastAsync(connection, [Sql.Command(
            $"select count(*) <= $1 from (select from only {sight.Name} limit $1 + 1) rows", (long)database.Options.BaselineLimit)], row => row.GetBoolean(0), ct))[0];

    private async Task<long> CountAsync(NpgsqlConnection connection, string source, CancellationToken ct) =>
        (await Sql.ReadLastAsync(connection, [_baseline.Count(source)], row => row.GetInt64(0), ct))[0];

    /// <summary>A gap since the table was last seen whole.</summary>
    public static NpgsqlBatchCommand[] Missed(BridgeSchema s, string source, string why) =>
    [
        Sql.Command($"""
            insert into {s}.gap (source, from_position, to_position, why)
            select source, to_char(seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), $2
            from {s}.watch where source = $1
            """, source, why),
        Alerts.Raise(s, $"gap in {source}", why),
    ];

    /// <summary>What drops the triggers of a source, wherever they stand.</summary>
    public static async Task<NpgsqlBatchCommand[]> DropTriggersAsync(NpgsqlConnection connection, BridgeSchema s, string source, CancellationToken ct) =>
        [.. (await Sql.ReadLastAsync(connection, [Sql.Command("""
            select format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass) from pg_trigger t
            where t.tgfoid = to_regprocedure($1) and starts_with(encode(t.tgargs, 'escape'), encode(convert_to($2, 'UTF8'), 'escape') || '\000')
            """, $"{s}.capture()", source)], row => row.GetString(0), ct)).Select(drop => new NpgsqlBatchCommand(drop))];

    /// <summary>Whoever waits for a lock gives up soon, in this transaction.</summary>
    public static NpgsqlBatchCommand LockBriefly() => Sql.Command("select from set_config('lock_timeout', $1, true)", LockTimeout);

    /// <summary>Times without a zone are read as UTC, in this transaction.</summary>
    public static NpgsqlBatchCommand InUtc() => Sql.Command("select from set_config('timezone', $1, true)", "UTC");
}
