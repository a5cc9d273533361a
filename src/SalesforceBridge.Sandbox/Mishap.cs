using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;

namespace SalesforceBridge.Sandbox;

/// <summary>Something that goes wrong in an org now and then.</summary>
/// <param name="What">In words, as the beginning of a sentence.</param>
/// <param name="Fault">How the simulated org does it.</param>
internal sealed record Mishap(string What, Fault Fault)
{
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(1);

    /// <summary>Those that the bridge has to survive by itself.</summary>
    public static IReadOnlyList<Mishap> All { get; } =
    [
        new("three records are locked by somebody else", new Fault.LockedRow { Object = "Order__c", Times = 3 }),
        new("the org forgets the streaming session", new Fault.ForgottenClient { Times = 1 }),
        new("the access token expires for REST", new Fault.ExpiredToken { On = FaultTarget.Api, Times = 1 }),
        new("a poll's reply breaks off in the middle of an event", new Fault.CutPollReply { Times = 1 }),
        new("REST answers 503 twice", new Fault.Unavailable(FaultTarget.Api) { Times = 2 }),
        new("the access token expires for streaming", new Fault.ExpiredToken { On = FaultTarget.Streaming, Times = 1 }),
        new("REST answers 503 and asks to come back in a second", new Fault.Unavailable(FaultTarget.Api) { RetryAfter = ShortWait, Times = 1 }),
        new("the reply to an update is lost after the org did it", new Fault.CutApiReply { Call = ApiCallKind.CollectionUpdate, Times = 1 }),
        new("streaming answers 503", new Fault.Unavailable(FaultTarget.Streaming) { Times = 1 }),
        new("two records of a collection fail and the others do not", new Fault.RejectedItem("UNABLE_TO_LOCK_ROW") { Times = 2 }),
        new("REST answers with a page of HTML", new Fault.HtmlOutage(FaultTarget.Api) { Times = 2 }),
        new("the reply to a publish is lost after the org did it", new Fault.CutApiReply { Call = ApiCallKind.CollectionCreate, Times = 1 }),
        new("streaming answers with a page of HTML", new Fault.HtmlOutage(FaultTarget.Streaming) { Times = 1 }),
        new("a callout goes out twice at the same time, twice", new Fault.DuplicateDelivery { Rule = OrgRules.ContactTrigger, Times = 2 }),
        new("the answer to a callout is lost, so Apex calls again", new Fault.LostReply { Rule = OrgRules.ContactTrigger, Times = 1 }),
        new("an outbound message goes out twice at the same time, twice", new Fault.DuplicateDelivery { Rule = OrgRules.WonDeal, Times = 2 }),
        new("the answer to an outbound message is lost, so the org sends it again", new Fault.LostReply { Rule = OrgRules.WonDeal, Times = 1 }),
        new("REST takes half a second longer, three times", new Fault.Delayed(FaultTarget.Api, ShortWait / 2) { Times = 3 }),
    ];
}
