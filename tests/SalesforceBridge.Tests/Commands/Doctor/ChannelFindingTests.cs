using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands.Doctor;

/// <summary>What the doctor says of the channels that routes listen to.</summary>
public sealed class ChannelFindingTests
{
    private const string Hears = "-- on: event Order_Placed__e\ninsert into heard select payload->>'Order_Id__c' from message";

    [Fact]
    public async Task Each_channel_is_told_whether_it_is_there()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("one", On("event Nothing__e")).WithRoute("two", On("change Opportunity")).WithRoute("three", On("change Account"))
            .WithRoute("four", On("topic CustomerAccounts")).WithRoute("five", On("channel /event/Orders__chn")).WithRoute("six", On("channel /u/Nothing"))
            .WithRoute("off", $"-- enabled: no\n{On("event Never__e")}");
        await bridge.StoreAsync("change Account", "{}");

        CommandLine doctor = await CommandLine.RunAsync(bridge.Vars, "doctor");

        doctor.ExitCode.ShouldBe(1);
        doctor.Output.ShouldContain("fail  event Nothing__e: the org refuses /event/Nothing__e: /meta/subscribe was refused: 400::The channel you requested to subscribe to doesn't exist {/event/Nothing__e}");
        doctor.Output.ShouldContain("; no event of it is kept. Is the name right, and is the event or channel deployed?\n");
        doctor.Output.ShouldContain("fail  change Opportunity: the org refuses /data/OpportunityChangeEvent: ");
        doctor.Output.ShouldMatch(@"ok    change Account: /data/AccountChangeEvent can be subscribed; its last event came \d+ s ago\n");
        doctor.Output.ShouldContain("ok    topic CustomerAccounts: /topic/CustomerAccounts can be subscribed; no event of it is kept\n");
        doctor.Output.ShouldContain("ok    channel /event/Orders__chn: /event/Orders__chn can be subscribed; no event of it is kept\n");
        doctor.Output.ShouldContain("fail  channel /u/Nothing: the org refuses /u/Nothing: ");
        doctor.Output.ShouldNotContain("Never__e");
    }

    [Fact]
    public async Task An_org_that_is_too_busy_says_nothing_of_a_channel()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("hears", On("event Order_Placed__e")).Org.Faults.Add(new Fault.ServerBusy { On = ApiCallKind.Subscribe });

        CommandLine doctor = (await CommandLine.RunAsync(bridge.Vars, "doctor")).ShouldSucceed();

        doctor.Output.ShouldContain("warn  event Order_Placed__e: whether the org lets the bridge subscribe /event/Order_Placed__e is not known: ");
        doctor.Output.ShouldContain("Server is too busy");
    }

    [Fact]
    public async Task A_place_for_a_streaming_client_is_needed_to_ask()
    {
        await using Bridge bridge = await Bridge.StartAsync(new SimulatorOptions { MaxStreamingClients = 1, PollTimeout = TimeSpan.FromSeconds(2) });
        bridge.WithRoute("hears", On("event Order_Placed__e"));
        await using TestHost worker = await bridge.RunAsync();
        await bridge.Org.WhenSubscribedAsync("/event/Order_Placed__e", TestContext.Current.CancellationToken);

        CommandLine doctor = await CommandLine.RunAsync(bridge.Vars, "doctor");

        doctor.Output.ShouldContain("is not known: /meta/handshake was refused: 403::Handshake denied (403::Organization concurrent user limit exceeded); no event of it is kept. Ask again when that is better.\n");
        doctor.Output.ShouldContain("fail  allocations: 1 of 1 streaming clients: none is left. End clients that nobody needs, or buy more.\n");
    }

    [Fact]
    public async Task The_doctor_leaves_no_session_behind_and_takes_nothing_from_the_worker()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table heard (what text)");
        bridge.WithRoute("hears", Hears);
        await using TestHost worker = await bridge.RunAsync();
        await bridge.Org.WhenSubscribedAsync("/event/Order_Placed__e", TestContext.Current.CancellationToken);
        await bridge.UntilSubscribedAsync("event Order_Placed__e");
        string before = await bridge.Database.ScalarAsync<string>("select position from bridge.cursor where name = 'event Order_Placed__e'");

        (await CommandLine.RunAsync(bridge.Vars, "doctor")).ShouldSucceed();

        bridge.Org.StreamingSessions.ShouldHaveSingleItem();
        (await bridge.Database.ScalarAsync<string>("select position from bridge.cursor where name = 'event Order_Placed__e'")).ShouldBe(before);
        bridge.Org.Publish("Order_Placed__e", new { Order_Id__c = "a01" });
        await bridge.UntilAsync("select count(*) = 1 from heard where what = 'a01'");
    }

    private static string On(string source) => $"-- on: {source}\nselect 1 from message";
}
