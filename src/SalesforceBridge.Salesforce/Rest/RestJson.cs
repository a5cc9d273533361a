using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>The result of one record on the wire.</summary>
internal sealed record SaveItem(string? Id, bool Success, bool? Created, IReadOnlyList<SaveItemError>? Errors);

/// <summary>An error in it; which of the two names the code has depends on the resource.</summary>
internal sealed record SaveItemError(string? StatusCode, string? ErrorCode, string? Message, IReadOnlyList<string>? Fields)
{
    public SalesforceError ToError() => new(StatusCode ?? ErrorCode ?? "", Message ?? "", Fields ?? [], HttpStatusCode.OK);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(SaveItem))]
[JsonSerializable(typeof(List<SaveItem>))]
[JsonSerializable(typeof(List<ApiVersion>))]
[JsonSerializable(typeof(ObjectDescribe))]
[JsonSerializable(typeof(UserInfo))]
[JsonSerializable(typeof(Dictionary<string, OrgLimit>))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class RestJson : JsonSerializerContext;
