namespace SalesforceBridge.Simulator;

/// <summary>How a simulated org behaves. The defaults are those of a real one; tests make its times short.</summary>
public sealed record SimulatorOptions
{
    /// <summary>TCP port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The org's declared schema; nothing: the sandbox's (Account, Contact, Opportunity, Order__c, Order_Placed__e, Large_Order__e).</summary>
    public string? SchemaYaml { get; init; }

    /// <summary>
    /// More <c>outboundMessages</c> and <c>apexTriggers</c>, in a document of their own; they join those of the schema.
    /// A rule has <c>name</c>, <c>object</c>, <c>url</c> (may come later, see <see cref="SimulatedOrg.PointRule"/>) and, to choose changes,
    /// <c>when</c> (a SOQL condition on the record), <c>was</c> (one on what it was) and <c>changed</c> (a list of fields).
    /// An outbound message adds <c>fields</c> and <c>sessionOf</c> (a user name); a trigger <c>on</c> (insert, update, delete),
    /// <c>form</c> (queueable, webhook-creator), <c>headers</c>, <c>namedCredential</c> (<c>tokenUrl</c>, which may be relative to the url,
    /// <c>clientId</c> and <c>clientSecret</c> of the client credentials flow) and <c>gzip</c>.
    /// </summary>
    public string? RulesYaml { get; init; }

    /// <summary>PEM of the certificate or public key that the first connected app's JWT assertions are checked with; overrides the schema.</summary>
    public string? JwtCertificate { get; init; }

    /// <summary>How long a poll is held without events.</summary>
    public TimeSpan PollTimeout { get; init; } = TimeSpan.FromSeconds(110);

    /// <summary>A streaming session that is not polled for this long after a reply is forgotten.</summary>
    public TimeSpan AbandonTimeout { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>The age at which even a healthy streaming session is forgotten.</summary>
    public TimeSpan MaxSessionAge { get; init; } = TimeSpan.FromHours(3);

    /// <summary>How long an access token lives.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(2);

    /// <summary>How long platform events and change events can be replayed.</summary>
    public TimeSpan EventRetention { get; init; } = TimeSpan.FromHours(72);

    /// <summary>How long notifications of push topics and events of generic channels can be replayed.</summary>
    public TimeSpan LegacyEventRetention { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many events of one type can be replayed.</summary>
    public int KeptEvents { get; init; } = 250_000;

    /// <summary>How many events one poll reply carries at most.</summary>
    public int MaxEventsPerPoll { get; init; } = 2_000;

    /// <summary>How many streaming sessions there may be at one time.</summary>
    public int MaxStreamingClients { get; init; } = 1_000;

    /// <summary>API requests of 24 hours; beyond them REQUEST_LIMIT_EXCEEDED. The count begins with the org and does not roll.</summary>
    public int DailyApiRequests { get; init; } = 1_000_000;

    /// <summary>How many entries of each sort the ledger keeps.</summary>
    public int LedgerSize { get; init; } = 250_000;

    /// <summary>How many times faster than in a real org a failed delivery is tried again, 1 or more. At 100 the first retry of an outbound message comes after 0.3 s.</summary>
    public double RetrySpeed { get; init; } = 1;

    /// <summary>How long the org waits for the answer to an outbound message.</summary>
    public TimeSpan OutboundMessageTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long Apex waits for the answer to a callout; real ones may ask for up to 120 s.</summary>
    public TimeSpan CalloutTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a Bulk job stays in UploadComplete, and again in InProgress; at 0 it is over as soon as its rows are processed.</summary>
    public TimeSpan BulkPace { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many rows a page of a Bulk query has at most, where the client does not ask for fewer.</summary>
    public int BulkPageSize { get; init; } = 250_000;

    /// <summary>The org's clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
