using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Org;

/// <summary>Which org and user a token is for. A login says so; of a token that was given as it is, the org has to be asked.</summary>
/// <param name="asking">Asks under that token, whatever org it is for.</param>
internal sealed class TokenOwner(SalesforceClient asking)
{
    private volatile Known? _known;

    /// <exception cref="SalesforceException">The org could not be asked.</exception>
    public async Task<OrgIdentity> OfAsync(AccessToken token, CancellationToken ct)
    {
        if (token.Identity is { } identity)
            return identity;
        if (_known is { } known && known.Token == token.Value)
            return known.Identity;
        identity = (await asking.GetUserInfoAsync(ct)).Identity;
        _known = new Known(token.Value, identity);
        return identity;
    }

    private sealed record Known(string Token, OrgIdentity Identity);
}
