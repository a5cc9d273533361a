using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>What became of a wish to send a failed write again.</summary>
public abstract record HerokuConnectRetryOutcome
{
    private HerokuConnectRetryOutcome()
    {
    }

    /// <summary>It is captured anew.</summary>
    /// <param name="Entry">The failed one.</param>
    /// <param name="Operation">What Connect is asked to do now: <c>insert</c>, <c>update</c> or <c>delete</c>.</param>
    /// <param name="Columns">The columns whose current values go; empty: all.</param>
    /// <param name="NewId">The id of the new row in the log; null where the old one was set back to NEW.</param>
    public sealed record Captured(HerokuConnectError Entry, string Operation, IReadOnlyList<string> Columns, long? NewId) : HerokuConnectRetryOutcome;

    /// <summary>Nothing was changed.</summary>
    /// <param name="Why">Why, and what to do.</param>
    public sealed record Refused(string Why) : HerokuConnectRetryOutcome;
}

/// <summary>
/// Sends a failed write again as Connect's documentation advises: the row's current values are captured, since the old ones might overwrite
/// what was written after them. Only a delete, which has no values, is put back as it was.
/// </summary>
public sealed class HerokuConnectRetry(BridgeDatabase database)
{
    /// <summary>Captures anew what a row of a connection's log stands for. All of it or nothing is done.</summary>
    /// <param name="where">The connection.</param>
    /// <param name="id">The row's id in log or archive.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="NpgsqlException">The database could not be reached, or refused.</exception>
    public async Task<HerokuConnectRetryOutcome> RetryAsync(HerokuConnection where, long id, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        HerokuConnectRetryOutcome outcome = await FindAsync(connection, where, id, ct) switch
        {
            null => Refuse($"The trigger log of {where.Schema} has no row {id}; `bridge connect errors` lists what failed."),
            { Error.State: "READONLY" } => Refuse($"Row {id} was never sent, since the mapping of {where.Schema} is read-only: make it read-write in Heroku Connect, then write the row again."),
            { Error.State: not "FAILED" } entry => Refuse($"Row {id} stands at {entry.Error.State} and not at FAILED, so there is nothing to retry."),
            { Error.Operation: "delete" } entry => await PutBackAsync(connection, where, entry, ct),
            { } entry => await CaptureAsync(connection, where, entry, ct),
        };
        if (outcome is HerokuConnectRetryOutcome.Captured)
            await transaction.CommitAsync(ct);
        return outcome;
    }

    // Locked, so that two who retry at once do it once.
    private static async Task<Entry?> FindAsync(NpgsqlConnection connection, HerokuConnection where, long id, CancellationToken ct)
    {
        foreach ((string table, bool isArchived) in new[] { (where.Log, false), (where.Archive, true) })
        {
            List<Entry> found = await Sql.ReadLastAsync(connection,
                [Sql.Command($"""select {HerokuConnectError.Columns}, "values" from {table} where id = $1 for update""", id)],
                row => new Entry(HerokuConnectError.Read(row, where.Schema, isArchived), HerokuConnectError.Text(row, HerokuConnectError.CountOfColumns)), ct);
            if (found.Count > 0)
                return found[0];
        }

        return null;
    }

    // From the archive nothing is sent, so a copy goes to the log.
    private static async Task<HerokuConnectRetryOutcome> PutBackAsync(NpgsqlConnection connection, HerokuConnection where, Entry entry, CancellationToken ct)
    {
        if (!entry.Error.IsArchived)
        {
            await Sql.ExecuteAsync(connection, [Sql.Command($"update {where.Log} set state = 'NEW' where id = $1", entry.Error.Id)], ct);
            return new HerokuConnectRetryOutcome.Captured(entry.Error, "delete", [], null);
        }

        long copy = (await Sql.ReadLastAsync(connection, [Sql.Command($"""
            insert into {where.Log} (txid, created_at, state, action, table_name, record_id, sfid, old, "values")
            select txid_current(), clock_timestamp(), 'NEW', action, table_name, record_id, sfid, old, "values" from {where.Archive} where id = $1
            returning id::bigint
            """, entry.Error.Id)], row => row.GetInt64(0), ct))[0];
        await SettleAsync(connection, where, entry, ct);
        return new HerokuConnectRetryOutcome.Captured(entry.Error, "delete", [], copy);
    }

