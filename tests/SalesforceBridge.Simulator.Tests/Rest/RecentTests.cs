using System.Text.Json;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest;

public sealed class RecentTests
{
    [Fact]
    public async Task The_records_that_a_user_wrote_come_with_the_last_one_first()
    {
        var clock = new SettableClock();
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { TimeProvider = clock });
        string first = (await driver.PostAsync("sobjects/Account", new { Name = "A" })).Id;
        clock.Advance(TimeSpan.FromSeconds(2));
        await driver.PostAsync("sobjects/Contact", new { LastName = "Roe" });
        driver.Org.Create("Account", new { Name = "of another" }, asUser: "ann@example.com");
        clock.Advance(TimeSpan.FromSeconds(2));
        await driver.PatchAsync($"sobjects/Account/{first}", new { Name = "B" });

        JsonElement all = (await driver.GetAsync("recent")).Json;
        JsonElement one = (await driver.GetAsync("recent?limit=1")).Json;

        all.EnumerateArray().Select(record => record.GetProperty("attributes").GetProperty("type").GetString()).Take(2).ShouldBe(["Account", "Contact"]);
        all.GetRawText().ShouldNotContain("of another");
        one.EnumerateArray().Select(record => record.GetProperty("Name").GetString()).ShouldBe(["B"]);
    }
}
