using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Ledger;

namespace SalesforceBridge.Sandbox.Check;

/// <summary>
/// What the org has to tell of by calling the bridge itself. Each write of a record runs its rule once, whoever wrote: the people at the desk,
/// the bridge, which closes a circle with that, or Heroku Connect with what apps wrote.
/// </summary>
internal sealed class OrgCalls(SimulatedOrg org, OrderDesk desk)
{
    /// <summary>How many times a contact was written, so how many records Apex has to call out with.</summary>
    public int Callouts => desk.ContactWrites + WritesTo("Contact").Count();

    /// <summary>How many times a won deal was written, so how many notifications the org has to send.</summary>
    public int Notifications => desk.Deals.Count + WritesTo("Opportunity").Count();

    public int Count => Callouts + Notifications;

    /// <summary>By what the inbox must know each record of a callout.</summary>
    public IEnumerable<string> CalloutKeys => Deliveries(OrgRules.ContactTrigger)
        .SelectMany(sent => sent.RecordIds.Select((_, n) => OrgRules.DedupeKeyOf(sent.Keys[0], n)));

    /// <summary>By what it must know each notification.</summary>
    public IEnumerable<string> NotificationIds => Deliveries(OrgRules.WonDeal).SelectMany(sent => sent.Keys);

    /// <summary>Whether the org has told of all of it and nothing is to be sent again. What waits to be sent first is in no ledger yet, so that is counted.</summary>
    public bool AreOver =>
        org.Ledger.Deliveries.All(sent => sent.Status is DeliveryStatus.Delivered) && CalloutKeys.Count() + NotificationIds.Count() == Count;

    /// <summary>How many notifications the org has to send about a deal.</summary>
    public int NotificationsOf(Deal deal) => 1 + WritesTo("Opportunity").Count(write => write.Id == deal.Id);

    /// <summary>How many requests of a rule had to be sent more than once.</summary>
    public int SentAgain(string rule) => Deliveries(rule).Count(sent => sent.Attempts.Count > 1);

    private IEnumerable<SentDelivery> Deliveries(string rule) => org.Ledger.Deliveries.Where(sent => sent.Rule == rule);

    private IEnumerable<ReceivedWrite> WritesTo(string type) => org.Ledger.Writes.Where(write => write.Object == type && write.Error is null);
}
