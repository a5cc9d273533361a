using System.CommandLine;
using SalesforceBridge.Messaging;
using SalesforceBridge.Schedules;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge schedules run</c>: one message now, between the fires.</summary>
internal sealed class SchedulesRunCommand : BridgeCommand
{
    private readonly Argument<string> _route = new("route") { Description = "The route's name" };

    public SchedulesRunCommand(CommandContext context)
        : base("run", "Wakes a route on a schedule now, and with it every other route on the same schedule", context)
    {
        Add(_route);
    }

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        RouteDefinition route = session.RouteNamed(session.Value(_route)).Definition;
        if (!route.Source.IsSchedule)
            throw new RefusedException($"Route {route.Name} is on `{route.Source}` and not on a schedule; `bridge schedules list` shows those that are.");
        if (!route.Enabled)
            throw new RefusedException($"Route {route.Name} is disabled: remove its line `enabled: no` first.");
        string source = route.Source.ToString();
        string[] woken = await WokenAsync(session, source, ct);
        if (!woken.Contains(route.Name))
            throw new RefusedException($"Route {route.Name} has not begun yet on `{source}`: start a worker first.");
        long id = await AcceptAsync(session, ScheduledSource.Of([route])[0], ct);
        await session.PrintAsync(new ScheduleRunReport(id, source, woken), CommandJson.Default.ScheduleRunReport, Text);
        return 0;
    }

    private static async Task<string[]> WokenAsync(CommandSession session, string source, CancellationToken ct)
    {
        BridgeStatus status = await session.OpenAsync<BridgeStatus>(ct);
        return [.. (await status.RoutesAsync(ct)).Where(progress => progress.Source == source).Select(progress => progress.Name)];
    }

    private static async Task<long> AcceptAsync(CommandSession session, ScheduledSource schedule, CancellationToken ct)
    {
        Cursors cursors = await session.OpenAsync<Cursors>(ct);
        InboxLog inbox = await session.OpenAsync<InboxLog>(ct);
        MessageLog log = await session.OpenAsync<MessageLog>(ct);
        DateTimeOffset now = session.Time.GetUtcNow();
        NewMessage message = ScheduleMessages.OfRun(schedule, now);
        // The clock may not have begun yet: then it begins here.
        await cursors.EnrolAsync([(schedule.Source, ScheduleMessages.Text(now))], ct);
        await inbox.AcceptAsync([new SourcePosition(schedule.Source, Epoch: 0, Position: null)], [message], ct);
        return (await log.IdOfAsync(schedule.Source, message.DedupeKey!, ct))!.Value;
    }

    private static string Text(ScheduleRunReport report) => report.Woken.Count == 1
        ? $"Message {report.Id} is accepted; it wakes route {report.Woken[0]}."
        : $"Message {report.Id} is accepted; it wakes all routes on `{report.Source}`: {string.Join(", ", report.Woken)}.";
}

/// <summary>What <c>bridge schedules run</c> accepted.</summary>
/// <param name="Id">The message.</param>
/// <param name="Source">The schedule it belongs to.</param>
/// <param name="Woken">The routes on that schedule.</param>
internal sealed record ScheduleRunReport(long Id, string Source, IReadOnlyList<string> Woken);
