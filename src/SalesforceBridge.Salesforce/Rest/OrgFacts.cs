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

/// <summary>What a user may do with an object, and its fields as far as that user sees them.</summary>
/// <param name="Name">The API name, such as <c>Order__c</c>.</param>
/// <param name="Fields">The fields.</param>
/// <param name="Label">The name people see.</param>
/// <param name="KeyPrefix">The first three characters of its ids; null for some objects.</param>
/// <param name="Createable">Whether the user may create records.</param>
/// <param name="Updateable">Whether the user may update records.</param>
/// <param name="Deletable">Whether the user may delete records.</param>
/// <param name="Queryable">Whether the user may query it; false for events.</param>
/// <param name="Replicateable">Whether the org tells which records were changed or deleted since when.</param>
public sealed record ObjectDescribe(
    string Name,
    IReadOnlyList<FieldDescribe> Fields,
    string? Label = null,
    string? KeyPrefix = null,
    bool Createable = false,
    bool Updateable = false,
    bool Deletable = false,
    bool Queryable = false,
    bool Replicateable = false);

/// <summary>A field, and what the user may do with it.</summary>
/// <param name="Name">The API name.</param>
/// <param name="Type">Salesforce's type: <c>string</c>, <c>reference</c>, <c>datetime</c>, <c>double</c>, ...</param>
/// <param name="Label">The name people see.</param>
/// <param name="Length">The most characters it takes; 0 where that means nothing.</param>
/// <param name="Nillable">Whether it may be null.</param>
/// <param name="DefaultedOnCreate">Whether the org fills it when a create leaves it out.</param>
/// <param name="Createable">Whether a create may set it.</param>
/// <param name="Updateable">Whether an update may set it.</param>
/// <param name="ExternalId">Whether it is an external id.</param>
/// <param name="IdLookup">Whether an upsert can find records by it.</param>
/// <param name="Unique">Whether two records cannot share a value.</param>
/// <param name="ReferenceTo">The objects a reference may point to; null or empty for other types.</param>
/// <param name="RelationshipName">The name under which the referenced record is reached, such as <c>Account</c> or <c>Order__r</c>.</param>
public sealed record FieldDescribe(
    string Name,
    string Type,
    string? Label = null,
    int Length = 0,
    bool Nillable = false,
    bool DefaultedOnCreate = false,
    bool Createable = false,
    bool Updateable = false,
    bool ExternalId = false,
    bool IdLookup = false,
    bool Unique = false,
    IReadOnlyList<string>? ReferenceTo = null,
    string? RelationshipName = null);
