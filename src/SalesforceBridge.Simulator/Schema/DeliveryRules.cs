using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Schema;

/// <summary>What an org sends to others when its records change.</summary>
internal sealed record DeliveryRules(IReadOnlyList<OutboundMessageRule> OutboundMessages, IReadOnlyList<ApexTrigger> ApexTriggers)
{
    public IEnumerable<DeliveryRule> All => [.. OutboundMessages, .. ApexTriggers];

    public DeliveryRules With(DeliveryRules more) =>
        new([.. OutboundMessages, .. more.OutboundMessages], [.. ApexTriggers, .. more.ApexTriggers]);
}

/// <summary>Sends something to <paramref name="Url"/> when a record changes in a way that <paramref name="Changes"/> is about.</summary>
/// <param name="Name">Unique in the org.</param>
/// <param name="Changes">Which.</param>
/// <param name="Url">Where to; nothing: the rule rests until an administrator gives it one.</param>
internal abstract record DeliveryRule(string Name, ChangeFilter Changes, Uri? Url)
{
    private static readonly string[] Schemes = [Uri.UriSchemeHttp, Uri.UriSchemeHttps];

    public static bool IsUrl(Uri url) => url.IsAbsoluteUri && Array.Exists(Schemes, scheme => scheme == url.Scheme);
}

/// <summary>Sends SOAP notifications of created and updated records.</summary>
internal sealed record OutboundMessageRule(string Name, ChangeFilter Changes, Uri? Url) : DeliveryRule(Name, Changes, Url)
{
    /// <summary>Id first, then the chosen ones by name.</summary>
    public required IReadOnlyList<Field> Fields { get; init; }

    /// <summary>Whose session id goes with it. Orgs send none since 2026.</summary>
    public User? SessionOf { get; init; }
}

/// <summary>Calls out with the records of a transaction as JSON.</summary>
internal sealed record ApexTrigger(string Name, ChangeFilter Changes, Uri? Url) : DeliveryRule(Name, Changes, Url)
{
    public required IReadOnlySet<Operation> Operations { get; init; }

    public required ApexForm Form { get; init; }

    /// <summary>Sent with every callout: what the org's code sets, or what a Named Credential adds.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>Whose token goes with every callout.</summary>
    public OAuthClient? Credential { get; init; }

    public bool Gzip { get; init; }
}

/// <summary>A client of the receiver's own token endpoint.</summary>
/// <param name="TokenUrl">Perhaps relative to the callout's URL.</param>
/// <param name="Id">The client id.</param>
/// <param name="Secret">The client secret.</param>
internal sealed record OAuthClient(string TokenUrl, string Id, string Secret);

/// <summary>What a trigger runs after.</summary>
internal enum Operation
{
    Insert,
    Update,
    Delete,
}

/// <summary>Whose Apex it is.</summary>
internal enum ApexForm
{
    /// <summary>A Queueable with an Idempotency-Key and three delayed retries.</summary>
    Queueable,

    /// <summary>The code that salesforce-webhook-creator generates: one try, and nobody looks at the answer.</summary>
    WebhookCreator,
}

/// <summary>Which changes of records a rule is about.</summary>
/// <param name="Type">Of which object.</param>
/// <param name="When">Must hold for the record as it is now; for a deleted one, as it was.</param>
/// <param name="Was">Must have held before; a new record was nothing before.</param>
/// <param name="Changed">An update must change one of these; none: any update will do.</param>
internal sealed record ChangeFilter(ObjectType Type, Condition? When, Condition? Was, IReadOnlyList<Field> Changed)
{
    public bool Passes(RecordChange change, RecordStore store) =>
        change.After.Type == Type &&
        When?.HoldsFor(change.After, store) is not false &&
        (Was is null || (change.Before is { } before && Was.HoldsFor(before, store))) &&
        (Changed.Count == 0 || change.Operation is not Operation.Update || change.Changed.Any(Changed.Contains));
}
