using System.Net;
using System.Text.Json.Serialization;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>A record to submit for approval.</summary>
/// <param name="RecordId">The record's id.</param>
public sealed record ApprovalSubmission(string RecordId)
{
    /// <summary>What the approver reads.</summary>
    public string? Comments { get; init; }

    /// <summary>Which process to enter; null for the first one whose entry criteria the record meets.</summary>
    public string? ProcessNameOrId { get; init; }

    /// <summary>Whether a record may enter the named process although it does not meet its entry criteria; false by default.</summary>
    public bool SkipEntryCriteria { get; init; }

    /// <summary>Who decides next, where the process leaves that to the submitter; a user's id.</summary>
    public IReadOnlyList<string> NextApproverIds { get; init; } = [];

    /// <summary>On whose behalf; null for the user of the token.</summary>
    public string? SubmitterId { get; init; }
}

/// <summary>An approver's word on a record that waits.</summary>
/// <param name="WorkitemId">What waits: one of <see cref="ApprovalResult.NewWorkitemIds"/>.</param>
public sealed record ApprovalDecision(string WorkitemId)
{
    /// <summary>Why.</summary>
    public string? Comments { get; init; }

    /// <summary>Who decides next, where the process leaves that to the approver.</summary>
    public IReadOnlyList<string> NextApproverIds { get; init; } = [];
}

/// <summary>What became of one submission or decision.</summary>
public sealed record ApprovalResult
{
    /// <summary>Whether it was taken.</summary>
    public required bool Success { get; init; }

    /// <summary>The record's id; null where it was refused.</summary>
    public string? RecordId { get; init; }

    /// <summary>The process instance, <c>04g...</c>.</summary>
    public string? InstanceId { get; init; }

    /// <summary><c>Pending</c>, <c>Approved</c>, <c>Rejected</c> or <c>Removed</c>.</summary>
    public string? InstanceStatus { get; init; }

    /// <summary>What waits for a decision now, <c>04i...</c>.</summary>
    public IReadOnlyList<string> NewWorkitemIds { get; init; } = [];

    /// <summary>Who is to decide now.</summary>
    public IReadOnlyList<string> ActorIds { get; init; } = [];

    /// <summary>Why it was refused, such as <c>ALREADY_IN_PROCESS</c> or <c>NO_APPLICABLE_PROCESS</c>; empty on success.</summary>
    public IReadOnlyList<SalesforceError> Errors { get; init; } = [];

    /// <summary>What to make of the errors; null on success.</summary>
    public ErrorClass? Class { get; init; }

    /// <summary>The HTTP status of the call, which is 400 for all that is in it as soon as one is refused.</summary>
    public required HttpStatusCode Status { get; init; }

    internal static ApprovalResult From(ApprovalItem item, HttpStatusCode status)
    {
        if (!item.Success)
        {
            IReadOnlyList<SalesforceError> errors = ItemErrors.Of(item.Errors, status);
            return new ApprovalResult { Success = false, RecordId = item.EntityId, Errors = errors, Class = ItemErrors.ClassOf(errors), Status = status };
        }

        return new ApprovalResult
        {
            Success = true,
            RecordId = item.EntityId,
            InstanceId = item.InstanceId,
            InstanceStatus = item.InstanceStatus,
            NewWorkitemIds = item.NewWorkitemIds ?? [],
            ActorIds = item.ActorIds ?? [],
            Status = status,
        };
    }
}

/// <summary>An approval process of the org.</summary>
/// <param name="Id">Its id, <c>04a...</c>.</param>
/// <param name="Name">Its developer name.</param>
/// <param name="SObject">The object whose records enter it.</param>
/// <param name="Description">What people wrote about it.</param>
/// <param name="SortOrder">Its place among those of the object: the first one whose criteria a record meets is the one it enters.</param>
public sealed record ApprovalProcess(
    string Id, string Name, [property: JsonPropertyName("object")] string SObject, string? Description = null, int SortOrder = 0);
