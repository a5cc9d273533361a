using System.Diagnostics;
using SalesforceBridge.Simulator;

namespace SalesforceBridge.Sandbox.Live;

/// <summary>The sandbox to look at: orders are placed, the bridge works, and what happens is shown until Ctrl-C.</summary>
internal sealed class LiveRun(Screen screen, TimeProvider time)
{
    private static readonly TimeSpan MishapEvery = TimeSpan.FromSeconds(20);

    /// <summary>Runs until it is told to stop, then ends everything that it started.</summary>
    public async Task RunAsync(IReadOnlyDictionary<string, string> environment, CancellationToken ct)
    {
        var sinceStart = Stopwatch.StartNew();
        screen.Print("SalesforceBridge sandbox. A PostgreSQL (installed first, if there is none here), a simulated org and the bridge are started ...");
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync(environment, screen.Tell, time, ct);
        screen.Print(Welcome(sandbox));
        var desk = new OrderDesk(sandbox.Org);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task[] parts =
        [
            new OrderTraffic(desk, new AppDesk(sandbox.Database), screen, time).RunAsync(ending.Token), TellFirstAsync(sandbox.Org, sinceStart, ending.Token),
            ShowAsync(sandbox, ending.Token), MeetWithMishapsAsync(sandbox.Org, ending.Token),
        ];
        // The first one is done with its only line soon; any other ends when it is told to, or with a fault.
        await Task.WhenAny(parts.Where((_, n) => n != 1));
        await ending.CancelAsync();
        screen.Print("");
        screen.Tell("ending: the worker finishes what it began, then everything goes");
        await Task.WhenAll(parts).ContinueWith(_ => { }, TaskScheduler.Default);
        if (parts.FirstOrDefault(part => part.IsFaulted) is { } failed)
            await failed;
    }

    private static string Welcome(RunningSandbox sandbox) => $"""

          org        {sandbox.Org.Url}  (what it saw: {sandbox.Org.Url}_admin/writes, what it sent: {sandbox.Org.Url}_admin/deliveries)
          bridge     {sandbox.ReadyUrl}
          database   {sandbox.Database.PsqlLine}
                     select * from {sandbox.Database.Schema}.inbox order by id desc limit 3; select * from order_archive limit 3;
                     update salesforce.contact set email = 'you@app.example' where id = 1;  (the org follows, as with Heroku Connect)
                     select * from contact_refusal; select * from contact_card limit 3;
          routes     {sandbox.RoutesFolder}  (change one, then end the worker: it starts again with it)
          worker     pid {sandbox.Worker.Pid}, log {sandbox.Worker.LogFile}
                     kill -9 {sandbox.Worker.Pid}: it is started again and nothing is lost
          Ctrl-C ends everything. With --check it does 1,000 events under faults and verifies what was promised.

        """;

    private async Task TellFirstAsync(SimulatedOrg org, Stopwatch sinceStart, CancellationToken ct)
    {
        await org.WhenAsync(org => org.Ledger.Writes.Any(write => write is { Object: "Order__c", Error: null }), ct);
        screen.Tell($"the first order was accepted in the org, {sinceStart.Elapsed.TotalSeconds:0.0} s after the start");
    }

    private async Task ShowAsync(RunningSandbox sandbox, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        long before = 0;
        while (await timer.WaitForNextTickAsync(ct))
        {
            Figures now = await Figures.ReadAsync(sandbox.Database, ct);
            screen.Show(
                $"messages {now.Received} (+{now.Received - before}/s; callouts {now.Callouts}, notifications {now.Notifications}), routes run {now.RoutesRun}, records updated {now.Updated}, events published {now.Published}, " +
                $"contacts changed by the app {now.Sent} (refused {now.Refused}, told {now.Told}) and by the org {now.Followed}, " +
                $"lag {now.Lag:0} ms (longest {now.LongestLag:0}), retrying {now.Retrying}, dead letters {now.DeadLetters}");
            before = now.Received;
        }
    }

    private async Task MeetWithMishapsAsync(SimulatedOrg org, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(MishapEvery, time);
        for (int n = 0; await timer.WaitForNextTickAsync(ct); n++)
        {
            Mishap mishap = Mishap.All[n % Mishap.All.Count];
            screen.Tell($"fault: {mishap.What}");
            org.Faults.Add(mishap.Fault);
        }
    }
}
