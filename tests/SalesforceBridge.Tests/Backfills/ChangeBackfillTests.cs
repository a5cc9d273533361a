using System.Text.Json;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Backfills;

/// <summary>A mirror of change events is loaded, and loaded again.</summary>
public sealed class ChangeBackfillTests
{
    private const string FirstPage = "order by Id limit";

    [Fact]
    public async Task A_mirror_is_loaded_while_edits_go_on_and_equals_the_org_in_the_end()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(accounts: 5_000);
        await using TestHost worker = await loaded.RunAsync();
        using var stop = new CancellationTokenSource();
        Task<int> editing = Task.Run(() => EditAsync(loaded, stop.Token));
        await loaded.Bridge.UntilAsync("select count(*) > 20 from bridge.inbox");

        CommandLine command = (await loaded.BackfillAsync()).ShouldSucceed();
        await stop.CancelAsync();
        (await editing).ShouldBeGreaterThan(20);
        await loaded.IsThroughAsync();

        command.Output.ShouldContain("Done: ");
        await loaded.MirrorShouldEqualOrgAsync();
        (await loaded.Bridge.Database.ScalarAsync<long>("select count(*) from heard where kind = 'SNAPSHOT'")).ShouldBe(0);
        (await loaded.Bridge.Database.ScalarAsync<bool>("select count(*) = count(distinct key) from bridge.inbox where payload->'ChangeEventHeader'->>'changeType' = 'SNAPSHOT'")).ShouldBeTrue();
    }

    [Fact]
    public async Task Records_are_told_in_the_shape_of_change_events_with_explicit_nulls()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(accounts: 2);
        await using TestHost worker = await loaded.RunAsync();

        JsonElement report = (await loaded.BackfillAsync("--json")).ShouldSucceed().Json;

        (report.GetProperty("finished").GetBoolean(), report.GetProperty("stored").GetInt32(), report.GetProperty("total").GetInt32()).ShouldBe((true, 2, 2));
        JsonElement told = JsonElement.Parse(await loaded.Bridge.Database.ScalarAsync<string>("select payload::text from bridge.inbox where payload->>'Name' = 'A1'"));
        JsonElement header = told.GetProperty("ChangeEventHeader");
        header.GetProperty("changeType").GetString().ShouldBe("SNAPSHOT");
        header.GetProperty("entityName").GetString().ShouldBe("Account");
        header.GetProperty("recordIds").EnumerateArray().Select(id => id.GetString()).ShouldBe([loaded.Accounts[1]]);
        header.GetProperty("nulledFields").EnumerateArray().Select(name => name.GetString()).ShouldContain("Phone");
        told.GetProperty("Phone").ValueKind.ShouldBe(JsonValueKind.Null);
        told.GetProperty("CreatedDate").GetString().ShouldNotBeNull().ShouldEndWith("Z");
        told.EnumerateObject().Select(member => member.Name).ShouldNotContain(name => name == "Id" || name == "IsDeleted" || name == "SystemModstamp" || name == "attributes");
        await loaded.IsThroughAsync();
        await loaded.MirrorShouldEqualOrgAsync();
    }

    [Fact]
    public async Task A_record_that_is_deleted_while_its_page_is_under_way_stays_deleted()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(accounts: 3);
        await using TestHost worker = await loaded.RunAsync();

        JsonElement report = (await loaded.BackfillAsync(FirstPage, async () =>
        {
            loaded.Org.Delete("Account", loaded.Accounts[1]);
            await loaded.Bridge.UntilAsync("select count(*) = 1 from bridge.inbox");
        })).ShouldSucceed().Json;
        await loaded.IsThroughAsync();

        (report.GetProperty("stored").GetInt32(), report.GetProperty("putOff").GetInt32()).ShouldBe((2, 1));
        await loaded.MirrorShouldEqualOrgAsync();
        await loaded.EachWasToldOnceAsync(2);
    }

    [Fact]
    public async Task A_record_that_changes_while_its_page_is_under_way_is_read_again_since_its_event_tells_but_a_part()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(accounts: 3);
        await using TestHost worker = await loaded.RunAsync();

        JsonElement report = (await loaded.BackfillAsync(FirstPage, async () =>
        {
            loaded.Org.Update("Account", loaded.Accounts[1], new { Phone = "new" });
            await loaded.Bridge.UntilAsync("select count(*) = 1 from bridge.inbox");
        })).ShouldSucceed().Json;
        await loaded.IsThroughAsync();

        (report.GetProperty("stored").GetInt32(), report.GetProperty("putOff").GetInt32()).ShouldBe((3, 1));
        await loaded.MirrorShouldEqualOrgAsync();
        await loaded.EachWasToldOnceAsync(3);
    }

    [Fact]
    public async Task After_a_gap_the_mirror_is_told_of_deletes_and_the_gap_is_healed_when_all_routes_are_through()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(accounts: 20);
        await using (TestHost first = await loaded.RunAsync())
        {
            (await loaded.BackfillAsync()).ShouldSucceed();
            await loaded.IsThroughAsync();
        }

        loaded.Org.Delete("Account", loaded.Accounts[3]);
        loaded.Org.Update("Account", loaded.Accounts[4], new { Name = "changed unseen" });
        loaded.Org.ForgetEventHistory();
        await using TestHost second = await loaded.Bridge.RunAsync();
        await loaded.Bridge.UntilAsync("select exists (select from bridge.alert where name = 'gap in change Account' and what like '%`bridge backfill ROUTE`%')");

        CommandLine one = (await loaded.BackfillAsync()).ShouldSucceed();
        one.Output.ShouldContain("and 1 that were deleted since");
        one.Output.ShouldContain("Gap 1 stays open until every enabled route on change Account was backfilled");
        await loaded.IsThroughAsync();
        await loaded.MirrorShouldEqualOrgAsync();
        CommandLine other = (await CommandLine.RunAsync(loaded.Bridge.Vars, "backfill", "hears")).ShouldSucceed();

        other.Output.ShouldNotContain("stays open");
        (await loaded.Bridge.Database.ScalarAsync<string>("select healed from bridge.gap")).ShouldMatch("^every record was told again by `bridge backfill`; deletes since 20.* too$");
        (await loaded.Bridge.Database.ScalarAsync<long>("select count(*) from bridge.alert")).ShouldBe(0);
    }

    [Fact]
    public async Task Some_records_are_told_by_a_condition_that_stands_in_parentheses()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(accounts: 12);
        await using TestHost worker = await loaded.RunAsync();

        (await loaded.BackfillAsync("--where", "Name = 'A1' or Name like 'A1_'", "--json")).ShouldSucceed().Json.GetProperty("stored").GetInt32().ShouldBe(3);
        (await loaded.BackfillAsync("--where", "Name = 'A1' order by Name")).ShouldRefuse("--where: `order by` is the bridge's own: rows come in the order in which they changed; remove it.");
        (await loaded.BackfillAsync("--where", "Name = 'A1') or (Name != ''")).ShouldRefuse("--where: a `)` closes what no `(` opened; remove it, or add the `(`.");
        (await loaded.BackfillAsync("--where", "Nonsense = 1")).ExitCode.ShouldBe(1);
    }

    private static async Task<int> EditAsync(LoadedOrg loaded, CancellationToken stop)
    {
        var random = new Random(1);
        List<string> alive = [.. loaded.Accounts];
        int edits = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (; !stop.IsCancellationRequested; edits++)
        {
            int at = random.Next(alive.Count);
            switch (random.Next(5))
            {
                case 0:
                    alive.Add(loaded.Org.Create("Account", new { Name = $"new {edits}" }));
                    break;
                case 1:
                    loaded.Org.Delete("Account", alive[at]);
                    alive.RemoveAt(at);
                    break;
                default:
                    loaded.Org.Update("Account", alive[at], random.Next(2) == 0 ? new { Phone = random.Next(2) == 0 ? null : $"{edits}" } : new { BillingCity = $"{edits}" });
                    break;
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        return edits;
    }
}
