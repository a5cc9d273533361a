using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

public sealed class OrderJourneyTests
{
    [Fact]
    public async Task An_order_placed_in_the_org_is_accepted_by_a_sql_file()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithExample("order-accepted");
        await using TestHost worker = await bridge.RunAsync();
        await bridge.Org.WhenSubscribedAsync("/event/Order_Placed__e", TestContext.Current.CancellationToken);

        string order = bridge.Org.Create("Order__c", new { Amount__c = 250, Status__c = "Placed" });
        bridge.Org.Publish("Order_Placed__e", new { Order_Id__c = order, Amount__c = 250 });

        await bridge.UntilOrgAsync(org => org.Read("Order__c", order)!.Value.GetProperty("Status__c").GetString() == "Accepted");
        await bridge.UntilAsync("select count(*) = 1 from bridge.outcome where lane = 'order-accepted'");
    }
}
