using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Rest;

/// <content>
/// Flows, Apex actions and the org's standard ones. A call that failed as a whole is never repeated while nobody knows whether the org ran
/// it; <see cref="SalesforceException.InDoubt"/> says so. The inputs of a call share the limits of one transaction in the org.
/// </content>
public sealed partial class SalesforceClient
{
    /// <summary>Runs an autolaunched flow, once for each input.</summary>
    /// <param name="flow">The flow's API name.</param>
    /// <param name="inputs">For each run the flow's input variables by name.</param>
    /// <param name="ct">Ends the call; then nobody knows whether the flow ran.</param>
    /// <returns>A result for each input, in their order.</returns>
    /// <exception cref="SalesforceException">The org refused the call as a whole or could not be reached: <c>NOT_FOUND</c> where it has no such active flow, or hides it from the user.</exception>
    public Task<IReadOnlyList<ActionResult>> InvokeFlowAsync(string flow, IEnumerable<RecordJson> inputs, CancellationToken ct) =>
        InvokeAsync(InvocableAction.Flow(flow), Bytes(inputs), ct);

    /// <summary>Runs an Apex method that is declared invocable, with all inputs at once.</summary>
    /// <param name="className">Its class.</param>
    /// <param name="inputs">The method's inputs by name.</param>
    /// <param name="ct">Ends the call; then nobody knows whether the method ran.</param>
    /// <returns>A result for each input, in their order.</returns>
    /// <exception cref="SalesforceException">The org refused the call as a whole or could not be reached: <c>NOT_FOUND</c> where it has no such class, or hides it from the user.</exception>
    public Task<IReadOnlyList<ActionResult>> InvokeApexActionAsync(string className, IEnumerable<RecordJson> inputs, CancellationToken ct) =>
        InvokeAsync(InvocableAction.Apex(className), Bytes(inputs), ct);

    /// <summary>Runs an action that every org has, such as <c>chatterPost</c>, once for each input.</summary>
    /// <param name="name">The action's name.</param>
    /// <param name="inputs">Its inputs by name.</param>
    /// <param name="ct">Ends the call; then nobody knows whether the action ran.</param>
    /// <returns>A result for each input, in their order.</returns>
    /// <exception cref="SalesforceException">The org refused the call as a whole or could not be reached.</exception>
    public Task<IReadOnlyList<ActionResult>> InvokeActionAsync(string name, IEnumerable<RecordJson> inputs, CancellationToken ct) =>
        InvokeAsync(InvocableAction.Standard(name), Bytes(inputs), ct);

    /// <summary>Runs an action of any kind in one call, from the inputs' own bytes.</summary>
    /// <param name="action">Which.</param>
    /// <param name="inputs">UTF-8 JSON objects, copied without being taken apart.</param>
    /// <param name="ct">Ends the call; then nobody knows whether the action ran.</param>
    /// <returns>A result for each input, in their order.</returns>
    /// <exception cref="SalesforceException">The org refused the call as a whole or could not be reached.</exception>
    /// <exception cref="JsonException">An input is not JSON.</exception>
    public Task<IReadOnlyList<ActionResult>> InvokeAsync(
        InvocableAction action, IReadOnlyList<ReadOnlyMemory<byte>> inputs, CancellationToken ct) =>
        SendItemsAsync(
            new SalesforceRequest(HttpMethod.Post, action.Path) { What = $"invoke {action}", Body = RecordBytes.List("inputs", inputs) },
            RestJson.Default.ListActionItem, inputs.Count, ActionResult.From, ct);

    /// <summary>What an action takes and gives.</summary>
    /// <param name="action">Which.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="SalesforceException">The org refused or could not be reached: <c>NOT_FOUND</c> where it has no such action, or hides it from the user.</exception>
    public Task<ActionDescribe> DescribeActionAsync(InvocableAction action, CancellationToken ct) =>
        ReadAsync<ActionDescribe, ActionDescribe>(action.Path, $"describe {action}", RestJson.Default.ActionDescribe, ct);

    /// <summary>Sends what is answered item by item: with 400 as soon as one of them is refused, though the others are done.</summary>
    private Task<IReadOnlyList<TResult>> SendItemsAsync<TItem, TResult>(
        SalesforceRequest request, JsonTypeInfo<List<TItem>> type, int count, Func<TItem, HttpStatusCode, TResult> result, CancellationToken ct)
        where TItem : class =>
        _exchange.SendAsync<IReadOnlyList<TResult>>(request with { AlsoAnswers = [HttpStatusCode.BadRequest, HttpStatusCode.InternalServerError] }, reply =>
        {
            TItem[] items = [.. ReadItems(request, reply, type).OfType<TItem>()];
            return items.Length == count
                ? [.. items.Select(item => result(item, reply.Status))]
                : throw new JsonException("There is not one result for each input.");
        }, ct);

    private static List<TItem> ReadItems<TItem>(SalesforceRequest request, SalesforceReply reply, JsonTypeInfo<List<TItem>> type)
    {
        try
        {
            return Read(reply, type);
        }
        catch (JsonException) when ((int)reply.Status >= 400)
        {
            // No results, but the refusal of the whole.
            IReadOnlyList<SalesforceError> errors = ErrorBody.Read(reply.Status, reply.Body);
            throw new SalesforceException(request.What, errors, ErrorTable.Of(errors));
        }
    }
}
