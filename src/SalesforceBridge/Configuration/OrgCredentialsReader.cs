using static SalesforceBridge.Configuration.OrgCredentials;

namespace SalesforceBridge.Configuration;

/// <summary>Decides from what is set how the bridge signs in, and names what that way still lacks.</summary>
internal sealed class OrgCredentialsReader(ConfigVarReader variables, Uri loginUrl, Uri? instanceUrl)
{
    private static readonly MissingVar ConsumerKey = new(
        ConfigVar.ConsumerKey, "the consumer key of your External Client App", "'3MVG9...'");

    private static readonly MissingVar ConsumerSecret = new(ConfigVar.ConsumerSecret, "its consumer secret", "'...'");

    private static readonly MissingVar PrivateKey = new(
        ConfigVar.PrivateKey, "the private key whose certificate is uploaded to that app, as a PEM file", "\"$(cat server.key)\"");

    private static readonly MissingVar Username = new(ConfigVar.Username, "the user the bridge acts as", "'bridge@example.com'");

    private static readonly MissingVar MyDomain = new(
        ConfigVar.LoginUrl, "your org's My Domain: the client credentials flow works nowhere else", "'https://YOUR-ORG.my.salesforce.com'");

    private static readonly MissingVar InstanceUrl = new(
        ConfigVar.InstanceUrl, "the org the access token belongs to", "'https://YOUR-ORG.my.salesforce.com'");

    /// <summary>The first way whose mark is set: key, refresh token, access token, password, secret.</summary>
    public OrgCredentials Read()
    {
        if (variables.IsSet(ConfigVar.PrivateKey))
            return JwtBearer();
        if (variables.Secret(ConfigVar.RefreshToken) is { } refreshToken)
            return Refresh(refreshToken);
        if (variables.Secret(ConfigVar.AccessToken) is { } accessToken)
            return Given(accessToken);
        if (variables.Secret(ConfigVar.Password) is { } password)
            return Legacy(password);
        if (variables.Secret(ConfigVar.ConsumerSecret) is { } consumerSecret)
            return ByClientCredentials(consumerSecret);
        return new Missing([WayByKey(), WayBySecret()]);
    }

    private OrgCredentials JwtBearer()
    {
        WayToSignIn way = WayByKey();
        Secret key = variables.Value(
            ConfigVar.PrivateKey, PrivateKeyPem.TryRead, new Secret(""), "an RSA private key of 2048 bits or more without a passphrase",
            "Set the PEM file's text, with its line breaks, with \\n for them, or in base64: " +
            "heroku config:set SALESFORCE_JWT_PRIVATE_KEY=\"$(cat server.key)\"");
        return way.Vars.Count > 0 ? new Missing([way]) : new JwtBearer(TextOf(ConsumerKey), TextOf(Username), key);
    }

    private OrgCredentials Refresh(Secret token)
    {
        WayToSignIn way = Way("Refresh token", ConsumerKey);
        return way.Vars.Count > 0
            ? new Missing([way])
            : new RefreshToken(TextOf(ConsumerKey), variables.Secret(ConfigVar.ConsumerSecret), token);
    }

    private OrgCredentials Given(Secret token) =>
        instanceUrl is null ? new Missing([Way("Access token", InstanceUrl)]) : new GivenToken(instanceUrl, token);

    private OrgCredentials Legacy(Secret password)
    {
        WayToSignIn way = Way("User name and password (legacy)", ConsumerKey, ConsumerSecret, Username);
        return way.Vars.Count > 0
            ? new Missing([way])
            : new UsernamePassword(TextOf(ConsumerKey), SecretOf(ConsumerSecret), TextOf(Username), password);
    }

    private OrgCredentials ByClientCredentials(Secret consumerSecret)
    {
        WayToSignIn way = WayBySecret();
        return way.Vars.Count > 0 ? new Missing([way]) : new ClientCredentials(TextOf(ConsumerKey), consumerSecret);
    }

    private WayToSignIn WayByKey() => Way("JWT bearer, with a key of your own (recommended)", ConsumerKey, Username, PrivateKey);

    private WayToSignIn WayBySecret()
    {
        WayToSignIn way = Way("Client credentials, with the app's secret", ConsumerKey, ConsumerSecret);
        return loginUrl.Host is "login.salesforce.com" or "test.salesforce.com" ? way with { Vars = [MyDomain, .. way.Vars] } : way;
    }

    private WayToSignIn Way(string name, params MissingVar[] needed) =>
        new(name, [.. needed.Where(missing => !variables.IsSet(missing.Variable))]);

    private string TextOf(MissingVar present) => variables.Text(present.Variable)!;

    private Secret SecretOf(MissingVar present) => variables.Secret(present.Variable)!;
}
