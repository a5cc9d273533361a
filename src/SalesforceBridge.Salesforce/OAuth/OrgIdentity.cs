namespace SalesforceBridge.Salesforce.OAuth;

/// <summary>Which org a token is for, and which user it acts as.</summary>
/// <param name="OrganizationId">The org's id, 18 characters, <c>00D...</c>.</param>
/// <param name="UserId">The user's id, 18 characters, <c>005...</c>.</param>
public sealed record OrgIdentity(string OrganizationId, string UserId)
{
    /// <summary>Reads the identity URL of a token answer, <c>https://host/id/00D.../005...</c>; null if it is none.</summary>
    internal static OrgIdentity? FromUrl(string? url)
    {
        string[] parts = url?.TrimEnd('/').Split('/') ?? [];
        return parts is [.., "id", { Length: 15 or 18 } org, { Length: 15 or 18 } user] ? new OrgIdentity(org, user) : null;
    }
}
