using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

/// <summary>What changes in the org, found by a query.</summary>
public sealed class SoqlJourneyTests
{
    [Fact]
    public async Task A_record_is_told_when_it_is_created_and_again_when_it_changes()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync();
        await using TestHost worker = await polled.RunAsync();
        await polled.UntilPolledAsync();

        string parent = polled.Org.Create("Account", new { Name = "left out" });
        string id = polled.Org.Create("Account", new { Name = "new", ParentId = parent });
        polled.PassMinutes();
        await polled.UntilToldAsync(1);
        polled.Org.Update("Account", id, new { Name = "changed" });
        polled.PassMinutes();
        await polled.UntilToldAsync(2);
        await polled.UntilPolledAsync();

        (await polled.ToldAsync()).ShouldBe(["upsert new", "upsert changed"]);
        (await polled.Bridge.Database.ColumnAsync<string>("select payload::text from bridge.inbox where key = '" + id + "' order by id limit 1")).Single().ShouldBe(
            $$$"""{"record": {"Id": "{{{id}}}", "Name": "new", "Parent": {"Name": "left out"}, "SystemModstamp": "{{{await FirstModstampAsync(polled)}}}"}, "operation": "upsert"}""");
        (await polled.Bridge.Database.ScalarAsync<bool>($"select bool_and(dedupe_key = key || to_char(occurred_at at time zone 'utc', ' YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')) from bridge.inbox")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("", new[] { "upsert after" })]
    [InlineData("-- from: now\n", new[] { "upsert after" })]
    [InlineData("-- from: earliest\n", new[] { "upsert before", "upsert after" })]
    public async Task A_new_source_begins_where_its_route_says(string headers, string[] told)
    {
        await using PolledOrg polled = await PolledOrg.StartAsync(headers: headers);
        polled.Org.Create("Account", new { Name = "before" });
        polled.PassMinutes();
        await using TestHost worker = await polled.RunAsync();
        await polled.UntilPolledAsync();

        polled.Org.Create("Account", new { Name = "after" });
        polled.PassMinutes();
        await polled.UntilToldAsync(told.Length);
        await polled.UntilPolledAsync();

        (await polled.ToldAsync()).ShouldBe(told);
    }

    [Fact]
    public async Task What_a_slow_transaction_commits_late_with_an_earlier_time_is_not_passed_over()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync();
        await using TestHost worker = await polled.RunAsync();
        await polled.UntilPolledAsync();

        OpenTransaction slow = polled.Org.Begin();
        polled.PassMinutes(1);
        slow.Change(transaction => transaction.Create("Account", new { Name = "slow" }));
        polled.PassMinutes();
        polled.Org.Create("Account", new { Name = "quick" });
        polled.PassMinutes();
        await polled.UntilPolledAsync();
        (await polled.ToldAsync()).ShouldBeEmpty();
        slow.Commit();

        await polled.UntilToldAsync(2);
        (await polled.ToldAsync()).ShouldBe(["upsert slow", "upsert quick"]);
    }

    [Fact]
    public async Task More_records_of_one_second_than_a_page_holds_are_told_once_each()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync(headers: "-- from: earliest\n");
        polled.CreateAccounts(2500);
        polled.PassMinutes();
        await using TestHost worker = await polled.RunAsync();

        await polled.UntilToldAsync(2500);
        await polled.UntilPolledAsync();

        (await polled.Bridge.Database.ScalarAsync<bool>("select count(*) = 2500 and count(distinct id) = 2500 from told")).ShouldBeTrue();
        (await polled.Bridge.Database.ScalarAsync<bool>("select count(distinct occurred_at) = 1 from bridge.inbox")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_worker_that_ends_between_two_pages_is_followed_by_one_that_goes_on_behind_the_first()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync(headers: "-- from: earliest\n");
        polled.CreateAccounts(2500);
        polled.PassMinutes();
        await polled.Bridge.Database.ExecuteAsync("""
            create function full_up() returns trigger language plpgsql as
                $$ begin if (select count(*) from bridge.inbox) > 2000 then raise exception using errcode = '53100'; end if; return null; end $$;
            create trigger full_up after insert on bridge.inbox execute function full_up()
            """);
        await using (TestHost first = await polled.RunAsync())
            await first.LogLineAsync("waits for the database (53100)");
        string between = await polled.PositionAsync();
        long asked = polled.Calls(ApiCallKind.Query);
        await polled.Bridge.Database.ExecuteAsync("drop trigger full_up on bridge.inbox");

        await using TestHost second = await polled.RunAsync();
        await polled.UntilToldAsync(2500);
        await polled.UntilPolledAsync();

        between.ShouldContain(" after 001");
        (polled.Calls(ApiCallKind.Query) - asked).ShouldBe(1);
        (await polled.Bridge.Database.ScalarAsync<bool>("select count(*) = 2500 and count(distinct id) = 2500 from told")).ShouldBeTrue();
    }

    [Fact]
    public async Task Two_workers_tell_each_record_once()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync();
        await using TestHost one = await polled.RunAsync();
        await using TestHost other = await polled.RunAsync();
        await polled.UntilPolledAsync();

        for (int round = 1; round <= 3; round++)
        {
            polled.CreateAccounts(10, $"{round}-");
            polled.PassMinutes();
            await polled.UntilToldAsync(10 * round);
        }

        await polled.UntilPolledAsync();
        (await polled.Bridge.Database.ScalarAsync<bool>("select count(*) = 30 and count(distinct name) = 30 from told")).ShouldBeTrue();
        (await polled.Bridge.Database.ScalarAsync<long>("select count(*) from bridge.cursor where name like 'soql %' and worker is not null")).ShouldBe(1);
    }

    [Fact]
    public async Task A_restart_polls_neither_early_nor_late()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync("soql 1h: select Name from Account");
        await using (TestHost first = await polled.RunAsync())
            await polled.UntilPolledAsync();
        polled.PassMinutes(50);
        await using (TestHost early = await polled.RunAsync())
            await early.LogLineAsync("Took soql 1h");

        polled.Calls(ApiCallKind.Updated).ShouldBe(1);
        polled.PassMinutes(10);
        await using TestHost due = await polled.RunAsync();
        await polled.Bridge.UntilOrgAsync(_ => polled.Calls(ApiCallKind.Updated) == 2);
    }

    [Fact]
    public async Task A_row_that_jsonb_refuses_is_kept_raw_and_the_others_go_on()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync();
        await using TestHost worker = await polled.RunAsync();
        await polled.UntilPolledAsync();

        polled.Org.Create("Account", new { Name = "a\0b" });
        polled.Org.Create("Account", new { Name = "good" });
        polled.PassMinutes();
        await polled.UntilToldAsync(1);

        (await polled.ToldAsync()).ShouldBe(["upsert good"]);
        (await polled.Bridge.Database.ColumnAsync<string>("select fault from bridge.inbox where raw is not null")).Single().ShouldContain("\\u0000");
        await polled.Bridge.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead'");
    }

    private static Task<string> FirstModstampAsync(PolledOrg polled) => polled.Bridge.Database.ScalarAsync<string>(
        "select to_char(occurred_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.000+0000') from bridge.inbox order by id limit 1");
}
