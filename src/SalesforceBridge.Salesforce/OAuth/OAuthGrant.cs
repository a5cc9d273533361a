namespace SalesforceBridge.Salesforce.OAuth;

/// <summary>What a token is asked for with: one of the OAuth flows, and the secrets it needs.</summary>
public abstract record OAuthGrant
{
    private OAuthGrant()
    {
    }

    /// <summary>Names the flow and for whom, never a secret.</summary>
    public sealed override string ToString() => this switch
    {
        JwtBearer jwt => $"JWT bearer for {jwt.Username}",
        ClientCredentials => "client credentials",
        RefreshToken => "refresh token",
        Given given => $"a given token for {given.InstanceUrl.Host}",
        UsernamePassword password => $"username and password of {password.Username}",
        _ => GetType().Name,
    };

    /// <summary>What is wrong with the grant as it was given, told without secrets, or null; for a check at start.</summary>
    public string? Fault => this is JwtBearer jwt ? JwtAssertion.FaultOf(jwt.PrivateKeyPem) : null;

    /// <summary>A JWT signed with the key whose certificate the app in the org holds. The way for servers.</summary>
    /// <param name="ConsumerKey">The app's consumer key.</param>
    /// <param name="Username">The integration user, approved for the app beforehand.</param>
    /// <param name="PrivateKeyPem">
    /// The RSA private key, not encrypted: PEM (line ends may be written <c>\n</c>), or base64 of the PEM or of its PKCS#8 DER.
    /// </param>
    /// <param name="Audience">The <c>aud</c> claim; by default the login URL.</param>
    public sealed record JwtBearer(string ConsumerKey, string Username, string PrivateKeyPem, string? Audience = null) : OAuthGrant;

    /// <summary>The app itself, as the user its settings in the org name. Only at a My Domain host.</summary>
    /// <param name="ConsumerKey">The app's consumer key.</param>
    /// <param name="ConsumerSecret">The app's consumer secret.</param>
    public sealed record ClientCredentials(string ConsumerKey, string ConsumerSecret) : OAuthGrant;

    /// <summary>A refresh token that a person's login gave. A new one in an answer takes its place while the process lives.</summary>
    /// <param name="ConsumerKey">The app's consumer key.</param>
    /// <param name="ConsumerSecret">The app's consumer secret, where the app asks for it.</param>
    /// <param name="Token">The refresh token.</param>
    public sealed record RefreshToken(string ConsumerKey, string? ConsumerSecret, string Token) : OAuthGrant;

    /// <summary>A token from elsewhere, used until the org rejects it; it cannot be renewed.</summary>
    /// <param name="InstanceUrl">Where the org's API is, scheme and host.</param>
    /// <param name="Token">The access token.</param>
    public sealed record Given(Uri InstanceUrl, string Token) : OAuthGrant;

    /// <summary>The legacy flow, off by default in orgs since Summer '23.</summary>
    /// <param name="ConsumerKey">The app's consumer key.</param>
    /// <param name="ConsumerSecret">The app's consumer secret.</param>
    /// <param name="Username">The user.</param>
    /// <param name="Password">The password with the security token behind it.</param>
    public sealed record UsernamePassword(string ConsumerKey, string ConsumerSecret, string Username, string Password) : OAuthGrant;
}
