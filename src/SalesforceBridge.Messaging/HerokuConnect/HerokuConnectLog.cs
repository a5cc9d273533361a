using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>How one connection's log stands.</summary>
public sealed record HerokuConnectLogStatus
{
    /// <summary>The connection's schema.</summary>
    public required string Schema { get; init; }

    /// <summary>How many changes are captured and not sent yet.</summary>
    public long Pending { get; init; }

    /// <summary>When the oldest of them was captured; null when there is none.</summary>
    public DateTimeOffset? PendingSince { get; init; }

    /// <summary>How many rows of log and archive stand at FAILED.</summary>
    public long Failed { get; init; }

    /// <summary>How many rows of the log, and of the archive's last day, stand at READONLY.</summary>
    public long ReadOnly { get; init; }

    /// <summary>How long the newest change that was sent had waited for it, in seconds; null where none of the last thousand was sent.</summary>
    public double? SecondsToSend { get; init; }

    /// <summary>Why the log cannot be read; null where it can.</summary>
    public string? Fault { get; init; }
}

/// <summary>How many errors a table has.</summary>
/// <param name="Schema">The connection's schema.</param>
/// <param name="Table">The mapped table.</param>
/// <param name="State"><c>FAILED</c> or <c>READONLY</c>.</param>
/// <param name="Count">How many.</param>
public sealed record HerokuConnectErrorCount(string Schema, string Table, string State, long Count);

/// <summary>What stands at FAILED or READONLY now.</summary>
/// <param name="Counts">All of it, by table.</param>
/// <param name="Newest">The newest of it.</param>
public sealed record HerokuConnectErrorList(IReadOnlyList<HerokuConnectErrorCount> Counts, IReadOnlyList<HerokuConnectError> Newest);

/// <summary>The trigger logs of Heroku Connect's connections in our database, for a person who looks.</summary>
public sealed class HerokuConnectLog(BridgeDatabase database)
{
    // The archive has an index for FAILED and none for READONLY, so of these only the newest are read.
    private const string Recent = "created_at > clock_timestamp() - interval '1 day'";

    /// <summary>The connections, by name.</summary>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public async Task<IReadOnlyList<HerokuConnection>> ConnectionsAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await HerokuConnection.FindAsync(connection, ct);
    }

    /// <summary>How each connection's log stands.</summary>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public async Task<IReadOnlyList<HerokuConnectLogStatus>> StatusAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await StatusAsync(connection, await HerokuConnection.FindAsync(connection, ct), ct);
    }

    /// <summary>How the logs of these connections stand.</summary>
    internal static async Task<IReadOnlyList<HerokuConnectLogStatus>> StatusAsync(NpgsqlConnection connection, IEnumerable<HerokuConnection> connections, CancellationToken ct)
    {
        List<HerokuConnectLogStatus> all = [];
        foreach (HerokuConnection one in connections)
            all.Add(one.Fault is { } fault ? new HerokuConnectLogStatus { Schema = one.Schema, Fault = fault } : await StatusOfAsync(connection, one, ct));
        return all;
    }

    /// <summary>Those of the connections whose log or archive has a row of this id.</summary>
    /// <exception cref="NpgsqlException">The database could not be reached, or refused.</exception>
    public async Task<IReadOnlyList<HerokuConnection>> HoldingAsync(IEnumerable<HerokuConnection> connections, long id, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        List<HerokuConnection> holding = [];
        foreach (HerokuConnection one in connections)
        {
            if ((await Sql.ReadLastAsync(connection, [Sql.Command(
                $"select exists (select from {one.Log} where id = $1) or exists (select from {one.Archive} where id = $1)", id)], row => row.GetBoolean(0), ct))[0])
                holding.Add(one);
        }

        return holding;
    }

    /// <summary>What stands at FAILED or READONLY, newest first.</summary>
    /// <param name="connections">Where to look.</param>
    /// <param name="table">Only this table; null: all.</param>
    /// <param name="limit">How many are listed at most.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="NpgsqlException">The database could not be reached, or refused.</exception>
    public async Task<HerokuConnectErrorList> ErrorsAsync(IEnumerable<HerokuConnection> connections, string? table, int limit, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        List<HerokuConnectErrorCount> counts = [];
        List<HerokuConnectError> newest = [];
        foreach (HerokuConnection one in connections)
        {
            counts.AddRange(await Sql.ReadLastAsync(connection, [Sql.Command($"""
                select table_name, state, count(*) from ({Errors(one)}) errors group by table_name, state order by table_name, state
                """, Sql.Text(table))], row => new HerokuConnectErrorCount(one.Schema, row.GetString(0), row.GetString(1), row.GetInt64(2)), ct));
            newest.AddRange(await Sql.ReadLastAsync(connection, [Sql.Command($"""
                select {HerokuConnectError.Columns}, archived from ({Errors(one)}) errors order by created_at desc nulls last, id desc limit $2
                """, Sql.Text(table), limit)], row => HerokuConnectError.Read(row, one.Schema, row.GetBoolean(HerokuConnectError.CountOfColumns)), ct));
        }

        return new HerokuConnectErrorList(counts, [.. newest.OrderByDescending(error => error.CapturedAt).Take(limit)]);
    }

    private static async Task<HerokuConnectLogStatus> StatusOfAsync(NpgsqlConnection connection, HerokuConnection one, CancellationToken ct)
    {
        try
        {
            return (await Sql.ReadLastAsync(connection, [Sql.Command($"""
                select waiting.pending, waiting.since,
                       (select count(*) from {one.Log} where state = 'FAILED') + (select count(*) from {one.Archive} where state = 'FAILED'),
                       (select count(*) from {one.Log} where state = 'READONLY') + (select count(*) from {one.Archive} where state = 'READONLY' and {Recent}),
                       (select extract(epoch from processed_at - created_at)::float8 from (
                            (select created_at, processed_at, state from {one.Log} order by created_at desc limit 1000)
                            union all (select created_at, processed_at, state from {one.Archive} order by created_at desc limit 1000)) entry
                        where state in ('SUCCESS', 'MERGED') and processed_at is not null order by created_at desc limit 1)
                from (select count(*) as pending, min(created_at) as since from {one.Log} where state in ('NEW', 'PENDING')) waiting
                """)], row => new HerokuConnectLogStatus
            {
                Schema = one.Schema,
                Pending = row.GetInt64(0),
                PendingSince = HerokuConnectError.Time(row, 1),
                Failed = row.GetInt64(2),
                ReadOnly = row.GetInt64(3),
                SecondsToSend = row.IsDBNull(4) ? null : row.GetDouble(4),
            }, ct))[0];
        }
        catch (PostgresException error) when (StepErrors.BlameFor(error) == Blame.Route)
        {
            return new HerokuConnectLogStatus { Schema = one.Schema, Fault = $"its trigger log could not be read: {StepErrors.Describe(error)}" };
        }
    }

    private static string Errors(HerokuConnection one) => $"""
        select *, false as archived from {one.Log} where state in ('FAILED', 'READONLY') and ($1 is null or table_name = $1)
        union all
        select *, true from {one.Archive} where (state = 'FAILED' or state = 'READONLY' and {Recent}) and ($1 is null or table_name = $1)
        """;
}
