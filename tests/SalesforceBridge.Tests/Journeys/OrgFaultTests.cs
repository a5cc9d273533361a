using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Crashes;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

/// <summary>Orders flow while the org breaks in all the ways it has.</summary>
public sealed class OrgFaultTests
{
    private static readonly Dictionary<string, Fault[]> Faults = new()
    {
        ["the API answers 503"] = [new Fault.Unavailable(FaultTarget.Api) { Times = 5 }, new Fault.Unavailable(FaultTarget.Api) { Times = 2, RetryAfter = TimeSpan.FromSeconds(1) }],
        ["the API answers with a page of HTML"] = [new Fault.HtmlOutage(FaultTarget.Api) { Times = 5 }],
        ["streaming is down"] = [new Fault.Unavailable(FaultTarget.Streaming) { Times = 2 }, new Fault.HtmlOutage(FaultTarget.Streaming) { Times = 1 }],
        ["replies of polls break off"] = [new Fault.CutPollReply { Times = 3 }],
        ["replies of calls break off"] = [new Fault.CutApiReply { Times = 3 }],
        ["the session is forgotten"] = [new Fault.ForgottenClient { Times = 2 }],
        ["the session is ended by the org"] = [new Fault.Disconnected { Times = 1 }],
        ["the token expires in a call"] = [new Fault.ExpiredToken { On = FaultTarget.Api, Times = 3 }],
        ["the token expires in a poll"] = [new Fault.ExpiredToken { On = FaultTarget.Streaming, Times = 2 }],
        ["logins fail"] = [new Fault.ExpiredToken { Times = 1 }, new Fault.Unavailable(FaultTarget.Token) { Times = 2 }],
        ["the day's calls are used up"] = [new Fault.QuotaExceeded(QuotaKind.Daily) { Times = 2 }],
        ["too many calls run at one time"] = [new Fault.QuotaExceeded(QuotaKind.Concurrent) { Times = 3 }],
        ["the server is too busy"] = [new Fault.ServerBusy { Times = 1 }, new Fault.ServerBusy { On = ApiCallKind.Handshake, Times = 1 }],
        ["records are locked"] = [new Fault.LockedRow { Times = 30 }],
    };

    public static TheoryData<string> Names => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Everything_arrives_though(string fault)
    {
        await using Bridge bridge = await Bridge.StartAsync(new SimulatorOptions { PollTimeout = TimeSpan.FromSeconds(2), AbandonTimeout = TimeSpan.FromSeconds(10) });
        await using OrderFlow flow = await OrderFlow.PrepareAsync(bridge, orders: 20);
        await using TestHost worker = await bridge.RunAsync(change: services => services.AddSingleton<TimeProvider>(new HastyTime()));
        await flow.UntilHeardAsync();
        flow.Place(20);

        foreach (Fault each in Faults[fault])
            bridge.Org.Faults.Add(each);
        flow.Begin();
        await bridge.UntilOrgAsync(org => org.Faults.Active.Count == 0);

        TestContext.Current.TestOutputHelper?.WriteLine($"{await flow.EndAsync()}");
    }
}
