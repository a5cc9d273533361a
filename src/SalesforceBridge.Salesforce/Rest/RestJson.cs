using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest.Composite;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>The result of one record on the wire.</summary>
internal sealed record SaveItem(
    bool Success, string? Id = null, bool? Created = null, IReadOnlyList<SaveItemError>? Errors = null);

/// <summary>An error in it; which of the two names the code has depends on the resource.</summary>
internal sealed record SaveItemError(
    string? StatusCode = null, string? ErrorCode = null, string? Message = null, IReadOnlyList<string>? Fields = null)
{
    public SalesforceError ToError() => new(StatusCode ?? ErrorCode ?? OwnCodes.NoReason, Message ?? "", Fields ?? [], HttpStatusCode.OK);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SaveItem))]
[JsonSerializable(typeof(List<SaveItem>))]
[JsonSerializable(typeof(TreeAnswer))]
[JsonSerializable(typeof(List<ApiVersion>))]
[JsonSerializable(typeof(ObjectDescribe))]
[JsonSerializable(typeof(GlobalDescribe))]
[JsonSerializable(typeof(ObjectBasicInfo))]
[JsonSerializable(typeof(UserInfo))]
[JsonSerializable(typeof(UpdatedRecords))]
[JsonSerializable(typeof(DeletedRecords))]
[JsonSerializable(typeof(Dictionary<string, OrgLimit>))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class RestJson : JsonSerializerContext;
