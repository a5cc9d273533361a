using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Heroku Connect's failures, into the inbox, once each. One worker at a time looks at the logs of all connections, from time to time:
/// Connect's own signal tells of captured changes and not of failed ones. <see cref="HerokuConnectErrorSql"/> says why nothing is missed.
/// </summary>
public sealed partial class HerokuConnectErrors(
    BridgeDatabase database, Cursors cursors, Bells bells, StorageGauge storage, HerokuConnectMetrics metrics, bool tellsOld, TimeProvider time,
    ILogger<HerokuConnectErrors> logger) : ILeasedWork
{
    /// <summary>The source, and the cursor whose holder looks. Its position is the time of the last look at each connection.</summary>
    public const string Source = "connect-error";

    private const string AlertName = $"{Source} is not read";

    // The smallest plan keeps seven days; one of them is for whoever is late.
    private static readonly TimeSpan LongestAbsence = TimeSpan.FromDays(6);

    private readonly BridgeSchema _s = database.Schema;
    private readonly Gaps _gaps = new(database);
    private readonly Pause _pause = new(database.Options, time);
    private string? _told;

    /// <inheritdoc/>
    public string Cursor => Source;

    /// <inheritdoc/>
    public async Task RunAsync(Lease lease, CancellationToken ct)
    {
        _told = null;
        using Bell bell = bells.Listen($"{Source} wants a look");
        try
        {
            while (!ct.IsCancellationRequested)
            {
                if (!await TryLookAsync(lease, ct))
                    await bell.WaitAsync(database.Options.HerokuConnectLook, ct);
            }
        }
        finally
        {
            metrics.Forget();
        }
    }

    /// <returns>Whether it is to be looked again at once.</returns>
    private async Task<bool> TryLookAsync(Lease lease, CancellationToken ct)
    {
        try
        {
            await storage.WaitForRoomAsync(time, ct);
            bool found = await LookAsync(lease, ct);
            _pause.Reset();
            return found;
        }
        catch (PostgresException error) when (error.SqlState == StepErrors.LeaseLost)
        {
            throw new LeaseLostException($"{Cursor} is held by another worker now", error);
        }
        catch (Exception error) when (!ct.IsCancellationRequested && StepErrors.BlameFor(error) != Blame.Lease)
        {
            metrics.Forget();
            LogWaits(StepErrors.CodeOf(error) ?? error.GetType().Name);
            await _pause.WaitAsync(ct);
            return true;
        }
    }

    /// <returns>Whether anything was found, so that more may be there.</returns>
    private async Task<bool> LookAsync(Lease lease, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        (LookTimes looked, DateTimeOffset now, List<HerokuConnection> all) = await FindAsync(connection, ct);
        List<string> faults = all.Count == 0 ? [HerokuConnection.None] : [];
        int found = 0;
        foreach (HerokuConnection one in all)
        {
            int told = 0;
            LookTimes before = looked;
            if ((one.Fault ?? await TryAsync(async () => told = await LookAsync(connection, lease, one, before, now, ct), one)) is { } fault)
                faults.Add(fault);
            else if (told == 0)
                looked = looked.With(one, now);
            found += told;
        }

        await Sql.ExecuteAsync(connection, [cursors.Hold(lease), Move(looked), .. Report(string.Join("; ", faults))], ct);
        if (found == 0)
            await MeasureAsync(connection, all, now, ct);
        return found > 0;
    }

    private async Task<(LookTimes Looked, DateTimeOffset Now, List<HerokuConnection> All)> FindAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        string? position = null;
        DateTimeOffset now = default;
        List<HerokuConnection?> all = await Sql.ReadLastAsync(connection, [Sql.Command($"""
            select c.position, clock_timestamp(), found.* from {_s}.cursor c left join ({HerokuConnection.Found}) found on true where c.name = $1 order by schema
            """, Cursor)], row =>
        {
            (position, now) = (HerokuConnectError.Text(row, 0), row.GetFieldValue<DateTimeOffset>(1));
            return row.IsDBNull(2) ? null : HerokuConnection.Read(row, 2);
        }, ct);
        return (LookTimes.Parse(position), now, [.. all.OfType<HerokuConnection>()]);
    }

    /// <returns>How many errors were told.</returns>
    private async Task<int> LookAsync(NpgsqlConnection connection, Lease lease, HerokuConnection one, LookTimes looked, DateTimeOffset now, CancellationToken ct)
    {
        var sql = new HerokuConnectErrorSql(_s, one);
        DateTimeOffset? since = looked.At(one);
        if (since is null && !tellsOld)
        {
            await Sql.ExecuteAsync(connection, [cursors.Hold(lease), sql.Pass(now), Move(looked.With(one, now))], ct);
            return 0;
        }

        if (since is { } last && now - last > LongestAbsence)
            await RecordAbsenceAsync(connection, one, sql, last, now, ct);
        List<NewError> errors = await Sql.ReadLastAsync(connection, [cursors.Hold(lease), sql.Forget(since), sql.Look(since)], sql.Read, ct);
        if (errors.Count == 0)
            return 0;
        await Sql.ExecuteAsync(connection, [cursors.Hold(lease), .. sql.Tell(Source, errors)], ct);
        bells.Ring(Source);
        LogTold(errors.Count, one.Schema);
        return errors.Count;
    }

    // A log too long to be counted in time is still read for errors.
    private async Task MeasureAsync(NpgsqlConnection connection, List<HerokuConnection> all, DateTimeOffset now, CancellationToken ct)
    {
        try
        {
            metrics.Seen(await HerokuConnectLog.StatusAsync(connection, all, ct), now);
        }
        catch (PostgresException error) when (IsOfTheStatement(error))
        {
            metrics.Forget();
        }
    }

    private async Task RecordAbsenceAsync(
        NpgsqlConnection connection, HerokuConnection one, HerokuConnectErrorSql sql, DateTimeOffset last, DateTimeOffset now, CancellationToken ct)
    {
        bool reachesBack = (await Sql.ReadLastAsync(connection, [sql.ReachesBackTo(last)], row => row.GetBoolean(0), ct))[0];
        if (!reachesBack)
        {
            await _gaps.RecordOnceAsync(Source, $"{one.Schema} {LookTimes.Text(last)}", LookTimes.Text(now),
                $"nobody looked for {(now - last).TotalDays:0} days, and the archive of {one.Schema} does not reach back that far: what failed meanwhile may be deleted", ct);
        }
    }

    private NpgsqlBatchCommand Move(LookTimes looked) =>
        Sql.Command($"update {_s}.cursor set position = $2, updated_at = now() where name = $1", Cursor, $"{looked}");

    // What is wrong with one connection is told, and the others are looked at.
    private static async Task<string?> TryAsync(Func<Task> look, HerokuConnection one)
    {
        try
        {
            await look();
            return null;
        }
        catch (PostgresException error) when (IsOfTheStatement(error))
        {
            return $"the trigger log of {one.Schema} could not be read: {StepErrors.Describe(error)}; it is tried again";
        }
    }

    private static bool IsOfTheStatement(PostgresException error) =>
        StepErrors.BlameFor(error) is not (Blame.Lease or Blame.Moved or Blame.Passing) && !StepErrors.EndedConnection(error);

    private NpgsqlBatchCommand[] Report(string faults)
    {
        if (_told == faults)
            return [];
        _told = faults;
        if (faults.Length == 0)
            return [Alerts.Clear(_s, AlertName)];
        LogUnread(faults);
        return [Alerts.Raise(_s, AlertName, faults)];
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} errors of Heroku Connect in {Schema} are messages now")]
    private partial void LogTold(int count, string schema);

    [LoggerMessage(Level = LogLevel.Error, Message = "Errors of Heroku Connect are not read: {Why}")]
    private partial void LogUnread(string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Errors of Heroku Connect wait for the database ({Cause}); Connect's log keeps them")]
    private partial void LogWaits(string cause);
}
