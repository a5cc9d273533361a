using SalesforceBridge.Configuration;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Sources;

/// <summary>What the org tells of a change without what changed is read again, by id.</summary>
public sealed class UntoldRecordsTests
{
    private const string Healed = "select count(*) = 1 from bridge.gap where healed = 'the records were read again'";

    [Fact]
    public async Task A_change_that_is_told_without_its_fields_is_told_again_with_them()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(accounts: 2);
        await using TestHost worker = await loaded.RunAsync();

        string account = loaded.Org.Create("Account", new { Name = "first" });
        await loaded.Bridge.UntilAsync("select count(*) = 1 from account_mirror");
        loaded.Org.Faults.Add(new Fault.GapEvent { Times = 2 });
        loaded.Org.Update("Account", account, new { Name = "second", Phone = "1" });
        loaded.Org.Create("Account", new { Name = "another" });
        await loaded.Bridge.UntilAsync("select count(*) = 2 from bridge.gap where healed = 'the records were read again'");
        await loaded.IsThroughAsync();

        (await loaded.Bridge.Database.ColumnAsync<string>("select concat_ws(' ', name, phone) from account_mirror order by id")).ShouldBe(["second 1", "another", "the last"]);
        (await loaded.Bridge.Database.ColumnAsync<string>("select concat_ws(' ', payload->'ChangeEventHeader'->>'changeType', payload->'ChangeEventHeader'->>'changeOrigin') from bridge.inbox where for_route is null and payload->'ChangeEventHeader'->>'changeType' = 'SNAPSHOT'"))
            .ShouldBe(["SNAPSHOT gap", "SNAPSHOT gap"]);
        (await loaded.Bridge.Database.ScalarAsync<string>("select why from bridge.gap order by id limit 1"))
            .ShouldBe("The org told that 1 records of Account changed and not how (GAP_UPDATE). They are read again.");
        (await loaded.Bridge.Database.ScalarAsync<long>("select count(*) from bridge.alert")).ShouldBe(0);
    }

    [Fact]
    public async Task Of_a_record_that_was_deleted_there_is_nothing_to_read()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(accounts: 0);
        await using TestHost worker = await loaded.RunAsync();
        string account = loaded.Org.Create("Account", new { Name = "gone soon" });
        await loaded.Bridge.UntilAsync("select count(*) = 1 from account_mirror");

        loaded.Org.Faults.Add(new Fault.GapEvent { Times = 1 });
        loaded.Org.Delete("Account", account);
        await loaded.IsThroughAsync();

        (await loaded.Bridge.Database.ColumnAsync<string>("select name from account_mirror")).ShouldBe(["the last"]);
        (await loaded.Bridge.Database.ScalarAsync<long>("select count(*) from bridge.gap")).ShouldBe(0);
        loaded.Org.Ledger.Count(ApiCallKind.Query).ShouldBe(0);
    }

    [Fact]
    public async Task While_the_org_does_not_let_them_be_read_a_person_is_told_and_whoever_listens_next_reads_them()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(accounts: 1);
        await using (TestHost worker = await loaded.RunAsync())
        {
            loaded.Org.Faults.Add(new Fault.GapEvent { Times = 1 });
            loaded.Org.Faults.Add(new Fault.RefusedCall(403, "INSUFFICIENT_ACCESS") { Call = ApiCallKind.Query });
            loaded.Org.Update("Account", loaded.Accounts[0], new { Phone = "new" });
            await loaded.Bridge.UntilAsync("select what like '%INSUFFICIENT_ACCESS%' from bridge.alert where name = 'gap in change Account'");
            (await loaded.Bridge.Database.ScalarAsync<bool>("select healed_at is null from bridge.gap")).ShouldBeTrue();
        }

        loaded.Org.Faults.Clear();
        await using TestHost next = await loaded.RunAsync();
        await loaded.Bridge.UntilAsync(Healed);
        await loaded.Bridge.UntilAsync("select count(*) = 0 from bridge.alert");

        await loaded.Bridge.UntilAsync("select phone = 'new' and name = 'A0' from account_mirror");
    }

    [Fact]
    public async Task An_answer_that_cannot_be_understood_is_asked_for_again()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(accounts: 1);
        await using TestHost worker = await loaded.Bridge.RunAsync(
            ProcessRole.Worker, services => OrgDetour.Replace(services, "Id in (", () => throw new FormatException("not understood")));
        await loaded.IsHeardAsync();

        loaded.Org.Faults.Add(new Fault.GapEvent { Times = 1 });
        loaded.Org.Update("Account", loaded.Accounts[0], new { Phone = "new" });
        await loaded.Bridge.UntilAsync("select what like '%(FormatException)%' from bridge.alert where name = 'gap in change Account'");
        await loaded.Bridge.UntilAsync(Healed);

        await loaded.Bridge.UntilAsync("select phone = 'new' from account_mirror");
        await loaded.Bridge.UntilAsync("select count(*) = 0 from bridge.alert");
    }

    [Fact]
    public async Task A_record_that_changes_while_it_is_read_is_read_once_more_and_told_as_it_is_then()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(accounts: 1);
        await using TestHost worker = await loaded.Bridge.RunAsync(ProcessRole.Worker, services => OrgDetour.Replace(services, "Id in (", async () =>
        {
            loaded.Org.Update("Account", loaded.Accounts[0], new { BillingCity = "Rome" });
            await loaded.Bridge.UntilAsync("select count(*) = 2 from bridge.inbox");
        }));
        await loaded.IsHeardAsync();

        loaded.Org.Faults.Add(new Fault.GapEvent { Times = 1 });
        loaded.Org.Update("Account", loaded.Accounts[0], new { Phone = "new" });
        await loaded.Bridge.UntilAsync(Healed);
        await loaded.Bridge.UntilAsync("select count(*) = 1 from account_mirror");

        (await loaded.Bridge.Database.ColumnAsync<string>("select concat_ws(' ', name, phone, city) from account_mirror")).ShouldBe(["A0 new Rome"]);
        (await loaded.Bridge.Database.ColumnAsync<string>("select payload->'ChangeEventHeader'->>'changeType' from bridge.inbox order by id")).ShouldBe(["GAP_UPDATE", "UPDATE", "SNAPSHOT"]);
    }

    [Fact]
    public async Task Of_more_than_the_org_names_only_a_backfill_tells()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(accounts: 3);
        await using TestHost worker = await loaded.RunAsync();

        loaded.Org.Faults.Add(new Fault.GapEvent { Times = 1, IsOverflow = true });
        loaded.Org.Update("Account", loaded.Accounts[0], new { Phone = "new" });
        await loaded.Bridge.UntilAsync("select what like '%GAP_OVERFLOW%`bridge backfill ROUTE`%' from bridge.alert where name = 'gap in change Account'");
        (await loaded.BackfillAsync()).ShouldSucceed();
        (await CommandLine.RunAsync(loaded.Bridge.Vars, "backfill", "hears")).ShouldSucceed();
        await loaded.IsThroughAsync();

        await loaded.MirrorShouldEqualOrgAsync();
        (await loaded.Bridge.Database.ScalarAsync<bool>("select healed_at is not null from bridge.gap")).ShouldBeTrue();
    }

    [Fact]
    public async Task What_a_route_changed_itself_does_not_wake_it_when_it_is_read_again()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(accounts: 1);
        loaded.Bridge.WithRoute("stamps", """
            -- on: change Account
            -- do: update Account
            select key as "Id", 'stamped' as "Phone" from message where payload->'ChangeEventHeader'->>'changeType' = 'SNAPSHOT'
            """);
        await using TestHost worker = await loaded.RunAsync();
        loaded.Org.Faults.Add(new Fault.GapEvent { Times = 2 });

        loaded.Org.Update("Account", loaded.Accounts[0], new { Name = "changed" });
        await loaded.Bridge.UntilAsync("select count(*) = 2 from bridge.gap where healed_at is not null");
        await loaded.IsThroughAsync();

        (await loaded.Bridge.Database.ColumnAsync<string>("select concat_ws(' ', payload->'ChangeEventHeader'->>'changeType', origin, hops) from bridge.inbox order by id limit 4"))
            .ShouldBe(["GAP_UPDATE 0", "SNAPSHOT 0", "GAP_UPDATE bridge:stamps 1", "SNAPSHOT bridge:stamps 1"]);
        (await loaded.Bridge.Database.ScalarAsync<long>("select count(*) from bridge.outbox")).ShouldBe(1);
    }
}
