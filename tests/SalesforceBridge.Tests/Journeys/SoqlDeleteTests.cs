using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

/// <summary>Deleted records, which a query does not show.</summary>
public sealed class SoqlDeleteTests
{
    private const string WithDeletes = "-- deletes: yes\n";

    [Fact]
    public async Task A_deleted_record_is_told_once_whatever_the_filter_says()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync(headers: WithDeletes);
        await using TestHost worker = await polled.RunAsync();
        await polled.UntilPolledAsync();

        string seen = polled.Org.Create("Account", new { Name = "seen" });
        string unseen = polled.Org.Create("Account", new { Name = "left out" });
        polled.PassMinutes();
        await polled.UntilToldAsync(1);
        polled.Org.Delete("Account", seen);
        polled.Org.Delete("Account", unseen);
        polled.PassMinutes();
        await polled.UntilToldAsync(3);
        polled.PassMinutes();
        await polled.UntilPolledAsync();

        (await polled.ToldAsync()).ShouldBe(["upsert seen", "delete", "delete"]);
        (await polled.Bridge.Database.ColumnAsync<string>("select payload::text from bridge.inbox where key = '" + seen + "' order by id desc limit 1"))
            .Single().ShouldBe($$$"""{"record": {"Id": "{{{seen}}}"}, "operation": "delete"}""");
    }

    [Fact]
    public async Task Without_the_header_nobody_asks_for_deletes()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync();
        await using TestHost worker = await polled.RunAsync();
        await polled.UntilPolledAsync();
        polled.PassMinutes();
        await polled.UntilPolledAsync();

        polled.Calls(ApiCallKind.Deleted).ShouldBe(0);
        (await polled.PositionAsync()).ShouldNotContain("deletes");
    }

    [Fact]
    public async Task More_deletes_than_a_page_holds_are_told_across_a_restart()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync(headers: WithDeletes);
        await using (TestHost first = await polled.RunAsync())
            await polled.UntilPolledAsync();
        polled.PassMinutes();
        polled.Org.Change(transaction =>
        {
            for (int n = 0; n < 2500; n++)
                transaction.Delete("Account", transaction.Create("Account", new { Name = $"A{n}" }));
            return 0;
        });
        polled.PassMinutes();

        await using TestHost second = await polled.RunAsync();
        await polled.UntilToldAsync(2500);
        await polled.UntilPolledAsync();

        (await polled.Bridge.Database.ScalarAsync<bool>("select count(*) = 2500 and count(distinct id) = 2500 and min(operation) = 'delete' and max(operation) = 'delete' from told")).ShouldBeTrue();
    }

    [Fact]
    public async Task Deletes_that_the_org_forgot_are_a_gap_and_every_row_is_told_again()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync(headers: WithDeletes);
        string lost;
        await using (TestHost first = await polled.RunAsync())
        {
            await polled.UntilPolledAsync();
            lost = polled.Org.Create("Account", new { Name = "lost" });
            polled.Org.Create("Account", new { Name = "kept" });
            polled.PassMinutes();
            await polled.UntilToldAsync(2);
        }

        polled.Org.Delete("Account", lost);
        polled.PassMinutes(3);
        polled.Org.ForgetDeletes();
        polled.PassMinutes();
        await using TestHost second = await polled.RunAsync();
        await polled.UntilToldAsync(3);
        await polled.UntilPolledAsync();

        (await polled.ToldAsync()).ShouldBe(["upsert lost", "upsert kept", "snapshot kept"]);
        (await polled.Bridge.Database.ColumnAsync<string>("select why from bridge.gap")).Single().ShouldContain("deletes of Account since then are not known");
        (await polled.Bridge.Database.ColumnAsync<string>("select healed from bridge.gap")).Single().ShouldStartWith("every row was told again as `snapshot`");
        (await polled.Bridge.Database.ScalarAsync<long>("select count(*) from bridge.alert")).ShouldBe(0);
        (await polled.PositionAsync()).ShouldNotContain("again");
    }
}
