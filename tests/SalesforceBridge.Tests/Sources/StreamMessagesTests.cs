using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Streaming;
using SalesforceBridge.Sources;

namespace SalesforceBridge.Tests.Sources;

public sealed class StreamMessagesTests
{
    [Theory]
    [InlineData("com/salesforce/api/rest/62.0;client=bridge.order-mirror.2", "bridge:order-mirror", 2)]
    [InlineData("com/salesforce/api/rest/62.0;client=bridge.a_b.9999", "bridge:a_b", 9999)]
    [InlineData("client=bridge.a.1;x=y", "bridge:a", 1)]
    [InlineData("com/salesforce/api/rest/62.0;client=bridge", null, 0)]
    [InlineData("com/salesforce/api/rest/62.0;client=bridge.Order.1", null, 0)]
    [InlineData("com/salesforce/api/rest/62.0;client=bridge.a.12345", null, 0)]
    [InlineData("com/salesforce/api/rest/62.0;client=bridge.a.-1", null, 0)]
    [InlineData("com/salesforce/api/rest/62.0;client=my-bridge.a.1", null, 0)]
    [InlineData("com/salesforce/api/soap/62.0;client=SfdcInternalAPI/", null, 0)]
    [InlineData("", null, 0)]
    [InlineData(null, null, 0)]
    public void A_change_says_which_route_caused_it(string? changeOrigin, string? origin, int hops)
    {
        NewMessage message = StreamMessages.Of("change Account", new StreamedEvent(
            "/data/AccountChangeEvent", null, "{}"u8.ToArray(), "{}"u8.ToArray(), null, null, new ChangeHeader("1", 1, "Account", "UPDATE", "001", 1) { ChangeOrigin = changeOrigin }));

        (message.Origin, message.Hops).ShouldBe((origin, hops));
    }
}
