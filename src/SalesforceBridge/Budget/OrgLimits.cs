using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Budget;

/// <summary>
/// Asks the org for its limits, where its answers do not say how much is used, or before a budget that was used up is tried again. Without the
/// permission View Setup it refuses, and the refusal tells as every answer does.
/// </summary>
internal sealed class OrgLimits(SalesforceClient org, ApiGovernor governor)
{
    /// <summary>The caller as which this is counted.</summary>
    public const string Caller = "limits";

    private const string Daily = "DailyApiRequests";

    /// <summary>Asks, and tells the governor. Nobody waits for an answer that does not come: the next call tells then.</summary>
    public async Task AskAsync(CancellationToken ct)
    {
        var answer = new Answer();
        try
        {
            IReadOnlyDictionary<string, OrgLimit> limits = await org.Through(answer).GetOrganizationLimitsAsync(ct);
            if (limits.TryGetValue(Daily, out OrgLimit? daily))
                answer.Usage ??= new ApiUsage(daily.Max - daily.Remaining, daily.Max);
        }
        catch (SalesforceException)
        {
            // What was wrong with it the next call learns, too.
        }
        finally
        {
            governor.Heard(answer.Usage, answer.IsCounted);
        }
    }

    private sealed class Answer : IApiGate
    {
        public ApiUsage? Usage { get; set; }

        public bool IsCounted { get; private set; }

        public ValueTask EnterAsync(SalesforceRequest request, CancellationToken ct) => ValueTask.CompletedTask;

        public void Leave(ApiUsage? usage, bool isCounted, SalesforceException? failure) => (Usage, IsCounted) = (usage, isCounted);
    }
}
