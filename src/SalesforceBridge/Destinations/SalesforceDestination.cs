using SalesforceBridge.Budget;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Destinations;

/// <summary>
/// An object, or event, of the org and what to do with it: a lane's deliveries as one call of up to 200 records, under the bridge's own
/// token or a caller's.
/// </summary>
internal sealed class SalesforceDestination(
    OrgCalls org, SaveVerb verb, string sObject, string? externalIdField, CallerToken? caller = null) : IDestination
{
    private const string NotFound = "NOT_FOUND";

    private readonly OrgOutcomes _outcomes = new(org, caller, isRepeatable: verb is not SaveVerb.Create);

    public int CallSize => 200;

    /// <inheritdoc/>
    public IJobs? JobsOf(string lane) => caller is null && SalesforceJobs.CanHold(sObject)
        ? new SalesforceJobs(org.For(ApiCaller.Lane(lane)), lane, verb, sObject, externalIdField, OfRecord)
        : null;

    /// <inheritdoc/>
    public bool IsRepeatable => verb is not SaveVerb.Create;

    /// <inheritdoc/>
    public IDestination As(CallerToken caller) => new SalesforceDestination(org, verb, sObject, externalIdField, caller);

    /// <inheritdoc/>
    public string? RecordOf(Delivery delivery) => verb is SaveVerb.Create ? null : RecordKey.Of(delivery.Body.Span, externalIdField ?? "Id");

    /// <inheritdoc/>
    public async Task<CallOutcome> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct)
    {
        try
        {
            SalesforceClient client = org.For(ApiCaller.Lane(deliveries[0].Lane)).With(DeliveryOptions.Of(deliveries, caller));
            SaveOutcome outcome = await client.SaveAsync(
                verb, sObject, externalIdField, [.. deliveries.Select(delivery => delivery.Body)], deliveries[0].IsTogether, ct);
            return outcome.Failure is { } failure
                ? _outcomes.OfCall(failure, deliveries.Count)
                : new CallOutcome.Answered([.. outcome.Results.Select(OfRecord)]);
        }
        catch (SalesforceException failure)
        {
            return _outcomes.OfCall(failure, deliveries.Count);
        }
    }

    private DeliveryOutcome OfRecord(SaveResult result)
    {
        if (result.Success)
            return new DeliveryOutcome.Delivered(result.EventUuid ?? result.Id, result.Created);
        string code = result.Errors[0].Code;
        string error = string.Join("; ", result.Errors);
        if (result.InDoubt)
            return new DeliveryOutcome.InDoubt(error);
        // A create names no record, so what is not found is the object itself, for every record alike.
        return verb is SaveVerb.Create && code == NotFound
            ? _outcomes.OfMissing(result.Class!, code, $"{sObject}: {error}")
            : _outcomes.OfItem(result.Errors, result.Class!);
    }
}
