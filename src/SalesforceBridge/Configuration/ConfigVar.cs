namespace SalesforceBridge.Configuration;

/// <summary>
/// A config var the bridge reads. This is the whole list; README and app.json name no other, except for those of HTTP APIs, whose names
/// hold the API's (<see cref="RequestSettings"/>).
/// </summary>
internal sealed record ConfigVar(string Name, bool IsSecret = false)
{
    public static readonly ConfigVar DatabaseUrl = new("DATABASE_URL", IsSecret: true);
    public static readonly ConfigVar Port = new("PORT");

    public static readonly ConfigVar LoginUrl = new("SALESFORCE_LOGIN_URL");
    public static readonly ConfigVar ConsumerKey = new("SALESFORCE_CLIENT_ID");
    public static readonly ConfigVar ConsumerSecret = new("SALESFORCE_CLIENT_SECRET", IsSecret: true);
    public static readonly ConfigVar PrivateKey = new("SALESFORCE_JWT_PRIVATE_KEY", IsSecret: true);
    public static readonly ConfigVar Username = new("SALESFORCE_USERNAME");
    public static readonly ConfigVar Password = new("SALESFORCE_PASSWORD", IsSecret: true);
    public static readonly ConfigVar RefreshToken = new("SALESFORCE_REFRESH_TOKEN", IsSecret: true);
    public static readonly ConfigVar InstanceUrl = new("SALESFORCE_INSTANCE_URL");
    public static readonly ConfigVar AccessToken = new("SALESFORCE_ACCESS_TOKEN", IsSecret: true);
    public static readonly ConfigVar ApiVersion = new("SALESFORCE_API_VERSION");
    public static readonly ConfigVar OrgId = new("SALESFORCE_ORG_ID");

    public static readonly ConfigVar Routes = new("BRIDGE_ROUTES");
    public static readonly ConfigVar Schema = new("BRIDGE_SCHEMA");
    public static readonly ConfigVar CalloutSecrets = new("BRIDGE_CALLOUT_SECRETS", IsSecret: true);
    public static readonly ConfigVar CalloutCertificates = new("BRIDGE_CALLOUT_CERTIFICATES");
    public static readonly ConfigVar CalloutAudience = new("BRIDGE_CALLOUT_AUDIENCE");
    public static readonly ConfigVar LargestCallout = new("BRIDGE_LARGEST_CALLOUT");
    public static readonly ConfigVar TrustedRanges = new("BRIDGE_TRUSTED_RANGES");
    public static readonly ConfigVar OutboundMessageOrgs = new("BRIDGE_OUTBOUND_MESSAGE_ORGS");
    public static readonly ConfigVar LargestOutboundMessage = new("BRIDGE_LARGEST_OUTBOUND_MESSAGE");
    public static readonly ConfigVar EncryptionKey = new("BRIDGE_ENCRYPTION_KEY", IsSecret: true);
    public static readonly ConfigVar ConsolePassword = new("BRIDGE_CONSOLE_PASSWORD", IsSecret: true);
    public static readonly ConfigVar Retention = new("BRIDGE_RETENTION");
    public static readonly ConfigVar Storage = new("BRIDGE_STORAGE");
    public static readonly ConfigVar ApiBudget = new("BRIDGE_API_BUDGET");
    public static readonly ConfigVar Process = new("BRIDGE_PROCESS");

    public static readonly ConfigVar HerokuApiKey = new("HEROKU_API_KEY", IsSecret: true);

    public static readonly ConfigVar LogFormat = new("LOG_FORMAT");
    public static readonly ConfigVar LogLevel = new("LOG_LEVEL");
    public static readonly ConfigVar TelemetryEndpoint = new("OTEL_EXPORTER_OTLP_ENDPOINT");

    /// <summary>Every config var a person may set.</summary>
    public static IReadOnlyList<ConfigVar> All { get; } =
    [
        DatabaseUrl, Port,
        LoginUrl, ConsumerKey, ConsumerSecret, PrivateKey, Username, Password, RefreshToken, InstanceUrl, AccessToken, ApiVersion, OrgId,
        Routes, Schema, CalloutSecrets, CalloutCertificates, CalloutAudience, LargestCallout, TrustedRanges, OutboundMessageOrgs, LargestOutboundMessage,
        EncryptionKey, ConsolePassword, Retention, Storage, ApiBudget, Process, HerokuApiKey,
        LogFormat, LogLevel, TelemetryEndpoint,
    ];

    /// <inheritdoc/>
    public override string ToString() => Name;
}
