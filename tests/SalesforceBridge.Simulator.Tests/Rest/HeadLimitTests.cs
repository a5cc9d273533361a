using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest;

public sealed class HeadLimitTests
{
    [Theory]
    [InlineData(10_000, 10, 400)]
    [InlineData(17_000, 10, 414)]
    [InlineData(10_000, 7_000, 431)]
    [InlineData(100, 17_000, 431)]
    public async Task An_address_and_its_headers_have_room_for_16384_bytes(int address, int header, int status)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.SendAsync(HttpMethod.Get, $"query?q={new string('a', address)}", null, ("X-Long", new string('b', header)));

        answer.Status.ShouldBe(status);
    }
}
