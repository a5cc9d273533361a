namespace SalesforceBridge.Salesforce.OAuth;

/// <summary>A token, and the host where it is good.</summary>
/// <param name="Value">The secret; never logged.</param>
/// <param name="InstanceUrl">Where the org's API is, scheme and host.</param>
public sealed record AccessToken(string Value, Uri InstanceUrl)
{
    /// <summary>Which org and user it is for, as the login said that gave it; null where none said so, as for a given token.</summary>
    public OrgIdentity? Identity { get; init; }

    /// <summary>The scopes that the login granted, such as <c>api refresh_token</c>; null where none said so, as for a given token.</summary>
    public string? Scope { get; init; }

    /// <summary>Says where the token is good, and not what it is.</summary>
    public override string ToString() => $"token for {InstanceUrl.Host}";
}

/// <summary>Where tokens come from: a stated seam, since an org, a test and an AppLink context give them differently.</summary>
public interface ITokenSource
{
    /// <summary>The token in use, or a new one if there is none.</summary>
    /// <exception cref="OAuthException">The org refused or could not be reached.</exception>
    ValueTask<AccessToken> GetAsync(CancellationToken ct);

    /// <summary>A token other than the one the org just rejected; callers that ask at once share one request.</summary>
    /// <exception cref="OAuthException">The org refused or could not be reached.</exception>
    ValueTask<AccessToken> RenewAsync(AccessToken rejected, CancellationToken ct);
}
