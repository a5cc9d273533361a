using System.Diagnostics;
using Npgsql;
using SalesforceBridge.Sandbox.Live;
using SalesforceBridge.Simulator.Faults;

namespace SalesforceBridge.Sandbox.Check;

/// <summary>A fixed workload while things go wrong; then, when all is quiet, what was promised is held against both sides.</summary>
internal sealed class CheckRun(CheckPlan plan, Screen screen, TimeProvider time)
{
    // Long enough for a killed worker's share to move, for what failed five times, and for a slow machine.
    private static readonly TimeSpan StrikeLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan QuietLimit = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(25);

    /// <summary>Does it all, and says whether every promise was kept.</summary>
    public async Task<bool> RunAsync(IReadOnlyDictionary<string, string> environment, CancellationToken ct)
    {
        var elapsed = Stopwatch.StartNew();
        screen.Print($"Checking: {plan.Events} events, {plan.Mishaps.Count} faults, {plan.Kills} x kill -9.");
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync(environment, screen.Tell, time, ct);
        var desk = new OrderDesk(sandbox.Org);
        var app = new AppDesk(sandbox.Database);
        Adversity met = await WorkAsync(sandbox, desk, app, ct);
        screen.Tell(
            $"the org had {desk.EventCount} events, {desk.Contacts.Count} new contacts and {desk.Deals.Count} won deals, and apps worked on the contacts; waiting until all is quiet");
        var calls = new OrgCalls(sandbox.Org, desk);
        bool quiet = await IsQuietAsync(sandbox, desk, calls, ct);
        screen.Tell(quiet ? "all is quiet" : $"it is not quiet after {QuietLimit.TotalSeconds} s");

        IReadOnlyList<Promise> promises =
        [
            .. await new Examination(sandbox.Org, sandbox.Database, desk, calls).ExamineAsync(ct),
            .. await new ContactExamination(sandbox.Org, sandbox.Database, app).ExamineAsync(ct), .. met.Promises(plan),
        ];
        bool kept = promises.All(promise => promise.IsKept);
        screen.Print($"\n{Promise.Table(promises)}\n\n{(kept ? "Every promise was kept" : "NOT every promise was kept")} ({elapsed.Elapsed.TotalSeconds:0.0} s).");
        if (!kept)
            screen.Print(await LogTailAsync(sandbox.Worker.LogFile, ct));
        return kept;
    }

    private async Task<Adversity> WorkAsync(RunningSandbox sandbox, OrderDesk desk, AppDesk app, CancellationToken ct)
    {
        var workload = new CheckWorkload(desk, plan.Events);
        int rounds = plan.Mishaps.Count + plan.Kills + 1;
        int share = plan.Events / rounds;
        var met = new Adversity();
        await MakeAsync(share);
        foreach (Mishap[] part in plan.Mishaps.Chunk(Math.Max(plan.Mishaps.Count / (plan.Kills + 1) + 1, 1)))
        {
            foreach (Mishap mishap in part)
            {
                screen.Tell($"fault: {mishap.What}");
                ActiveFault fault = sandbox.Org.Faults.Add(mishap.Fault);
                await MakeAsync(share);
                met.Struck += await WhenAsync(() => fault.Struck >= mishap.Fault.Times, StrikeLimit, ct) ? 1 : 0;
            }

            if (met.Kills < plan.Kills)
            {
                await MakeAsync(share);
                await KillAsync(sandbox, met, ct);
            }
        }

        await MakeAsync(plan.Events);
        await app.CorrectAsync(ct);
        return met;

        async Task MakeAsync(int events)
        {
            workload.Make(events);
            await sandbox.HerokuConnect.ReadNowAsync(ct);
            await app.TakeTurnAsync(ct);
        }
    }

    // While it is at work: what it holds in memory is gone, and what it asked of the org may or may not be done.
    private async Task KillAsync(RunningSandbox sandbox, Adversity met, CancellationToken ct)
    {
        int starts = sandbox.Worker.Starts;
        screen.Tell($"kill -9 {sandbox.Worker.Pid}");
        sandbox.Worker.Kill();
        met.Kills++;
        met.Returns += await WhenAsync(() => sandbox.Worker.Starts > starts, StrikeLimit, ct) ? 1 : 0;
    }

    private async Task<bool> WhenAsync(Func<bool> condition, TimeSpan limit, CancellationToken ct)
    {
        long begun = time.GetTimestamp();
        using var timer = new PeriodicTimer(Glance, time);
        while (!condition())
        {
            if (time.GetElapsedTime(begun) > limit)
                return false;
            await timer.WaitForNextTickAsync(ct);
        }

        return true;
    }

    // What the bridge writes makes the org call again. So both are asked, and between the two nothing may have been written.
    private async Task<bool> IsQuietAsync(RunningSandbox sandbox, OrderDesk desk, OrgCalls calls, CancellationToken ct)
    {
        long begun = time.GetTimestamp();
        using var timer = new PeriodicTimer(Glance * 4, time);
        while (time.GetElapsedTime(begun) < QuietLimit)
        {
            await sandbox.HerokuConnect.WriteNowAsync(ct);
            await sandbox.HerokuConnect.ReadNowAsync(ct);
            int told = calls.Count;
            if (calls.AreOver && await IsDoneAsync(sandbox.Database, desk.EventCount + told, ct) && calls.Count == told)
                return true;
            await timer.WaitForNextTickAsync(ct);
        }

        return false;
    }

    private static async Task<bool> IsDoneAsync(SandboxDatabase database, int messages, CancellationToken ct)
    {
        string s = database.Schema;
        // Of other cursors the position is no number.
        await using NpgsqlCommand quiet = database.Source.CreateCommand($"""
            select (select count(*) from {s}.inbox where {SandboxDatabase.IsOfTheOrg}) >= {messages}
               and (select count(*) from {s}.inbox where source = 'connect-error') >= (select count(*) from {SandboxDatabase.SyncedSchema}._trigger_log where state = 'FAILED')
               and not exists (select from {s}.change)
               and not exists (select from {s}.failure where state <> 'dead')
               and not exists (select from {s}.alert)
               and not exists (select from {s}.cursor c join {s}.inbox i on c.name like 'route % on ' || i.source
                               where i.id > case when c.name like 'route %' then coalesce(c.position, '0')::bigint end)
               and not exists (select from {s}.cursor c join {s}.outbox o on c.name = 'lane ' || o.lane
                               where o.id > case when c.name like 'lane %' then coalesce(c.position, '0')::bigint end or c.in_flight is not null)
            """);
        return await quiet.ExecuteScalarAsync(ct) is true;
    }

    private static async Task<string> LogTailAsync(string file, CancellationToken ct)
    {
        using var log = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        string[] lines = (await log.ReadToEndAsync(ct)).Split('\n');
        return $"The end of the worker's log:\n{string.Join('\n', lines.TakeLast(40))}";
    }
}
