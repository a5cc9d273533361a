using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Crashes;

/// <summary>Published workers of one app, each a process of its own with the times of production.</summary>
internal sealed class WorkerDynos(string app, Bridge bridge) : IAsyncDisposable
{
    private readonly List<WorkerDyno> _all = [];

    /// <summary>Those that were not ended yet, oldest first.</summary>
    public IReadOnlyList<WorkerDyno> Running => [.. _all.Where(worker => !worker.Process.HasEnded)];

    public static async Task<WorkerDynos> OfAsync(PublishedBridge published, Bridge bridge) => new(await published.FolderAsync(), bridge);

    /// <summary>Starts one more. Every one has a name of its own, so that its row and connections can be told apart.</summary>
    public WorkerDyno Start()
    {
        string name = $"worker.{_all.Count + 1}";
        Dyno dyno = new Dyno(app).With("DYNO", name).With("LOG_FORMAT", "logfmt");
        foreach ((string variable, string value) in bridge.Vars)
            dyno.With(variable, value);
        var worker = new WorkerDyno(name, dyno.Start("worker"));
        _all.Add(worker);
        return worker;
    }

    /// <summary>Starts one more, and waits until it has taken work.</summary>
    public async Task<WorkerDyno> StartWorkingAsync()
    {
        WorkerDyno worker = Start();
        await worker.TookAsync();
        return worker;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync(WorkerDyno worker)
    {
        await worker.Process.SignalAsync("KILL");
        await worker.Process.EndAsync();
        await LetLeaseRunOutAsync(worker);
    }

    /// <summary>Lets the time pass, by the database's clock, after which a worker that does not beat loses its cursors.</summary>
    public Task LetLeaseRunOutAsync(WorkerDyno worker) =>
        bridge.Database.ExecuteAsync($"update bridge.worker set seen_at = seen_at - interval '15 s' where dyno = '{worker.Name}'");

    public async ValueTask DisposeAsync()
    {
        foreach (WorkerDyno worker in _all)
        {
            await worker.Process.DisposeAsync();
            foreach (string line in worker.Errors.Take(5))
                TestContext.Current.TestOutputHelper?.WriteLine($"{worker.Name}: {line}");
        }
    }
}

/// <summary>A worker in a process of its own.</summary>
/// <param name="Name">As in the <c>worker</c> table.</param>
/// <param name="Process">The process.</param>
internal sealed record WorkerDyno(string Name, RunningProcess Process)
{
    /// <summary>The lines that tell of an error.</summary>
    public IEnumerable<string> Errors => Process.Output.Split('\n').Where(line => line.Contains("at=error", StringComparison.Ordinal));

    /// <summary>Waits until it has taken its first cursor.</summary>
    public Task TookAsync() => Process.LineWithAsync(" under epoch ");
}
