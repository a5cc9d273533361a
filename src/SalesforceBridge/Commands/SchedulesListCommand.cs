using SalesforceBridge.Health;
using SalesforceBridge.Messaging;
using SalesforceBridge.Schedules;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge schedules list</c>: every route that is on a schedule, when it fires next and when it did last.</summary>
internal sealed class SchedulesListCommand(CommandContext context) : BridgeCommand("list", "Lists the routes on schedules: next and last fire, what becomes of missed ones", context)
{
    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        BridgeStatus status = await session.OpenAsync<BridgeStatus>(ct);
        ILookup<string, SourceStatus> sources = (await status.SourcesAsync(ct)).ToLookup(source => source.Name);
        ILookup<string, RouteReport> routes = (await RouteReport.ReadAsync(session.Routes, status, ct)).ToLookup(route => route.Name);
        DateTimeOffset now = session.Time.GetUtcNow();
        IReadOnlyList<ScheduleReport> reports =
        [
            .. session.Routes.Routes.Select(route => route.Definition).Where(route => route.Source.IsSchedule).OrderBy(route => route.Name, StringComparer.Ordinal)
                .Select(route => ScheduleReport.Of(route, routes[route.Name].First(), sources[route.Source.ToString()].FirstOrDefault(), now)),
        ];
        await session.PrintAsync(reports, CommandJson.Default.IReadOnlyListScheduleReport, all => Text(all, now));
        return 0;
    }

    private static string Text(IReadOnlyList<ScheduleReport> schedules, DateTimeOffset now)
    {
        var table = new TextTable("ROUTE", "ON", "NEXT", "LAST", "MISFIRE", "BEHIND", "STATE");
        foreach (ScheduleReport schedule in schedules)
        {
            table.Add(schedule.Route, schedule.On, schedule.Next is { } next ? $"{next:u}" : "never", schedule.Last is { } last ? $"{Ages.Of(now.UtcDateTime - last)} ago" : "none",
                schedule.Misfire, $"{schedule.Behind}", schedule.State);
        }

        return table.IsEmpty ? "No route is on a schedule. One begins with `-- on: every 5m` or `-- on: cron 0 0 9 ? * MON-FRI`." : table.ToString();
    }
}

/// <summary>A route on a schedule.</summary>
/// <param name="Route">Its name.</param>
/// <param name="On">The schedule.</param>
/// <param name="Next">When it fires next; null when it never does again.</param>
/// <param name="Last">When its newest message was stored; null when none is kept.</param>
/// <param name="Misfire">What becomes of missed fires: <c>once</c>, <c>all</c> or <c>skip</c>.</param>
/// <param name="Behind">How many messages the route has still to take.</param>
/// <param name="State">Whether it runs, else why not; <c>late</c> when a fire is due that nobody made.</param>
internal sealed record ScheduleReport(string Route, string On, DateTimeOffset? Next, DateTime? Last, string Misfire, long Behind, string State)
{
    public static ScheduleReport Of(RouteDefinition definition, RouteReport route, SourceStatus? source, DateTimeOffset now)
    {
        var schedule = Schedule.Of(definition.Source);
        DateTimeOffset? due = ScheduleMessages.TimeOf(source?.Position) is { } position ? schedule.NextAfter(position) : null;
        bool isLate = definition.Enabled && due < now - DueFires.Tolerance;
        return new ScheduleReport(
            route.Name, route.On, schedule.NextAfter(now), source?.LastMessageAt, ScheduleRules.Word(definition.Misfire), route.Behind,
            isLate ? $"late since {due:u}: no worker makes it" : route.State);
    }
}
