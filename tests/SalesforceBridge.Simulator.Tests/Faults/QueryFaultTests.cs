using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Faults;

public sealed class QueryFaultTests
{
    private const string Names = "select Name from Account order by Name";

    [Fact]
    public async Task A_locator_lives_for_two_days()
    {
        var clock = new SettableClock();
        await using OrgDriver driver = await StartAsync(new SimulatorOptions { TimeProvider = clock, TokenLifetime = TimeSpan.FromDays(9) });
        string next = Next(await PageAsync(driver));

        clock.Advance(TimeSpan.FromHours(47));
        (await driver.GetAsync(next)).Status.ShouldBe(200);
        clock.Advance(TimeSpan.FromHours(2));

        (await driver.GetAsync(next)).ErrorCode.ShouldBe("INVALID_QUERY_LOCATOR");
    }

    [Fact]
    public async Task A_locator_expires_on_demand_and_stays_so()
    {
        await using OrgDriver driver = await StartAsync();
        string next = Next(await PageAsync(driver));
        driver.Org.Faults.Add(new Fault.ExpiredLocator { Times = 1 });

        Answer first = await driver.GetAsync(next);
        Answer second = await driver.GetAsync(next);

        (first.Status, first.ErrorCode, second.ErrorCode).ShouldBe((400, "INVALID_QUERY_LOCATOR", "INVALID_QUERY_LOCATOR"));
        (await driver.GetAsync(Next(await PageAsync(driver)))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Pages_can_be_smaller_than_the_client_asked_for()
    {
        await using OrgDriver driver = await StartAsync();
        ActiveFault small = driver.Org.Faults.Add(new Fault.SmallPages(7));

        Answer first = await PageAsync(driver);
        Answer second = await driver.GetAsync(Next(first));
        driver.Org.Faults.Remove(small.Id);
        Answer rest = await driver.GetAsync(Next(second));

        int[] sizes = [.. new[] { first, second, rest }.Select(page => page.Json.GetProperty("records").GetArrayLength())];
        sizes.ShouldBe([7, 7, 286]);
        small.Struck.ShouldBe(2);
    }

    private static async Task<OrgDriver> StartAsync(SimulatorOptions? options = null)
    {
        OrgDriver driver = await OrgDriver.StartAsync(options);
        foreach (int number in Enumerable.Range(100, 300))
            driver.Org.Create("Account", new { Name = $"A{number}" });
        return driver;
    }

    private static Task<Answer> PageAsync(OrgDriver driver) =>
        driver.SendAsync(HttpMethod.Get, $"query?q={Uri.EscapeDataString(Names)}", null, ("Sforce-Query-Options", "batchSize=200"));

    private static string Next(Answer page) => page.Json.GetProperty("nextRecordsUrl").GetString()!;
}
