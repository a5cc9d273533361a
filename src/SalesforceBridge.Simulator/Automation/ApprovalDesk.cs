using System.Text.Json;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Automation;

/// <summary>Decides about one request of an approval call.</summary>
internal sealed class ApprovalDesk(Org org)
{
    private static readonly ApiError Unknown = new("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id");

    /// <exception cref="ApiException">The request names no action that there is.</exception>
    public ApprovalVerdict Decide(JsonElement request, ApiCall call)
    {
        string action = Text(request, "actionType") ?? "";
        string? context = SalesforceId.Normalise(Text(request, "contextId"));
        return action.ToLowerInvariant() switch
        {
            "submit" => Submit(request, context),
            "approve" => Finish(context, call.User, "Approved"),
            "reject" => Finish(context, call.User, "Rejected"),
            _ => throw new ApiException(400, ApiError.Unreadable($"'{action}' is no actionType; there are Submit, Approve and Reject")),
        };
    }

    public static string? Text(JsonElement request, string name) =>
        request.ValueKind is JsonValueKind.Object && request.TryGetProperty(name, out JsonElement value) && value.ValueKind is not JsonValueKind.Null
            ? value.ToString()
            : null;

    private ApprovalVerdict Submit(JsonElement request, string? recordId) => org.Read(store =>
    {
        ObjectType? type = org.Schema.Objects.Values.FirstOrDefault(type => recordId?.StartsWith(type.KeyPrefix, StringComparison.Ordinal) is true);
        Record? record = type is null ? null : store[type].Find(recordId);
        if (record is null)
            return new ApprovalVerdict.Refused(null, Unknown);
        if (record.IsDeleted)
            return new ApprovalVerdict.Refused(record.Id, ApiError.IsDeleted);
        return Choose(request, record, store) switch
        {
            (null, var error) => new ApprovalVerdict.Refused(record.Id, error!),
            var (process, _) => Open(request, record, process),
        };
    });

    private (ApprovalProcess? Process, ApiError? Error) Choose(JsonElement request, Record record, RecordStore store)
    {
        if (Text(request, "processDefinitionNameOrId") is not { } wanted)
        {
            ApprovalProcess? first = org.Schema.Automation.Approvals.FirstOrDefault(process => process.Type == record.Type && Fits(process, record, store));
            return (first, first is null ? NoneApplies() : null);
        }
        ApprovalProcess? named = org.Schema.Automation.Approvals.FirstOrDefault(process =>
            process.Type == record.Type && (process.Name == wanted || process.Id == SalesforceId.Normalise(wanted)));
        if (named is null)
            return (null, Unknown);
        bool skips = string.Equals(Text(request, "skipEntryCriteria"), "true", StringComparison.OrdinalIgnoreCase);
        return skips || Fits(named, record, store) ? (named, null) : (null, NoneApplies());
    }

    private ApprovalVerdict Open(JsonElement request, Record record, ApprovalProcess process)
    {
        if ((process.Approver?.Id ?? NextApprover(request)) is not { } approver)
            return new ApprovalVerdict.Refused(record.Id, new ApiError("REQUIRED_FIELD_MISSING", "missing required field: [nextApproverIds]", "nextApproverIds"));
        if (!org.Schema.Users.Any(user => user.Id == approver))
            return new ApprovalVerdict.Refused(record.Id, Unknown);
        return org.Approvals.Open(record.Id, approver) is { } opened
            ? new ApprovalVerdict.Done(opened, "Pending")
            : new ApprovalVerdict.Refused(record.Id, new ApiError("ALREADY_IN_PROCESS", "Cannot submit object already in process."));
    }

    private ApprovalVerdict Finish(string? workitemId, User user, string status)
    {
        if (org.Approvals.Find(workitemId) is not { } approval)
            return new ApprovalVerdict.Refused(null, Unknown);
        if (approval.ApproverId != user.Id)
        {
            return new ApprovalVerdict.Refused(
                approval.RecordId, new ApiError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"));
        }
        return org.Approvals.Close(approval) ? new ApprovalVerdict.Done(approval, status) : new ApprovalVerdict.Refused(null, Unknown);
    }

    private static string? NextApprover(JsonElement request) =>
        request.TryGetProperty("nextApproverIds", out JsonElement ids) && ids.ValueKind is JsonValueKind.Array && ids.GetArrayLength() > 0
            ? SalesforceId.Normalise(ids[0].ToString())
            : null;

    private static bool Fits(ApprovalProcess process, Record record, RecordStore store) => process.When?.HoldsFor(record, store) is not false;

    private static ApiError NoneApplies() => new("NO_APPLICABLE_PROCESS", "No applicable approval process was found.");
}

/// <summary>What came of one request.</summary>
internal abstract record ApprovalVerdict
{
    private ApprovalVerdict()
    {
    }

    public sealed record Done(Approval Approval, string Status) : ApprovalVerdict;

    /// <param name="RecordId">Which record; nothing where it is unknown.</param>
    /// <param name="Error">Why not.</param>
    public sealed record Refused(string? RecordId, ApiError Error) : ApprovalVerdict;
}
