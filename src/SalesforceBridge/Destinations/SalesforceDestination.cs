using System.Text.Json;
using SalesforceBridge.Budget;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using Blame = SalesforceBridge.Salesforce.Errors.Blame;

namespace SalesforceBridge.Destinations;

/// <summary>
/// An object, or event, of the org and what to do with it: a lane's deliveries as one call of up to 200 records, under the bridge's own
/// token or a caller's. What a caller lacks blames its deliveries alone, since the next one in the lane may be another's.
/// </summary>
internal sealed class SalesforceDestination(
    OrgCalls org, SaveVerb verb, string sObject, string? externalIdField, CallerToken? caller = null) : IDestination
{
    private const string NotFound = "NOT_FOUND";

    public int CallSize => 200;

    /// <inheritdoc/>
    public bool IsRepeatable => verb is not SaveVerb.Create;

    /// <inheritdoc/>
    public IDestination As(CallerToken caller) => new SalesforceDestination(org, verb, sObject, externalIdField, caller);

    /// <inheritdoc/>
    public string? RecordOf(Delivery delivery) => verb is SaveVerb.Create ? null : TextOf(delivery.Body.Span, externalIdField ?? "Id");

    /// <inheritdoc/>
    public async Task<CallOutcome> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct)
    {
        var options = new SaveOptions
        {
            ClientName = $"bridge.{deliveries[0].Lane}.{deliveries.Max(delivery => delivery.Hops)}",
            Session = caller?.Reveal(),
        };
        try
        {
            SaveOutcome outcome = await org.For(ApiCaller.Lane(deliveries[0].Lane)).SaveAsync(verb, sObject, externalIdField, [.. deliveries.Select(delivery => delivery.Body)], options, ct);
            return outcome.Failure is { } failure
                ? OfCall(failure, deliveries.Count)
                : new CallOutcome.Answered([.. outcome.Results.Select(OfRecord)]);
        }
        catch (SalesforceException failure)
        {
            return OfCall(failure, deliveries.Count);
        }
    }

    // Nothing of a call that failed as a whole is known to be done. If it may have been, a repeat is harmless for what has an
    // id of its own, and the lane decides about the rest.
    private CallOutcome OfCall(SalesforceException failure, int count) => failure switch
    {
        { InDoubt: true } when !IsRepeatable =>
            new CallOutcome.Answered([.. Enumerable.Repeat(new DeliveryOutcome.InDoubt(failure.Message), count)]),
        { Class.IsOfUser: true } when caller is not null =>
            new CallOutcome.Answered([.. Enumerable.Repeat(OfCaller(caller, failure.Class, failure.Code, failure.Message), count)]),
        { Class: { Blame: Blame.Message, Remedy: Remedy.GiveUp } } => new CallOutcome.CallRefused(failure.Code, failure.Message),
        { Class: { Blame: Blame.Lane, Remedy: Remedy.GiveUp } } =>
            new CallOutcome.Answered([.. Enumerable.Repeat(new DeliveryOutcome.LaneRefused(failure.Code, failure.Message), count)]),
        _ => new CallOutcome.NotNow(failure.Code, failure.Message, failure.RetryAfter ?? WaitOf(failure.Class)),
    };

    private DeliveryOutcome OfRecord(SaveResult result)
    {
        if (result.Success)
            return new DeliveryOutcome.Delivered(result.EventUuid ?? result.Id, result.Created);
        string code = result.Errors[0].Code;
        string error = string.Join("; ", result.Errors);
        return result switch
        {
            { InDoubt: true } => new DeliveryOutcome.InDoubt(error),
            { Class: { IsOfUser: true } lack } when caller is not null => OfCaller(caller, lack, code, error),
            _ when caller is not null && verb is SaveVerb.Create && code == NotFound => OfCaller(caller, result.Class!, code, $"{sObject}: {error}"),
            // A create names no record, so what is not found is the object itself, for every record alike.
            _ when verb is SaveVerb.Create && code == NotFound => new DeliveryOutcome.LaneRefused(code, $"{sObject}: {error}"),
            { Class: { Blame: Blame.Lane, Remedy: Remedy.GiveUp } } => new DeliveryOutcome.LaneRefused(code, error),
            { Class: { Remedy: Remedy.GiveUp } } => new DeliveryOutcome.Refused(code, error, Permanent: true),
            _ => new DeliveryOutcome.Refused(code, error, Permanent: false, WaitOf(result.Class)),
        };
    }

    private static DeliveryOutcome.Refused OfCaller(CallerToken caller, ErrorClass lack, string code, string error) => lack.Remedy is Remedy.Renew
        ? new(
            CallerTokens.Expired, $"The org does not take the session of {caller.UserId} any more: it ended. {CallerTokens.Advice}", Permanent: true)
        : new(code, $"As {caller.UserId}: {error}", Permanent: true);

    private static TimeSpan? WaitOf(ErrorClass? error) => error?.Remedy is Remedy.Wait(var wait) ? wait : null;

    private static string? TextOf(ReadOnlySpan<byte> json, string member)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isIt = string.Equals(reader.GetString(), member, StringComparison.OrdinalIgnoreCase);
            reader.Read();
            if (isIt)
                return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            reader.Skip();
        }

        return null;
    }
}
