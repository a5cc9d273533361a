using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Rest;

/// <content>
/// Approval processes. For one record a refusal is a <see cref="SalesforceException"/>; in a list each has its own result, and those that
/// succeed are kept whatever becomes of the rest. A call of which nobody knows whether the org acted is never repeated.
/// </content>
public sealed partial class SalesforceClient
{
    private const string ApprovalsPath = "process/approvals";

    /// <summary>Submits a record for approval.</summary>
    /// <param name="submission">Which, and how.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="SalesforceException">
    /// The org refused or could not be reached: <c>ALREADY_IN_PROCESS</c>, <c>NO_APPLICABLE_PROCESS</c> where the record meets no process's
    /// criteria, <c>INVALID_CROSS_REFERENCE_KEY</c> for an id that is none.
    /// </exception>
    public async Task<ApprovalResult> SubmitForApprovalAsync(ApprovalSubmission submission, CancellationToken ct) =>
        Only("submit for approval", await SubmitForApprovalAsync([submission], ct));

    /// <summary>Submits records for approval in one call.</summary>
    /// <param name="submissions">Which, and how.</param>
    /// <param name="ct">Ends the call.</param>
    /// <returns>A result for each, in their order.</returns>
    /// <exception cref="SalesforceException">The org refused the call as a whole or could not be reached.</exception>
    public Task<IReadOnlyList<ApprovalResult>> SubmitForApprovalAsync(IReadOnlyList<ApprovalSubmission> submissions, CancellationToken ct) =>
        ProcessAsync("submit for approval", ApprovalRequest.Submit(submissions), submissions.Count, ct);

    /// <summary>Approves what waits for the user's word.</summary>
    /// <param name="decision">What, and why.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="SalesforceException">The org refused or could not be reached: <c>INVALID_CROSS_REFERENCE_KEY</c> where it waits no more, <c>INSUFFICIENT_ACCESS_OR_READONLY</c> where the user is not its approver.</exception>
    public async Task<ApprovalResult> ApproveAsync(ApprovalDecision decision, CancellationToken ct) => Only("approve", await ApproveAsync([decision], ct));

    /// <summary>Approves in one call what waits for the user's word.</summary>
    /// <param name="decisions">What, and why.</param>
    /// <param name="ct">Ends the call.</param>
    /// <returns>A result for each, in their order.</returns>
    /// <exception cref="SalesforceException">The org refused the call as a whole or could not be reached.</exception>
    public Task<IReadOnlyList<ApprovalResult>> ApproveAsync(IReadOnlyList<ApprovalDecision> decisions, CancellationToken ct) =>
        ProcessAsync("approve", ApprovalRequest.Decide("Approve", decisions), decisions.Count, ct);

    /// <summary>Rejects what waits for the user's word.</summary>
    /// <param name="decision">What, and why.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="SalesforceException">The org refused or could not be reached, as for <see cref="ApproveAsync(ApprovalDecision, CancellationToken)"/>.</exception>
    public async Task<ApprovalResult> RejectAsync(ApprovalDecision decision, CancellationToken ct) => Only("reject", await RejectAsync([decision], ct));

    /// <summary>Rejects in one call what waits for the user's word.</summary>
    /// <param name="decisions">What, and why.</param>
    /// <param name="ct">Ends the call.</param>
    /// <returns>A result for each, in their order.</returns>
    /// <exception cref="SalesforceException">The org refused the call as a whole or could not be reached.</exception>
    public Task<IReadOnlyList<ApprovalResult>> RejectAsync(IReadOnlyList<ApprovalDecision> decisions, CancellationToken ct) =>
        ProcessAsync("reject", ApprovalRequest.Decide("Reject", decisions), decisions.Count, ct);

    /// <summary>The org's active approval processes, of every object.</summary>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="SalesforceException">The org refused or could not be reached.</exception>
    public Task<IReadOnlyList<ApprovalProcess>> GetApprovalsAsync(CancellationToken ct) =>
        _exchange.SendAsync<IReadOnlyList<ApprovalProcess>>(
            new SalesforceRequest(HttpMethod.Get, ApprovalsPath) { What = "list approval processes" },
            reply => [.. Read(reply, RestJson.Default.ApprovalList).Approvals.Values.SelectMany(processes => processes)], ct);

    private Task<IReadOnlyList<ApprovalResult>> ProcessAsync(string what, ReadOnlyMemory<byte> body, int count, CancellationToken ct) =>
        SendItemsAsync(
            new SalesforceRequest(HttpMethod.Post, ApprovalsPath) { What = what, Body = body },
            RestJson.Default.ListApprovalItem, count, ApprovalResult.From, ct);

    private static ApprovalResult Only(string what, IReadOnlyList<ApprovalResult> results) =>
        results[0].Success ? results[0] : throw new SalesforceException(what, results[0].Errors, results[0].Class!);
}
