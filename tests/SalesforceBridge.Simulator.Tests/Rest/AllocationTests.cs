using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest;

/// <summary>What the org says of its limits, where a test wants it to say something else.</summary>
public sealed class AllocationTests
{
    [Fact]
    public async Task A_limit_may_say_that_little_is_left_or_not_be_named()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Faults.Add(new Fault.UsedAllocation("DailyDeliveredPlatformEvents", 7));
        driver.Org.Faults.Add(new Fault.UsedAllocation("MassEmail", null));

        Answer limits = await driver.GetAsync("limits");

        limits.Json.GetProperty("DailyDeliveredPlatformEvents").GetProperty("Remaining").GetInt32().ShouldBe(7);
        limits.Json.GetProperty("SingleEmail").GetProperty("Remaining").GetInt32().ShouldBe(50_000);
        limits.Json.TryGetProperty("MassEmail", out _).ShouldBeFalse();
    }
}
