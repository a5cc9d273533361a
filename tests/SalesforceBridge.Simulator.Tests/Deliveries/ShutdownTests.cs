using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Deliveries;

public sealed class ShutdownTests
{
    private const string Rules = """
        outboundMessages:
          - { name: Rule, object: Contact }
        apexTriggers:
          - { name: Trigger, object: Contact, on: [insert] }
        """;

    [Fact]
    public async Task An_org_stops_at_once_with_callouts_under_way()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Silence);
        SimulatedOrg org = await CallingOrg.StartAsync(receiver, Rules, new SimulatorOptions());
        org.PointRule("Trigger", receiver.Url);
        var arrived = new TaskCompletionSource();
        receiver.Next(_ => Task.FromResult(Reply.Silence));
        receiver.Next(_ =>
        {
            arrived.SetResult();
            return Task.FromResult(Reply.Silence);
        });

        org.Create("Contact", new { LastName = "Ode" });
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10), OrgDriver.Ct);

        await StopAsync(org);
    }

    [Fact]
    public async Task An_org_stops_at_once_with_retries_and_held_deliveries_waiting()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Nack, new Reply(503, ""));
        SimulatedOrg org = await CallingOrg.StartAsync(receiver, Rules, new SimulatorOptions());
        org.PointRule("Trigger", receiver.Url);
        org.Faults.Add(new Fault.ReorderedDelivery { Rule = "Trigger" });

        org.Create("Contact", new { LastName = "Ode" });
        await org.WhenAsync(deliveries => deliveries.Count == 2 && deliveries.Any(delivery => delivery.NextAttemptAt is not null));

        await StopAsync(org);
    }

    private static Task StopAsync(SimulatedOrg org) => org.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), OrgDriver.Ct);
}
