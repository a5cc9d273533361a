using SalesforceBridge.Budget;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;
using Blame = SalesforceBridge.Salesforce.Errors.Blame;

namespace SalesforceBridge.Destinations;

/// <summary>
/// What a lane makes of the org's words: whom they blame, and for how long. What a caller lacks blames its deliveries alone, since the next
/// one in the lane may be another's.
/// </summary>
internal sealed class OrgOutcomes(OrgCalls org, CallerToken? caller, bool isRepeatable)
{
    /// <summary>
    /// Of a call that failed as a whole nothing is known to be done. If it may have been, a repeat is harmless for what has an id of its
    /// own, and the lane decides about the rest.
    /// </summary>
    public CallOutcome OfCall(SalesforceException failure, int count) => failure switch
    {
        { InDoubt: true } when !isRepeatable => All(count, new DeliveryOutcome.InDoubt(failure.Message)),
        { Class.IsOfUser: true } when caller is not null => All(count, OfCaller(failure.Class, failure.Code, failure.Message)),
        { Class.Blame: Blame.Message } => new CallOutcome.CallRefused(failure.Code, failure.Message, Permanent: failure.Class.Remedy is Remedy.GiveUp),
        { Class: { Blame: Blame.Lane, Remedy: Remedy.GiveUp } } => All(count, new DeliveryOutcome.LaneRefused(failure.Code, failure.Message)),
        _ => new CallOutcome.NotNow(failure.Code, failure.Message, failure.RetryAfter ?? WaitOf(failure.Class)),
    };

    /// <summary>What every delivery of a call names is not there, or not for the user who calls.</summary>
    public CallOutcome OfMissing(SalesforceException failure, int count) => All(count, OfMissing(failure.Class, failure.Code, failure.Message));

    /// <summary>What a delivery shares with every other one like it is not there, or not for the user who calls.</summary>
    public DeliveryOutcome OfMissing(ErrorClass errorClass, string code, string error) => caller is not null
        ? OfCaller(errorClass, code, error)
        : new DeliveryOutcome.LaneRefused(code, error);

    /// <summary>One thing in a call was refused.</summary>
    public DeliveryOutcome OfItem(IReadOnlyList<SalesforceError> errors, ErrorClass errorClass)
    {
        string code = errors[0].Code;
        string error = string.Join("; ", errors);
        org.Learn(errors, errorClass);
        return errorClass switch
        {
            { IsOfUser: true } when caller is not null => OfCaller(errorClass, code, error),
            { Blame: Blame.Lane, Remedy: Remedy.GiveUp } => new DeliveryOutcome.LaneRefused(code, error),
            { Blame: Blame.Org, Remedy: Remedy.GiveUp } or { Blame: Blame.Lane or Blame.Org, Remedy: Remedy.Wait }
                or { Blame: Blame.Lane or Blame.Org, Remedy: Remedy.Retry, InDoubt: false } =>
                new DeliveryOutcome.NotNow(code, error, WaitOf(errorClass)),
            { Remedy: Remedy.GiveUp } => new DeliveryOutcome.Refused(code, error, Permanent: true),
            _ => new DeliveryOutcome.Refused(code, error, Permanent: false, WaitOf(errorClass)),
        };
    }

    private static CallOutcome.Answered All(int count, DeliveryOutcome outcome) => new([.. Enumerable.Repeat(outcome, count)]);

    private DeliveryOutcome.Refused OfCaller(ErrorClass lack, string code, string error) => lack.Remedy is Remedy.Renew
        ? new(
            CallerTokens.Expired, $"The org does not take the session of {caller!.UserId} any more: it ended. {CallerTokens.Advice}", Permanent: true)
        : new(code, $"As {caller!.UserId}: {error}", Permanent: true);

    private static TimeSpan? WaitOf(ErrorClass error) => error.Remedy is Remedy.Wait(var wait) ? wait : null;
}
