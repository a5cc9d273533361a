using System.Text;
using SalesforceBridge.Health;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge status</c>: the whole bridge on one screen.</summary>
internal sealed class StatusCommand(CommandContext context) : BridgeCommand("status", "Shows workers, routes, lanes, alerts, gaps and storage", context)
{
    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        BridgeStatus status = await session.OpenAsync<BridgeStatus>(ct);
        StorageGauge storage = await session.OpenAsync<StorageGauge>(ct);
        Alerts alerts = await session.OpenAsync<Alerts>(ct);
        Gaps gaps = await session.OpenAsync<Gaps>(ct);
        BackfillLog backfills = await session.OpenAsync<BackfillLog>(ct);
        await storage.MeasureAsync(ct);
        var report = new StatusReport(
            await status.WorkersAsync(ct),
            await RouteReport.ReadAsync(session.Routes, status, ct),
            await status.LanesAsync(ct),
            await alerts.ListAsync(ct),
            [.. (await gaps.ListAsync(ct)).Where(gap => gap.Healed is null)],
            new StorageUse(storage.Used, session.Settings.Storage),
            await ApiReport.ReadAsync(session, ct))
        {
            Backfills = await backfills.UnderWayAsync(ct),
            HerokuConnect = await HerokuConnectReport.ReadAsync(session, ct),
            Org = await (await session.OpenAsync<OrgBinding>(ct)).FindAsync(ct),
        };
        await session.PrintAsync(report, CommandJson.Default.StatusReport, all => StatusText.Of(all, session.Time.GetUtcNow()));
        return 0;
    }
}

/// <summary>The whole bridge.</summary>
internal sealed record StatusReport(
    IReadOnlyList<WorkerStatus> Workers, IReadOnlyList<RouteReport> Routes, IReadOnlyList<Progress> Lanes, IReadOnlyList<Alert> Alerts,
    IReadOnlyList<Gap> Gaps, StorageUse Storage, ApiReport Api)
{
    /// <summary>The backfills that did not come to their end yet.</summary>
    public IReadOnlyList<Backfill> Backfills { get; init; } = [];

    /// <summary>Heroku Connect's part; null where there is none in this database and nobody asks Heroku.</summary>
    public HerokuConnectReport? HerokuConnect { get; init; }

    /// <summary>The org that the database belongs to; null while there was none.</summary>
    public BoundOrg? Org { get; init; }
}

/// <summary>What the schema holds, and what it may hold, in bytes.</summary>
internal sealed record StorageUse(long Used, long Allowed);

/// <summary>A status as a screen of text.</summary>
internal static class StatusText
{
    public static string Of(StatusReport status, DateTimeOffset now)
    {
        var text = new StringBuilder();
        text.AppendLine($"ORG  {(status.Org is { } org ? $"{org.Id}, since {org.Since:u}" : "none yet: the first one that a worker signs in to")}");
        Section(text, "WORKERS", "none: start one with heroku ps:scale worker=1", status.Workers.Select(worker =>
            $"{worker.Dyno} {worker.Version}{(worker.IsAlive ? "" : " vanished,")} seen {Ages.Of(TimeSpan.FromSeconds(worker.SecondsAgo))} ago, holds {worker.Cursors.Length} cursors"));
        Section(text, "ROUTES", "none", status.Routes.Select(route =>
            $"{route.Name}: {route.State}{Numbers((route.Behind, "behind"), (route.Waiting, "waiting"), (route.Dead, "dead"))}"));
        Section(text, "LANES", "none", status.Lanes.Select(lane =>
            $"{lane.Name}: {(lane.Stopped is { } why ? $"stopped: {why}" : "open")}{Numbers((lane.Behind, "to make"), (lane.Retrying + lane.Waiting, "waiting"), (lane.Dead, "dead"))}{Since(lane, now)}"));
        Section(text, "ALERTS", "none", status.Alerts.Select(alert => $"{alert.Name}, since {alert.Since:u}: {alert.What}"));
        Section(text, "GAPS", "none", status.Gaps.Select(gap => $"{gap.Id}: {gap.Source}, noticed {gap.NoticedAt:u}: {gap.Why}"));
        if (status.Backfills.Count > 0)
            Section(text, "BACKFILLS", "none", status.Backfills.Select(backfill => $"{BackfillText.Progress(backfill)}, the last page {Ages.Of(now - backfill.UpdatedAt)} ago; `bridge backfill {backfill.Route}` goes on with it"));
        if (status.HerokuConnect is { } connect)
            Section(text, "HEROKU CONNECT", "none", connect.Lines(now));
        text.AppendLine($"STORAGE  {status.Storage.Used >> 20} MB of {status.Storage.Allowed >> 20} MB");
        return text.Append(OfApi(status.Api)).ToString();
    }

    private static string OfApi(ApiReport api) => string.Join("\n  ", (string[])[
        $"API      {(api.Usage is { } usage ? $"{usage.Used} of {usage.Allowed} calls in 24 hours{Told(api.ToldAgo)}" : "not known")}; budget {api.Budget}; the bridge made {api.Calls}",
        .. api.Callers.Select(caller => $"{caller.Caller}: {caller.Calls}"),
    ]);

    private static string Told(double? secondsAgo) => secondsAgo >= 1 ? $", as it was {Ages.Of(TimeSpan.FromSeconds(secondsAgo.Value))} ago" : "";

    private static void Section(StringBuilder text, string title, string none, IEnumerable<string> lines)
    {
        string[] all = [.. lines];
        text.AppendLine(all.Length == 0 ? $"{title}  {none}" : title);
        foreach (string line in all)
            text.AppendLine($"  {line}");
    }

    private static string Numbers(params ReadOnlySpan<(long Number, string What)> numbers)
    {
        var text = new StringBuilder();
        foreach ((long number, string what) in numbers)
            text.Append(number == 0 ? "" : $", {number} {what}");
        return text.ToString();
    }

    private static string Since(Progress lane, DateTimeOffset now) => lane.BehindSince is { } since ? $", the oldest {Ages.Of(now.UtcDateTime - since)} old" : "";
}
