using SalesforceBridge.Messaging;

namespace SalesforceBridge.Schedules;

/// <summary>
/// Makes what schedules owe. Nobody holds a schedule: every worker looks at the position, and what several of them make at
/// once is one message by its dedupe key. So a position that one of them moves back means a second look and nothing else.
/// </summary>
internal sealed partial class ScheduleFires(
    BridgeDatabase database, Cursors cursors, InboxLog inbox, StorageGauge storage, TimeProvider time, ILogger<ScheduleFires> logger)
{
    private readonly Gaps _gaps = new(database);

    /// <summary>Makes what is due now.</summary>
    /// <returns>The newest scheduled time behind which nothing is owed.</returns>
    /// <exception cref="Npgsql.NpgsqlException">The database could not be reached; the next look makes up for it.</exception>
    public async Task<DateTimeOffset> MakeDueAsync(ScheduledSource schedule, CancellationToken ct)
    {
        await storage.WaitForRoomAsync(time, ct);
        string? stored = await cursors.PositionAsync(schedule.Source, ct);
        DateTimeOffset now = time.GetUtcNow();
        if (ScheduleMessages.TimeOf(stored) is not { } position || position > now + DueFires.Tolerance)
            return await BeginAsync(schedule.Source, stored, now, ct);

        var due = DueFires.Since(position, now, schedule.Schedule, schedule.Misfire);
        if (due.TooMany > 0)
            await TellOfTooManyAsync(schedule.Source, stored!, due, ct);
        if (due.Position == position)
            return position;
        Accepted accepted = await inbox.AcceptAsync(
            [PositionOf(schedule.Source, due.Position)], [.. due.Fires.Select(fire => ScheduleMessages.Of(schedule, fire))], ct);
        LogMade(schedule.Source, accepted.Stored, due.Position);
        return due.Position;
    }

    // A schedule misses nothing before it exists. A position in the future was written by a clock that was wrong: left alone,
    // it would keep the schedule silent until then.
    private async Task<DateTimeOffset> BeginAsync(string source, string? stored, DateTimeOffset now, CancellationToken ct)
    {
        if (stored is not null)
            LogBeginsAnew(source, stored);
        await cursors.EnrolAsync([(source, ScheduleMessages.Text(now))], ct);
        string? begun = await cursors.PositionAsync(source, ct);
        if (begun != stored)
            return ScheduleMessages.TimeOf(begun) ?? now;
        await inbox.AcceptAsync([PositionOf(source, now)], [], ct);
        return now;
    }

    private Task TellOfTooManyAsync(string source, string from, DueFires due, CancellationToken ct) => _gaps.RecordOnceAsync(
        source, from, ScheduleMessages.Text(due.Fires[0].ScheduledAt),
        $"{due.TooMany} fires that were missed are not made up for: `misfire: all` makes up for the newest {DueFires.MostMadeUpFor}.", ct);

    private static SourcePosition PositionOf(string source, DateTimeOffset time) => new(source, Epoch: 0, ScheduleMessages.Text(time));

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Source} fired: {Count} new messages up to {Position:u}")]
    private partial void LogMade(string source, int count, DateTimeOffset position);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source} begins anew at this moment: its position {Position} is no time, or one in the future")]
    private partial void LogBeginsAnew(string source, string position);
}