    private static async Task<HerokuConnectRetryOutcome> CaptureAsync(NpgsqlConnection connection, HerokuConnection where, Entry entry, CancellationToken ct)
    {
        HerokuConnectError error = entry.Error;
        string row = $"row {error.RecordId} of {where.Schema}.{error.Table}";
        if (await SchemaOfHstoreAsync(connection, ct) is not { } hstore)
            return Refuse("The extension hstore is not installed in this database, and Heroku Connect needs it too; run: create extension hstore");
        if (await ReadRowAsync(connection, where, error, ct) is not { } current)
            return Refuse($"The {row} is gone, so there are no values to send; nothing was changed.");
        if (error.Sfid is { } sfid && current.Sfid != sfid)
            return Refuse($"The {row} is another record now ({current.Sfid ?? "without sfid"} and not {sfid}), as after a reload; write to the record itself.");
        if (current.IsOnItsWay)
            return Refuse($"An insert of the {row} waits to be sent already; see what becomes of it first.");

        // A row without sfid is not in the org yet, whatever it was that failed: an update of it can only follow its insert.
        bool isInsert = current.Sfid is null;
        string[] columns = isInsert || error.Operation == "insert" ? [] : [.. entry.Columns().Intersect(current.Columns)];
        string function = $"{BridgeSchema.Quote(where.Schema)}.{(isInsert ? "hc_capture_insert_from_row" : "hc_capture_update_from_row")}";
        long? captured = (await Sql.ReadLastAsync(connection,
        [
            Sql.Command("select set_config('search_path', $1, true)", $"{hstore}, public, {BridgeSchema.Quote(where.Schema)}"),
            Sql.Command($"select {function}({hstore}.hstore(c.*), $2, $3)::bigint from {TableOf(where, error)} c where c.id = $1", error.RecordId, error.Table, Sql.TextArray(columns)),
        ], read => read.GetDataTypeName(0) == "bigint" && !read.IsDBNull(0) ? read.GetInt64(0) : (long?)null, ct))[0];
        if (captured is null)
            return Refuse($"{function} captured nothing of the {row}; nothing was changed.");
        await SettleAsync(connection, where, entry, ct);
        return new HerokuConnectRetryOutcome.Captured(error, isInsert ? "insert" : "update", columns, captured);
    }

    private static async Task<Row?> ReadRowAsync(NpgsqlConnection connection, HerokuConnection where, HerokuConnectError error, CancellationToken ct)
    {
        string table = TableOf(where, error);
        List<Row> found = await Sql.ReadLastAsync(connection, [Sql.Command($"""
            select c.sfid::text, exists (select from {where.Log} l where l.table_name = $2 and l.record_id = c.id and l.action = 'INSERT' and l.state in ('NEW', 'PENDING')),
                   array(select a.attname::text from pg_attribute a where a.attrelid = $3::regclass and a.attnum > 0 and not a.attisdropped)
            from {table} c where c.id = $1
            """, error.RecordId, error.Table, table)], row => new Row(HerokuConnectError.Text(row, 0), row.GetBoolean(1), row.GetFieldValue<string[]>(2)), ct);
        return found.Count > 0 ? found[0] : null;
    }

    private static string TableOf(HerokuConnection where, HerokuConnectError error) => $"{BridgeSchema.Quote(where.Schema)}.{BridgeSchema.Quote(error.Table)}";

    // In the log an operator's word for "never mind", in the archive for "done again".
    private static Task SettleAsync(NpgsqlConnection connection, HerokuConnection where, Entry entry, CancellationToken ct) =>
        Sql.ExecuteAsync(connection, [Sql.Command(entry.Error.IsArchived
            ? $"update {where.Archive} set state = 'REQUEUED' where id = $1"
            : $"update {where.Log} set state = 'IGNORED' where id = $1", entry.Error.Id)], ct);

    private static async Task<string?> SchemaOfHstoreAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        List<string> found = await Sql.ReadLastAsync(connection,
            [Sql.Command("select format('%I', n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'hstore'")], row => row.GetString(0), ct);
        return found.Count > 0 ? found[0] : null;
    }

    private static HerokuConnectRetryOutcome.Refused Refuse(string why) => new(why);

    private sealed record Entry(HerokuConnectError Error, string? Values)
    {
        public IEnumerable<string> Columns() => Values is null ? [] : HstoreText.Read(Values)?.Select(pair => pair.Key) ?? [];
    }

    private sealed record Row(string? Sfid, bool IsOnItsWay, string[] Columns);
}
