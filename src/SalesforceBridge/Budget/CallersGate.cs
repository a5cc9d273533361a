using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Budget;

/// <summary>One caller's way through the governor.</summary>
internal sealed class CallersGate(ApiGovernor governor, OrgLimits limits, ApiCaller caller) : IApiGate
{
    /// <inheritdoc/>
    public async ValueTask EnterAsync(SalesforceRequest request, CancellationToken ct)
    {
        await governor.LearnAsync(request, ct);
        if (governor.HasToHear())
            await limits.AskAsync(ct);
        await governor.EnterAsync(caller, request, ct);
    }

    /// <inheritdoc/>
    public void Leave(ApiUsage? usage, bool isCounted, SalesforceException? failure) => governor.Leave(caller, usage, isCounted, failure);
}
