using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Crashes;

[Trait("suite", "crash")]
public sealed class KillTests(PublishedBridge published)
{
    private const int Kills = 20;

    [Fact]
    public async Task Workers_killed_at_random_moments_lose_nothing_and_do_nothing_twice()
    {
        var chance = Chance.New();
        await using Bridge bridge = await Bridge.StartAsync();
        await using OrderFlow flow = await OrderFlow.PrepareAsync(bridge);
        await using WorkerDynos workers = await WorkerDynos.OfAsync(published, bridge);
        await workers.StartWorkingAsync();
        await flow.UntilHeardAsync();
        flow.Begin();

        for (int kill = 0; kill < Kills; kill++)
        {
            // The second half is done by two workers.
            if (kill == Kills / 2)
                workers.Start();
            WorkerDyno victim = workers.Running[chance.Next(workers.Running.Count)];
            // Some die while they start.
            if (chance.Next(5) > 0)
                await victim.TookAsync();
            await chance.MomentAsync(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(1200));
            await workers.KillAsync(victim);
            workers.Start();
        }

        FlowAccount account = await flow.EndAsync();
        chance.Note($"{Kills} kills: {account}");
        account.Events.ShouldBeGreaterThan(1000);
    }
}
