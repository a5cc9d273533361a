using Npgsql;
using Quartz;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Schedules;

/// <summary>
/// The clock of the schedules that routes are on. Quartz, in memory, wakes each at its next time, also when the machine slept
/// or its clock was set; what is due then the database says. Without such a route there is no clock.
/// </summary>
internal sealed partial class ScheduleClock(
    ScheduleFires fires, Bells bells, MessagingOptions options, TimeProvider time, ILogger<ScheduleClock> logger)
{
    private const string Alarm = "alarm";

    /// <summary>Runs until it is cancelled, or no schedule fires any more.</summary>
    public Task RunAsync(IReadOnlyList<ScheduledSource> schedules, CancellationToken ct) =>
        schedules.Count == 0 ? Task.CompletedTask : KeepAllAsync(schedules, ct);

    private async Task KeepAllAsync(IReadOnlyList<ScheduledSource> schedules, CancellationToken ct)
    {
        var quartz = (IScheduler)await UntypedAsync(BuildAsync(ct));
        try
        {
            await quartz.Start(ct);
            await Task.WhenAll(schedules.Select(schedule => KeepAsync(schedule, quartz, ct)));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The next worker makes what this one did not.
        }
        finally
        {
            await quartz.Shutdown(waitForJobsToComplete: false, CancellationToken.None);
        }
    }

    private ValueTask<IScheduler> BuildAsync(CancellationToken ct) => QuartzSchedulerBuilder.Create(builder =>
    {
        builder.UseTimeProvider(time);
        builder.UseDefaultThreadPool(maxConcurrency: 1);
        builder.AddJob(Alarm, (IJobExecutionContext context) => bells.Ring(context.Trigger.Key.Name));
    }).BuildScheduler(ct);

    // Whoever looks through the program's classes, as for handlers, loads what they are made of: a job of a class of ours, or an
    // awaiter of Quartz's own, would load Quartz into every process, and only schedules need it.
    private static async Task<object> UntypedAsync<T>(ValueTask<T> task)
        where T : class => await task;

    private async Task KeepAsync(ScheduledSource schedule, IScheduler quartz, CancellationToken ct)
    {
        string name = $"{Alarm} of {schedule.Source}";
        using Bell bell = bells.Listen(name);
        while (schedule.Schedule.NextAfter(await MakeDueAsync(schedule, ct)) is { } next)
        {
            ITrigger trigger = TriggerBuilder.Create(time).WithIdentity(name).ForJob(Alarm).StartAt(next).Build();
            await quartz.ScheduleJob(trigger, new ScheduleJobOptions { Replace = true }, ct);
            await bell.WaitAsync(Timeout.InfiniteTimeSpan, ct);
        }

        LogIsOver(schedule.Source);
    }

    private async Task<DateTimeOffset> MakeDueAsync(ScheduledSource schedule, CancellationToken ct)
    {
        var pause = new Pause(options, time);
        while (true)
        {
            try
            {
                return await fires.MakeDueAsync(schedule, ct);
            }
            catch (Exception error) when (!ct.IsCancellationRequested)
            {
                if (error is NpgsqlException or TimeoutException or IOException)
                    LogWaits(schedule.Source, error is PostgresException postgres ? postgres.SqlState : error.GetType().Name);
                else
                    LogFault(error, schedule.Source);
            }

            await pause.WaitAsync(ct);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source} waits for the database ({Cause}); what is due then is made later")]
    private partial void LogWaits(string source, string cause);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source} met a fault of the bridge and tries again")]
    private partial void LogFault(Exception error, string source);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source} does not fire any more; correct its times, or remove the route")]
    private partial void LogIsOver(string source);
}
