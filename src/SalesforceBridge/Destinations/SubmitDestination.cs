using SalesforceBridge.Budget;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Destinations;

/// <summary>The approval processes of an object: a lane's deliveries as the submissions of one call, under the bridge's own token or a caller's.</summary>
internal sealed class SubmitDestination(OrgCalls org, CallerToken? caller = null) : IDestination
{
    private readonly OrgOutcomes _outcomes = new(org, caller, isRepeatable: false);

    public int CallSize => 200;

    /// <inheritdoc/>
    public bool IsRepeatable => false;

    /// <inheritdoc/>
    public IDestination As(CallerToken caller) => new SubmitDestination(org, caller);

    /// <inheritdoc/>
    public string? RecordOf(Delivery delivery) => SubmissionColumns.Read(delivery.Body).RecordId;

    /// <inheritdoc/>
    public async Task<CallOutcome> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct)
    {
        try
        {
            SalesforceClient client = org.For(ApiCaller.Lane(deliveries[0].Lane)).With(DeliveryOptions.Of(deliveries, caller));
            IReadOnlyList<ApprovalResult> results = await client.SubmitForApprovalAsync([.. deliveries.Select(delivery => SubmissionColumns.Read(delivery.Body))], ct);
            return new CallOutcome.Answered([.. results.Select(OfSubmission)]);
        }
        catch (SalesforceException failure)
        {
            return _outcomes.OfCall(failure, deliveries.Count);
        }
    }

    private DeliveryOutcome OfSubmission(ApprovalResult result) => result.Success
        ? new DeliveryOutcome.Delivered(result.InstanceId)
        : _outcomes.OfItem(result.Errors, result.Class!);
}
