using System.CommandLine;
using System.Runtime.InteropServices;
using SalesforceBridge.Backfills;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge backfill</c>: tells a route every record of its source, in the foreground, and goes on where it was when typed again.</summary>
internal sealed class BackfillCommand : BridgeCommand
{
    private readonly Argument<string> _route = new("route") { Description = "The route's name" };
    private readonly Option<string?> _where = new("--where") { Description = "Only some records: a condition in SOQL, or in SQL on a table" };
    private readonly Option<bool> _restart = new("--restart") { Description = "Begin anew instead of going on where it was" };

    public BackfillCommand(CommandContext context)
        : base("backfill", "Tells a route every record of its source as it is now", context)
    {
        Add(_route);
        Add(_where);
        Add(_restart);
    }

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        RouteDefinition route = session.RouteNamed(session.Value(_route)).Definition;
        if (BackfillSource.FaultOf(route) is { } fault)
            throw new RefusedException($"Route {route.Name}: {fault}");
        BackfillLog backfills = await session.OpenAsync<BackfillLog>(ct);
        TableBackfill? table = route.Source.Kind == SourceKind.Table ? await session.OpenAsync<TableBackfill>(ct) : null;
        await CheckAsync(table, route, session.Value(_where), ct);
        if (table is null)
            await session.RequireOwnOrgAsync("Nothing is loaded.", ct);
        Backfill begun = await BeginAsync(session, backfills, route, ct);
        if (table is not null && begun.Position is null && await table.EstimateAsync(route, begun.Condition, ct) is { } rows)
            begun = await backfills.CountAsync(begun, rows, ct);
        Func<Backfill, CancellationToken, Task<Backfill>> step = table is null
            ? (await RecordsAsync(session, backfills, route, begun, ct)).StepAsync
            : async (at, stop) => await table.StepAsync(route, at, stop) switch
            {
                TableBackfillStep.Stored(var next) => next,
                TableBackfillStep.Refused(var why) => throw new RefusedException(why),
                _ => throw new InvalidOperationException("A step is stored or refused."),
            };
        var run = new BackfillRun(backfills, await session.OpenAsync<StorageGauge>(ct), await session.OpenAsync<MessagingOptions>(ct), session.Time, line => TellAsync(session, line));
        return await RunAsync(session, run, begun, step, ct);
    }

    private static async Task<int> RunAsync(
        CommandSession session, BackfillRun run, Backfill begun, Func<Backfill, CancellationToken, Task<Backfill>> step, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            await run.RunAsync(begun, step, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What is stored stays, and the report says how far that is.
        }
        catch (BackfillTakenException)
        {
            throw new RefusedException($"Another session works on the backfill of route {begun.Route}, so this one ends; `bridge status` shows how far it is.");
        }

        Backfill at = run.At!;
        Gaps gaps = await session.OpenAsync<Gaps>(CancellationToken.None);
        Gap[] open = [.. (await gaps.ListAsync(CancellationToken.None)).Where(gap => gap.Source == at.Source && gap.Healed is null)];
        await session.PrintAsync(BackfillReport.Of(at, open), CommandJson.Default.BackfillReport, BackfillText.Of);
        return at.FinishedAt is null ? 1 : 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task CheckAsync(TableBackfill? table, RouteDefinition route, string? condition, CancellationToken ct)
    {
        string? fault = table is not null
            ? await table.FaultOfAsync(route, condition, ct)
            : condition is null ? null : BackfillSource.FaultOfCondition(condition);
        if (fault is not null)
            throw new RefusedException(fault);
    }

    private async Task<Backfill> BeginAsync(CommandSession session, BackfillLog backfills, RouteDefinition route, CancellationToken ct)
    {
        switch (await backfills.BeginAsync(route, session.Value(_where), session.Value(_restart), ct))
        {
            case BackfillStart.Began(var backfill):
                return backfill;
            case BackfillStart.GoesOn(var backfill):
                await TellAsync(session, $"It goes on where it was. {BackfillText.Progress(backfill)}");
                return backfill;
            case BackfillStart.Refused(var why):
                throw new RefusedException(why);
            default:
                throw new InvalidOperationException("A backfill begins, goes on or is refused.");
        }
    }

    // Every call that a backfill makes of the org goes through this client.
    private static async Task<RecordBackfill> RecordsAsync(
        CommandSession session, BackfillLog backfills, RouteDefinition route, Backfill begun, CancellationToken ct)
    {
        SalesforceClient org = session.Org;
        BackfillSource source = await BackfillSource.OfAsync(org, route, begun, ct);
        MessagingOptions options = await session.OpenAsync<MessagingOptions>(ct);
        return new RecordBackfill(source, org, backfills, new Pause(options, session.Time), session.Time);
    }

    private static Task TellAsync(CommandSession session, string line) => session.WantsJson ? Task.CompletedTask : session.Output.WriteLineAsync(line);
}
