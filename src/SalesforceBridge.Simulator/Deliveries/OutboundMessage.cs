using System.Net.Http.Headers;
using System.Text;
using SalesforceBridge.Simulator.Identity;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Deliveries;

/// <summary>Up to 100 notifications of one rule, acknowledged together.</summary>
internal sealed class OutboundMessage(
    Org org, RuleLine line, OutboundMessageRule rule, string actionId, IReadOnlyList<Notification> notifications, SentDelivery entry)
    : Delivery(line, entry)
{
    private readonly AccessToken? _session = rule.SessionOf is { } user ? org.Tokens.Issue(user, app: null) : null;

    public override TimeSpan Timeout => org.Options.OutboundMessageTimeout;

    public override IReadOnlyList<TimeSpan> Retries => RetrySchedule.OutboundMessage;

    public override HttpRequestMessage ToRequest(Uri url)
    {
        var envelope = new OutboundEnvelope(org.Schema.OrgId, actionId, _session?.Value, org.Address.Instance);
        // A late retry tells what the records hold by then.
        string soap = org.Read(store => envelope.Write(
            rule.Changes.Type.Name,
            rule.Fields,
            notifications.Select(notification => (notification.Id, store[rule.Changes.Type].Find(notification.RecordId)!))));
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(soap)) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("text/xml; charset=utf-8");
        request.Headers.TryAddWithoutValidation("SOAPAction", "\"\"");
        return request;
    }

    public override Verdict Judge(int status, string body) => Acknowledgement.Read(status, body);
}
