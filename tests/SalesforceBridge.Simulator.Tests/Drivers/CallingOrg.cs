using SalesforceBridge.Simulator.Ledger;

namespace SalesforceBridge.Simulator.Tests.Drivers;

/// <summary>Orgs with rules that call a receiver, and what tests wait for in them.</summary>
internal static class CallingOrg
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>An org with the usual schema, whose one rule is called Rule. Its retries come a hundred thousand times faster.</summary>
    public static async Task<SimulatedOrg> StartAsync(ReceiverDriver receiver, string rulesYaml, SimulatorOptions? options = null)
    {
        SimulatorOptions settings = (options ?? new SimulatorOptions { RetrySpeed = 100_000 }) with { RulesYaml = rulesYaml };
        SimulatedOrg org = await SimulatedOrg.StartAsync(settings, OrgDriver.Ct);
        org.PointRule("Rule", receiver.Url);
        return org;
    }

    public static string Win(this SimulatedOrg org, string name = "Big deal") =>
        org.Create("Opportunity", new { Name = name, StageName = "Closed Won", CloseDate = "2026-04-03" });

    public static Task WhenAsync(this SimulatedOrg org, Func<IReadOnlyList<SentDelivery>, bool> condition) =>
        org.WhenAsync(org => condition(org.Ledger.Deliveries), OrgDriver.Ct).WaitAsync(Limit, OrgDriver.Ct);

    /// <summary>The deliveries, once there are that many and all have ended.</summary>
    public static async Task<IReadOnlyList<SentDelivery>> WhenEndedAsync(this SimulatedOrg org, int count)
    {
        await org.WhenAsync(deliveries => deliveries.Count(delivery => delivery.Status is not DeliveryStatus.Pending) == count);
        return org.Ledger.Deliveries;
    }
}
