using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

/// <summary>A query that cannot be polled, for a while or until somebody does something.</summary>
public sealed class SoqlTroubleTests
{
    [Fact]
    public async Task A_query_whose_field_is_gone_stands_still_says_so_and_goes_on_when_it_is_back()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync("soql 1s: select Name, Phone from Account");
        await using TestHost worker = await polled.RunAsync();
        await polled.UntilPolledAsync();

        ActiveFault hidden = polled.Org.Faults.Add(new Fault.HiddenField("Account", "Phone"));
        polled.Org.Create("Account", new { Name = "meanwhile" });
        polled.PassMinutes();
        await polled.Bridge.UntilAsync("select count(*) = 1 from bridge.alert where name = 'poll of soql 1s: select Name, Phone from Account' and what like '%No such column ''Phone''%Correct the query%'");
        CommandLine sources = await CommandLine.RunAsync(polled.Bridge.Vars, "sources");
        polled.Org.Faults.Remove(hidden.Id);

        sources.Output.ShouldContain("INVALID_FIELD");
        await polled.UntilToldAsync(1);
        (await polled.ToldAsync()).ShouldBe(["upsert meanwhile"]);
        await polled.Bridge.UntilAsync("select count(*) = 0 from bridge.alert");
    }

    [Fact]
    public async Task An_org_that_is_away_costs_nothing_and_is_an_alert_after_a_while()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync();
        await using TestHost worker = await polled.RunAsync();
        await polled.UntilPolledAsync();

        ActiveFault outage = polled.Org.Faults.Add(new Fault.HtmlOutage(FaultTarget.Api));
        polled.Org.Create("Account", new { Name = "meanwhile" });
        await worker.LogLineAsync("waits for the org (HTTP_503)");
        (await polled.Bridge.Database.ScalarAsync<long>("select count(*) from bridge.alert")).ShouldBe(0);
        polled.PassMinutes(6);
        await polled.Bridge.UntilAsync("select count(*) = 1 from bridge.alert where name like 'poll of %' and what like '%nothing is lost%'");
        polled.Org.Faults.Remove(outage.Id);

        await polled.UntilToldAsync(1);
        await polled.Bridge.UntilAsync("select count(*) = 0 from bridge.alert");
    }

    [Fact]
    public async Task Answers_that_break_off_and_sessions_that_end_cost_nothing()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync(headers: "-- deletes: yes\n");
        await using TestHost worker = await polled.RunAsync();
        await polled.UntilPolledAsync();
        string gone = polled.Org.Create("Account", new { Name = "gone" });
        polled.CreateAccounts(3);
        polled.PassMinutes();
        await polled.UntilToldAsync(4);

        foreach (ApiCallKind call in new[] { ApiCallKind.Updated, ApiCallKind.Deleted, ApiCallKind.Query })
            polled.Org.Faults.Add(new Fault.CutApiReply { Call = call, Times = 2 });
        polled.Org.Faults.Add(new Fault.ExpiredToken { Times = 1 });
        polled.Org.Delete("Account", gone);
        polled.CreateAccounts(3, "B");
        polled.PassMinutes();

        await polled.UntilToldAsync(8);
        await polled.UntilPolledAsync();
        (await polled.ToldAsync()).ShouldBe(["upsert gone", "upsert A0", "upsert A1", "upsert A2", "delete", "upsert B0", "upsert B1", "upsert B2"]);
        polled.Org.Faults.Active.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_query_that_stands_still_does_not_hold_up_another()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync();
        polled.Bridge.WithRoute("broken", "-- on: soql 1s: select Nope__c from Account\nselect 1 from message");
        await using TestHost worker = await polled.RunAsync();
        await polled.Bridge.UntilAsync("select position like '%polled%' from bridge.cursor where name = '" + PolledOrg.Accounts.Replace("'", "''", StringComparison.Ordinal) + "'");

        polled.CreateAccounts(1);
        polled.PassMinutes();

        await polled.UntilToldAsync(1);
        await polled.Bridge.UntilAsync("select array_agg(name) = array['poll of soql 1s: select Nope__c from Account'] from bridge.alert");
    }

    [Fact]
    public async Task A_position_that_somebody_spoiled_is_told_and_not_guessed()
    {
        await using PolledOrg polled = await PolledOrg.StartAsync();
        await using (TestHost first = await polled.RunAsync())
            await polled.UntilPolledAsync();
        await polled.Bridge.Database.ExecuteAsync("update bridge.cursor set position = '4711' where name like 'soql %'");
        await using TestHost second = await polled.RunAsync();

        await polled.Bridge.UntilAsync("select count(*) = 1 from bridge.alert where what like '%set the cursor''s position to null%'");
        await polled.Bridge.Database.ExecuteAsync("update bridge.cursor set position = null where name like 'soql %'");
        await polled.Bridge.UntilAsync("select count(*) = 0 from bridge.alert");
    }

    [Fact]
    public async Task Stopping_a_worker_does_not_wait_for_an_answer_of_the_org()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using PolledOrg polled = await PolledOrg.StartAsync();
        TestHost worker = await polled.RunAsync();
        await polled.UntilPolledAsync();
        ActiveFault slow = polled.Org.Faults.Add(new Fault.Delayed(FaultTarget.Api, TimeSpan.FromMinutes(1)) { Call = ApiCallKind.Updated });
        await PolledOrg.UntilAsync(() => slow.Struck > 0);

        await worker.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), ct);

        await polled.Bridge.UntilAsync("select worker is null from bridge.cursor where name like 'soql %'");
    }
}
