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

/// <summary>The result of one input of an action on the wire.</summary>
internal sealed record ActionItem(
    bool IsSuccess, Dictionary<string, JsonElement>? OutputValues = null, IReadOnlyList<SaveItemError>? Errors = null);

/// <summary>The result of one request of an approval call on the wire.</summary>
internal sealed record ApprovalItem(
    bool Success,
    string? EntityId = null,
    string? InstanceId = null,
    string? InstanceStatus = null,
    IReadOnlyList<string>? NewWorkitemIds = null,
    IReadOnlyList<string>? ActorIds = null,
    IReadOnlyList<SaveItemError>? Errors = null);

/// <summary>Approval processes by their objects.</summary>
internal sealed record ApprovalList(Dictionary<string, List<ApprovalProcess>> Approvals);

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
[JsonSerializable(typeof(List<ActionItem>))]
[JsonSerializable(typeof(ActionDescribe))]
[JsonSerializable(typeof(List<ApprovalItem>))]
[JsonSerializable(typeof(ApprovalList))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class RestJson : JsonSerializerContext;
