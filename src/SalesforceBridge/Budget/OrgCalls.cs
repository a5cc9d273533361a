using System.Collections.Concurrent;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Budget;

/// <summary>The org's API as its callers reach it: each through the governor, under its own name.</summary>
/// <param name="org">The way to the org that nobody counts; nothing else holds it.</param>
/// <param name="governor">Divides the calls.</param>
internal sealed class OrgCalls(SalesforceClient org, ApiGovernor governor)
{
    private readonly OrgLimits _limits = new(org, governor);
    private readonly ConcurrentDictionary<ApiCaller, SalesforceClient> _clients = new();

    /// <summary>How many times longer than usual the time between two polls is now.</summary>
    public double Stretch => governor.Stretch;

    /// <summary>The org refused one thing in a call that succeeded as a whole: it may blame itself.</summary>
    public void Learn(IReadOnlyList<SalesforceError> errors, ErrorClass errorClass) => governor.Learn(errors, errorClass);

    /// <summary>The API for one caller.</summary>
    public SalesforceClient For(ApiCaller caller) => _clients.GetOrAdd(caller, _ => org.Through(new CallersGate(governor, _limits, caller)));
}
