using System.Buffers;
using System.Net;
using System.Text.Json;
using SalesforceBridge.Budget;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Destinations;

/// <summary>A flow or an action of the org: a lane's deliveries as the inputs of one call, under the bridge's own token or a caller's.</summary>
internal sealed class InvokeDestination(OrgCalls org, InvocableAction action, CallerToken? caller = null) : IDestination
{
    // The inputs of a call share the limits of one transaction, and the org's message says which one they broke.
    private const string BrokeLimit = "LimitException";
    private const int LongestOutputs = 256 * 1024;

    private readonly OrgOutcomes _outcomes = new(org, caller, isRepeatable: false);

    /// <summary>As many as Apex takes at a time.</summary>
    public int CallSize => 200;

    /// <inheritdoc/>
    public bool IsRepeatable => false;

    /// <summary>The action that a destination names; null where it names none.</summary>
    /// <param name="words">Those of its name.</param>
    public static InvocableAction? ActionOf(string[] words) => words switch
    {
        ["invoke", "flow", var name] => InvocableAction.Flow(name),
        ["invoke", "apex", var name] => InvocableAction.Apex(name),
        ["invoke", "action", var name] => InvocableAction.Standard(name),
        _ => null,
    };

    /// <inheritdoc/>
    public IDestination As(CallerToken caller) => new InvokeDestination(org, action, caller);

    /// <inheritdoc/>
    public string? RecordOf(Delivery delivery) => null;

    /// <inheritdoc/>
    public async Task<CallOutcome> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct)
    {
        try
        {
            SalesforceClient client = org.For(ApiCaller.Lane(deliveries[0].Lane)).With(DeliveryOptions.Of(deliveries, caller));
            IReadOnlyList<ActionResult> results = await client.InvokeAsync(action, [.. deliveries.Select(delivery => delivery.Body)], ct);
            return AreTooMany(results)
                ? new CallOutcome.CallRefused(results[0].Errors[0].Code, results[0].Errors[0].ToString())
                : new CallOutcome.Answered([.. results.Select(OfInput)]);
        }
        catch (SalesforceException failure) when (failure.Status is HttpStatusCode.NotFound)
        {
            return _outcomes.OfMissing(failure, deliveries.Count);
        }
        catch (SalesforceException failure)
        {
            return _outcomes.OfCall(failure, deliveries.Count);
        }
    }

    private DeliveryOutcome OfInput(ActionResult result) => result.Success
        ? new DeliveryOutcome.Delivered(OrgId: null) { Response = OutputsOf(result) }
        : _outcomes.OfItem(result.Errors, result.Class!);

    // What jsonb would refuse, or is too long to keep, is not told.
    private static ReadOnlyMemory<byte>? OutputsOf(ActionResult result)
    {
        var written = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(written))
        {
            json.WriteStartObject();
            json.WriteStartObject("outputs");
            foreach ((string name, JsonElement value) in result.Outputs)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return written.WrittenCount <= LongestOutputs && JsonFault.Find(written.WrittenSpan) is null ? written.WrittenMemory : null;
    }

    // None of them ran; in smaller calls they may.
    private static bool AreTooMany(IReadOnlyList<ActionResult> results) => results.Count > 1
        && results.All(result => result.Errors.Any(error => error.Message.Contains(BrokeLimit, StringComparison.Ordinal)));
}
