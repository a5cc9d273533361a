using SalesforceBridge.Configuration;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Budget;

/// <summary>What whoever wants to make a call is told when it must not be made now.</summary>
internal static class BudgetRefusal
{
    /// <summary>The code of a call that the budget does not allow now.</summary>
    public const string Code = "API_BUDGET";

    /// <summary>So much is used that the caller has to wait.</summary>
    public static SalesforceException Of(ApiCaller caller, SalesforceRequest request, CallTally tally, ApiBudget budget, TimeSpan wait)
    {
        string used = $"{tally.Used} of the {tally.Allowed} API calls that {ConfigVar.ApiBudget} ({budget}) leaves to the bridge are used";
        string what = caller.Priority switch
        {
            ApiPriority.Command => "Commands stop first, so that deliveries go on. It is possible again when calls of the last 24 hours are a day old, or with a larger budget",
            ApiPriority.Poll => "Polls go on when calls of the last 24 hours are a day old, or with a larger budget",
            _ => tally.Share < 1 ? "Deliveries slow down" : "Deliveries wait until calls of the last 24 hours are a day old, or for a larger budget",
        };
        return Failure(request, $"{used}. {what}.", new Remedy.Wait(wait), wait, null);
    }

    /// <summary>A number does not hold without the database.</summary>
    public static SalesforceException Unknown(SalesforceRequest request, Exception cause) =>
        Failure(request, "How many API calls are left could not be asked of the database.", new Remedy.Retry(), null, cause);

    private static SalesforceException Failure(SalesforceRequest request, string why, Remedy remedy, TimeSpan? wait, Exception? cause) =>
        new(request.What, [new SalesforceError(Code, why, [], null)], new ErrorClass(remedy, Blame.Org), wait, cause);
}
