using System.Text.Json.Serialization;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>A version of the API that the org speaks.</summary>
/// <param name="Version">Such as <c>62.0</c>.</param>
/// <param name="Label">Such as <c>Winter '25</c>.</param>
/// <param name="Url">Its path on the org's host.</param>
public sealed record ApiVersion(string Version, string Label, string Url);

/// <summary>One of the org's limits; which there are differs by org and release.</summary>
/// <param name="Max">How much is allowed in the limit's window.</param>
/// <param name="Remaining">How much is left.</param>
public sealed record OrgLimit(
    [property: JsonPropertyName("Max")] long Max,
    [property: JsonPropertyName("Remaining")] long Remaining);

/// <summary>Who the token acts as.</summary>
/// <param name="OrganizationId">The org's id, 18 characters.</param>
/// <param name="UserId">The user's id, 18 characters.</param>
/// <param name="Username">The user's login name.</param>
public sealed record UserInfo(
    [property: JsonPropertyName("organization_id")] string OrganizationId,
    [property: JsonPropertyName("user_id")] string UserId,
    [property: JsonPropertyName("preferred_username")] string? Username = null)
{
    /// <summary>The two ids.</summary>
    [JsonIgnore]
    public OrgIdentity Identity => new(OrganizationId, UserId);
}
