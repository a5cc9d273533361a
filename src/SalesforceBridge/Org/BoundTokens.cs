using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Org;

/// <summary>
/// The tokens of the org that this database belongs to. Whatever speaks to the org needs one, so under credentials of another org nothing
/// subscribes, polls or delivers.
/// </summary>
internal sealed class BoundTokens(ITokenSource tokens, OrgGuard guard, TimeProvider time) : ITokenSource
{
    // For whoever missed that the database was rebound.
    private static readonly TimeSpan Valid = TimeSpan.FromMinutes(1);

    private volatile Admission? _admission;

    /// <inheritdoc/>
    public async ValueTask<AccessToken> GetAsync(CancellationToken ct) => await AdmitAsync(await tokens.GetAsync(ct), ct);

    /// <inheritdoc/>
    public async ValueTask<AccessToken> RenewAsync(AccessToken rejected, CancellationToken ct) =>
        await AdmitAsync(await tokens.RenewAsync(rejected, ct), ct);

    /// <summary>Looks anew whether the credentials are for another org. Where there is no token now, they are not known to be.</summary>
    public async Task<bool> AreOfOtherOrgAsync(CancellationToken ct)
    {
        _admission = null;
        try
        {
            await GetAsync(ct);
            return false;
        }
        catch (OAuthException refusal)
        {
            return refusal.Code == OrgGuard.Code;
        }
    }

    private async ValueTask<AccessToken> AdmitAsync(AccessToken token, CancellationToken ct)
    {
        if (_admission is { } admission && admission.Token == token.Value && time.GetElapsedTime(admission.At) < Valid)
            return token;
        // Since before the look: what is changed during it has to be seen by the next one.
        long at = time.GetTimestamp();
        await guard.AdmitAsync(token, ct);
        _admission = new Admission(token.Value, at);
        return token;
    }

    private sealed record Admission(string Token, long At);
}
