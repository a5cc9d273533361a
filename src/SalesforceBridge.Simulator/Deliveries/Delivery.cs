using SalesforceBridge.Simulator.Ledger;

namespace SalesforceBridge.Simulator.Deliveries;

/// <summary>Something to send: an outbound message or an Apex callout.</summary>
/// <param name="line">Whose it is.</param>
/// <param name="entry">What the ledger says of it at first.</param>
internal abstract class Delivery(RuleLine line, SentDelivery entry)
{
    public RuleLine Line => line;

    /// <summary>What the ledger says of it. Only the courier writes it.</summary>
    public SentDelivery Entry { get; set; } = entry;

    public long Number => Entry.Number;

    public abstract TimeSpan Timeout { get; }

    /// <summary>How long to wait after each failed attempt.</summary>
    public abstract IReadOnlyList<TimeSpan> Retries { get; }

    /// <summary>The request of one attempt.</summary>
    public abstract HttpRequestMessage ToRequest(Uri url);

    public abstract Verdict Judge(int status, string body);
}
