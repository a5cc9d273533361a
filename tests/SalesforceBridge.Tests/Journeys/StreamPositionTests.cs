using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

/// <summary>Where the stream goes on after it was away.</summary>
public sealed class StreamPositionTests
{
    [Fact]
    public async Task A_new_subscription_whose_session_dies_before_its_first_event_loses_nothing()
    {
        await using Bridge bridge = await StartAsync();
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync("select exists (select from bridge.cursor where name = 'event Order_Placed__e' and position like 'tip@%')");

        // There is no session while these are published.
        ActiveFault outage = bridge.Org.Faults.Add(new Fault.Unavailable(FaultTarget.Streaming));
        bridge.Org.Faults.Add(new Fault.ForgottenClient { Times = 1 });
        await bridge.UntilOrgAsync(org => org.StreamingSessions.Count == 0);
        string[] published = [.. bridge.Org.PublishMany("Order_Placed__e", Enumerable.Range(0, 10).Select(n => new { Order_Number__c = $"{n}" }))];
        bridge.Org.Faults.Remove(outage.Id);

        await bridge.UntilAsync("select count(*) = 10 from bridge.inbox");
        (await bridge.Database.ColumnAsync<string>("select dedupe_key from bridge.inbox order by id")).ShouldBe(published);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.gap")).ShouldBe(0);
    }

    [Fact]
    public async Task A_new_subscription_that_ends_with_its_process_loses_nothing()
    {
        await using Bridge bridge = await StartAsync();
        await using (TestHost first = await bridge.RunAsync())
            await bridge.UntilAsync("select exists (select from bridge.cursor where name = 'event Order_Placed__e' and position like 'tip@%')");

        bridge.Org.Publish("Order_Placed__e", new { Order_Number__c = "between" });
        await using TestHost second = await bridge.RunAsync();

        await bridge.UntilAsync("select count(*) = 1 from bridge.inbox");
    }

    [Fact]
    public async Task A_new_subscription_whose_worker_dies_before_the_database_heard_of_it_loses_nothing()
    {
        await using Bridge bridge = await StartAsync();
        (await CommandLine.RunAsync(bridge.Vars, "migrate")).ShouldSucceed();
        await bridge.Database.ExecuteAsync("""
            create function no_answer() returns trigger language plpgsql as $$ begin raise exception 'later' using errcode = '53300'; end $$;
            create trigger no_answer before update on bridge.cursor for each row when (new.position like 'tip@%') execute function no_answer();
            """);
        await using (TestHost first = await bridge.RunAsync())
        {
            await bridge.Org.WhenSubscribedAsync("/event/Order_Placed__e", TestContext.Current.CancellationToken);
            bridge.Org.Publish("Order_Placed__e", new { Order_Number__c = "early" });
        }

        await bridge.Database.ExecuteAsync("drop trigger no_answer on bridge.cursor");
        await using TestHost second = await bridge.RunAsync();

        await bridge.UntilAsync("select array_agg(payload->>'Order_Number__c') = '{early}' from bridge.inbox");
    }

    [Fact]
    public async Task A_position_that_the_org_forgot_is_a_recorded_gap_and_the_stream_goes_on_with_what_is_kept()
    {
        await using Bridge bridge = await StartAsync();
        await using (TestHost first = await bridge.RunAsync())
        {
            await bridge.UntilAsync("select exists (select from bridge.cursor where name = 'event Order_Placed__e' and position is not null)");
            bridge.Org.Publish("Order_Placed__e", new { Order_Number__c = "known" });
            await bridge.UntilAsync("select count(*) = 1 from bridge.inbox");
        }

        string position = await bridge.Database.ScalarAsync<string>("select position from bridge.cursor where name = 'event Order_Placed__e'");
        bridge.Org.Publish("Order_Placed__e", new { Order_Number__c = "lost" });
        bridge.Org.ForgetEventHistory();
        bridge.Org.Publish("Order_Placed__e", new { Order_Number__c = "kept" });
        await using TestHost second = await bridge.RunAsync();

        await bridge.UntilAsync("select array_agg(payload->>'Order_Number__c' order by id) = '{known,kept}' from bridge.inbox");
        (await bridge.Database.ColumnAsync<string>("select source || ' ' || from_position from bridge.gap")).ShouldBe([$"event Order_Placed__e {position}"]);
        (await bridge.Database.ColumnAsync<string>("select name from bridge.alert")).ShouldContain("gap in event Order_Placed__e");
    }

    private static async Task<Bridge> StartAsync()
    {
        Bridge bridge = await Bridge.StartAsync(new SimulatorOptions { PollTimeout = TimeSpan.FromSeconds(2), AbandonTimeout = TimeSpan.FromSeconds(10) });
        await bridge.Database.ExecuteAsync("create table heard (number text)");
        return bridge.WithRoute("listening", "-- on: event Order_Placed__e\ninsert into heard (number) select payload->>'Order_Number__c' from message");
    }
}
