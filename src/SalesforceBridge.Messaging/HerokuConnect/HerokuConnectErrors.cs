using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Heroku Connect's failures, into the inbox, once each. One worker at a time looks at the logs of all connections, from time to time:
/// Connect's own signal tells of captured changes and not of failed ones. <see cref="HerokuConnectErrorSql"/> says why nothing is missed.
/// </summary>
public sealed partial class HerokuConnectErrors(
    BridgeDatabase database, Cursors cursors, Bells bells, StorageGauge storage, bool tellsOld, TimeProvider time, ILogger<HerokuConnectErrors> logger) : ILeasedWork
{
    /// <summary>The source, and the cursor whose holder looks. Its position is the time since when every look was a whole one.</summary>
    public const string Source = "connect-error";

    private const string AlertName = $"{Source} is not read";

    // The smallest plan keeps seven days; one of them is for whoever is late.
    private static readonly TimeSpan LongestAbsence = TimeSpan.FromDays(6);

    private readonly BridgeSchema _s = database.Schema;
    private readonly Pause _pause = new(database.Options, time);
    private string? _told;

    /// <inheritdoc/>
    public string Cursor => Source;

    /// <inheritdoc/>
    public async Task RunAsync(Lease lease, CancellationToken ct)
    {
        _told = null;
        using Bell bell = bells.Listen($"{Source} wants a look");
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await storage.WaitForRoomAsync(time, ct);
                await LookAsync(lease, ct);
                _pause.Reset();
                await bell.WaitAsync(database.Options.HerokuConnectLook, ct);
            }
            catch (PostgresException error) when (error.SqlState == StepErrors.LeaseLost)
            {
                throw new LeaseLostException($"{Cursor} is held by another worker now", error);
            }
            catch (Exception error) when (!ct.IsCancellationRequested && StepErrors.BlameFor(error) != Blame.Lease)
            {
                LogWaits(StepErrors.CodeOf(error) ?? error.GetType().Name);
                await _pause.WaitAsync(ct);
            }
        }
    }

    private async Task LookAsync(Lease lease, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        (DateTimeOffset? since, DateTimeOffset now, List<HerokuConnection> all) = await FindAsync(connection, ct);
        List<string> faults = all.Count == 0 ? [HerokuConnection.None] : [];
        foreach (HerokuConnection one in all)
        {
            if ((one.Fault ?? await TryAsync(() => LookAsync(connection, lease, one, since, now, ct), one)) is { } fault)
                faults.Add(fault);
        }

        // Where one connection could not be read the next look must reach back as far as this one.
        bool isWhole = all.Count == 0 || faults.Count == 0;
        await Sql.ExecuteAsync(connection,
        [
            cursors.Hold(lease),
            Sql.Command($"update {_s}.cursor set position = $2, updated_at = now() where name = $1", Cursor, Sql.Text(Text(isWhole ? now : since))),
            .. Report(string.Join("; ", faults)),
        ], ct);
    }

    private async Task<(DateTimeOffset? Since, DateTimeOffset Now, List<HerokuConnection> All)> FindAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        DateTimeOffset? since = null;
        DateTimeOffset now = default;
        List<HerokuConnection?> all = await Sql.ReadLastAsync(connection, [Sql.Command($"""
            select c.position, clock_timestamp(), found.* from {_s}.cursor c left join ({HerokuConnection.Found}) found on true where c.name = $1 order by schema
            """, Cursor)], row =>
        {
            (since, now) = (TimeOf(HerokuConnectError.Text(row, 0)), row.GetFieldValue<DateTimeOffset>(1));
            return row.IsDBNull(2) ? null : HerokuConnection.Read(row, 2);
        }, ct);
        return (since, now, [.. all.OfType<HerokuConnection>()]);
    }

    private async Task LookAsync(NpgsqlConnection connection, Lease lease, HerokuConnection one, DateTimeOffset? since, DateTimeOffset now, CancellationToken ct)
    {
        var sql = new HerokuConnectErrorSql(_s, one);
        if (since is null && !tellsOld)
        {
            await Sql.ExecuteAsync(connection, [cursors.Hold(lease), sql.Pass()], ct);
            return;
        }

        if (since is { } last && now - last > LongestAbsence)
            await RecordAbsenceAsync(connection, lease, one, sql, last, now, ct);
        List<NewError> errors;
        do
        {
            errors = await Sql.ReadLastAsync(connection, [cursors.Hold(lease), sql.Forget(since), sql.Look(since)], sql.Read, ct);
            if (errors.Count == 0)
                return;
            await Sql.ExecuteAsync(connection, [cursors.Hold(lease), .. sql.Tell(Source, errors)], ct);
            bells.Ring(Source);
            LogTold(errors.Count, one.Schema);
            await storage.WaitForRoomAsync(time, ct);
        }
        while (errors.Count > 0);
    }

    private async Task RecordAbsenceAsync(
        NpgsqlConnection connection, Lease lease, HerokuConnection one, HerokuConnectErrorSql sql, DateTimeOffset last, DateTimeOffset now, CancellationToken ct)
    {
        bool reachesBack = (await Sql.ReadLastAsync(connection, [sql.ReachesBackTo(last)], row => row.GetBoolean(0), ct))[0];
        if (!reachesBack)
        {
            await Sql.ExecuteAsync(connection,
            [
                cursors.Hold(lease),
                .. Gaps.Record(_s, Source, Text(last), Text(now),
                    $"nobody looked for {(now - last).TotalDays:0} days, and the archive of {one.Schema} does not reach back that far: what failed meanwhile may be deleted"),
            ], ct);
        }
    }

    // What is wrong with one connection is told, and the others are looked at.
    private static async Task<string?> TryAsync(Func<Task> look, HerokuConnection one)
    {
        try
        {
            await look();
            return null;
        }
        catch (PostgresException error) when (StepErrors.BlameFor(error) is not (Blame.Lease or Blame.Moved or Blame.Passing) && !StepErrors.EndedConnection(error))
        {
            return $"the trigger log of {one.Schema} could not be read: {StepErrors.Describe(error)}; it is tried again";
        }
    }

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

    private static string? Text(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset? TimeOf(string? position) =>
        DateTimeOffset.TryParse(position, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset at) ? at : null;

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} errors of Heroku Connect in {Schema} are messages now")]
    private partial void LogTold(int count, string schema);

    [LoggerMessage(Level = LogLevel.Error, Message = "Errors of Heroku Connect are not read: {Why}")]
    private partial void LogUnread(string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Errors of Heroku Connect wait for the database ({Cause}); Connect's log keeps them")]
    private partial void LogWaits(string cause);
}
