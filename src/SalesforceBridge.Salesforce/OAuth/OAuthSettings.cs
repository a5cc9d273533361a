namespace SalesforceBridge.Salesforce.OAuth;

/// <summary>Where and how tokens are asked for.</summary>
public sealed record OAuthSettings
{
    /// <summary>
    /// The login host: <c>https://login.salesforce.com</c> (default), <c>https://test.salesforce.com</c> or the org's My Domain.
    /// </summary>
    public Uri LoginUrl { get; init; } = new("https://login.salesforce.com");

    /// <summary>
    /// How long a refusal is remembered before the org is asked again; 5 minutes by default. Shorter pauses risk that the org locks the user.
    /// </summary>
    public TimeSpan PauseAfterRefusal { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one token request may take; 30 seconds by default.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
