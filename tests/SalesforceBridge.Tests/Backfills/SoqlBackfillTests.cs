using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Backfills;

public sealed class SoqlBackfillTests
{
    [Fact]
    public async Task Every_row_of_a_query_is_told_as_a_snapshot_and_deletes_before_them()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync(headers: "-- deletes: yes\n");
        polled.CreateAccounts(3);
        polled.Org.Create("Account", new { Name = "left out" });
        polled.Org.Delete("Account", polled.Org.Create("Account", new { Name = "gone" }));
        polled.PassMinutes(5);
        await using TestHost worker = await polled.RunAsync();
        await polled.UntilPolledAsync();

        CommandLine command = (await CommandLine.RunWithAsync(polled.Bridge.Vars, polled.Replace, "backfill", "telling")).ShouldSucceed();
        await polled.UntilToldAsync(4);

        command.Output.ShouldContain("Done: 3 records");
        command.Output.ShouldContain("and 1 that were deleted since");
        (await polled.ToldAsync()).ShouldBe(["delete", "snapshot A0", "snapshot A1", "snapshot A2"]);
    }

    [Fact]
    public async Task What_changes_afterwards_is_told_by_the_poll()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync();
        string account = polled.Org.Create("Account", new { Name = "old" });
        polled.PassMinutes(5);
        await using TestHost worker = await polled.RunAsync();
        await polled.UntilPolledAsync();
        (await CommandLine.RunWithAsync(polled.Bridge.Vars, polled.Replace, "backfill", "telling")).ShouldSucceed();

        polled.Org.Update("Account", account, new { Name = "new" });
        polled.PassMinutes();
        await polled.UntilToldAsync(2);

        (await polled.ToldAsync()).ShouldBe(["snapshot old", "upsert new"]);
    }
}
