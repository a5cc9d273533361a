using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands;

public sealed class BackfillCommandTests
{
    [Theory]
    [InlineData("event Order_Placed__e", "Route r: `event Order_Placed__e` has nothing to read again: what it tells are events and no records. A gap of it is closed with `bridge gaps close`.")]
    [InlineData("every 5m", "Route r: `every 5m` has nothing to read again: what it tells are events and no records. A gap of it is closed with `bridge gaps close`.")]
    [InlineData("channel /data/ChangeEvents", "Route r: `channel /data/ChangeEvents` carries changes of several objects, so there is no one query to read: write a route on `change OBJECT` for each, and backfill those.")]
    [InlineData("change Account", "Route r has not begun yet on `change Account`: start a worker first, and see that the route is enabled.")]
    public async Task What_cannot_be_read_is_said_in_one_sentence(string source, string sentence)
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("r", $"-- on: {source}\ninsert into t select 1 from message");

        (await CommandLine.RunAsync(bridge.Vars, "backfill", "r")).ShouldRefuse(sentence);
    }

    [Fact]
    public async Task A_backfill_under_way_is_in_the_status_and_goes_on_when_it_is_typed_again()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(accounts: 2_500);
        await using TestHost worker = await loaded.RunAsync();
        await loaded.Bridge.Database.ExecuteAsync($"""
            insert into bridge.backfill (route, source, position, stored, total)
            values ('account-mirrored', '{LoadedOrg.Source}', 'records after {loaded.Accounts[1999]}, again {loaded.Accounts[7]} {loaded.Accounts[8]}', 1998, 2500)
            """);

        CommandLine status = (await CommandLine.RunAsync(loaded.Bridge.Vars, "status")).ShouldSucceed();
        CommandLine command = (await loaded.BackfillAsync()).ShouldSucceed();

        status.Output.ShouldMatch(@"BACKFILLS\n  account-mirrored: 1,998 of 2,500 records of change Account stored, the last page \d+ s ago; `bridge backfill account-mirrored` goes on with it\n");
        command.Output.ShouldStartWith("It goes on where it was. account-mirrored: 1,998 of 2,500 records of change Account stored\nDone: 2,500 records");
        (await loaded.Bridge.Database.ScalarAsync<long>("select count(distinct key) from bridge.inbox where for_route is not null")).ShouldBe(502);
        (await CommandLine.RunAsync(loaded.Bridge.Vars, "status")).Output.ShouldNotContain("BACKFILLS");
    }

    [Fact]
    public async Task The_second_of_two_says_that_another_is_at_work()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(accounts: 3);
        await using TestHost worker = await loaded.RunAsync();

        CommandLine? first = null;
        CommandLine second = await loaded.BackfillAsync("order by Id limit", async () => first = await loaded.BackfillAsync());

        first!.ShouldSucceed();
        second.ShouldRefuse("Another session works on the backfill of route account-mirrored, so this one ends; `bridge status` shows how far it is.");
        await loaded.EachWasToldOnceAsync(3);
    }

    [Fact]
    public async Task Gaps_are_listed_and_closed_with_a_reason()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("insert into bridge.gap (source, why) values ('event E__e', 'lost'); insert into bridge.alert (name, what) values ('gap in event E__e', 'lost')");

        (await CommandLine.RunAsync(bridge.Vars, "gaps", "list")).ShouldSucceed().Output.ShouldMatch(@"^ID  SOURCE      NOTICED +WHY   HEALED\n1   event E__e  20.*Z  lost  no$");
        (await CommandLine.RunAsync(bridge.Vars, "gaps", "close", "2", "--reason", "x")).ShouldRefuse("There is no gap 2, or it is no longer kept: see `bridge gaps list --all`.");
        (await CommandLine.RunAsync(bridge.Vars, "gaps", "close", "1", "--reason", " ")).ShouldRefuse("--reason is empty: say what was done about the gap, for whoever looks at it later.");
        (await CommandLine.RunAsync(bridge.Vars, "gaps", "close", "1", "--reason", "asked the shop")).ShouldSucceed().Output.ShouldBe("Gap 1 is closed: asked the shop");
        (await CommandLine.RunAsync(bridge.Vars, "gaps", "close", "1", "--reason", "again")).ShouldRefuse("Gap 1 was healed or closed before: see `bridge gaps list --all`.");

        (await CommandLine.RunAsync(bridge.Vars, "gaps", "list")).ShouldSucceed().Output.ShouldBe("There is no gap that is open.");
        (await CommandLine.RunAsync(bridge.Vars, "gaps", "list", "--all", "--json")).ShouldSucceed().Json[0].GetProperty("healed").GetString().ShouldBe("closed: asked the shop");
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.alert")).ShouldBe(0);
    }
}
