namespace SalesforceBridge.Configuration;

/// <summary>How the bridge signs in to the org; which way follows from what is set.</summary>
internal abstract record OrgCredentials
{
    private OrgCredentials()
    {
    }

    /// <summary>A key pair: nothing to renew, nothing to lock. The first choice.</summary>
    public sealed record JwtBearer(string ConsumerKey, string Username, Secret PrivateKeyPem) : OrgCredentials;

    /// <summary>The app's own secret, at the org's My Domain only.</summary>
    public sealed record ClientCredentials(string ConsumerKey, Secret ConsumerSecret) : OrgCredentials;

    /// <summary>A refresh token from somebody's sign-in.</summary>
    public sealed record RefreshToken(string ConsumerKey, Secret? ConsumerSecret, Secret Token) : OrgCredentials;

    /// <summary>An access token as it is. It cannot be renewed.</summary>
    public sealed record GivenToken(Uri InstanceUrl, Secret AccessToken) : OrgCredentials;

    /// <summary>The legacy flow, which orgs made since Summer '23 refuse by default.</summary>
    public sealed record UsernamePassword(string ConsumerKey, Secret ConsumerSecret, string Username, Secret Password) : OrgCredentials;

    /// <summary>Not enough yet: the process runs in the setup state and says what is missing.</summary>
    public sealed record Missing(IReadOnlyList<WayToSignIn> Ways) : OrgCredentials;
}

/// <summary>One way to complete the credentials: set all of these.</summary>
internal sealed record WayToSignIn(string Name, IReadOnlyList<MissingVar> Vars)
{
    /// <summary>What to type. Placeholders stand where values go.</summary>
    public string CommandFor(string? app) =>
        $"heroku config:set {string.Join(' ', Vars.Select(missing => $"{missing.Variable}={missing.Placeholder}"))}{(app is null ? "" : $" --app {app}")}";
}

/// <summary>A config var to be set.</summary>
/// <param name="Variable">Its name.</param>
/// <param name="What">What it holds.</param>
/// <param name="Placeholder">What to type for it in a shell.</param>
internal sealed record MissingVar(ConfigVar Variable, string What, string Placeholder);
