namespace SalesforceBridge.Salesforce.OAuth;

/// <summary>Which org a token is for, and which user it acts as.</summary>
/// <param name="OrganizationId">The org's id, 18 characters, <c>00D...</c>.</param>
/// <param name="UserId">The user's id, 18 characters, <c>005...</c>.</param>
public sealed record OrgIdentity(string OrganizationId, string UserId)
{
    private const int ComparedCharacters = 15;

    /// <summary>Whether an org's id, of 15 or 18 characters, is this one's: the last three of 18 only repeat which letters are capitals.</summary>
    public bool IsOf(string organizationId) =>
        OrganizationId.Length >= ComparedCharacters && organizationId.Length is 15 or 18
        && organizationId.AsSpan(0, ComparedCharacters).SequenceEqual(OrganizationId.AsSpan(0, ComparedCharacters));

    /// <summary>Reads the identity URL of a token answer, <c>https://host/id/00D.../005...</c>; null if it is none.</summary>
    internal static OrgIdentity? FromUrl(string? url)
    {
        string[] parts = url?.TrimEnd('/').Split('/') ?? [];
        return parts is [.., "id", { Length: 15 or 18 } org, { Length: 15 or 18 } user] ? new OrgIdentity(org, user) : null;
    }
}
