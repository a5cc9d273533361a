using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Commands;

/// <summary>The calls to the org's API in 24 hours.</summary>
/// <param name="Usage">Everybody's, as the org says; null where it is not known.</param>
/// <param name="ToldAgo">How many seconds ago the org said it.</param>
/// <param name="Budget">What the bridge may take, as the config var says it: a share of what the org allows, or a number of its own.</param>
/// <param name="Calls">The bridge's own.</param>
/// <param name="Callers">Who made those, the most first.</param>
internal sealed record ApiReport(ApiUsage? Usage, double? ToldAgo, string Budget, long Calls, IReadOnlyList<ApiCallCount> Callers)
{
    /// <summary>Asks the org, and where it must not or cannot be asked takes what it said last to any process.</summary>
    public static async Task<ApiReport> ReadAsync(CommandSession session, CancellationToken ct)
    {
        if (session.HasCredentials)
            await AskAsync(session.Org, ct);
        return await SumUpAsync(session, ct);
    }

    /// <summary>Asks nobody: takes what the org said to this command, and where it said nothing what it said last to any process.</summary>
    public static async Task<ApiReport> SumUpAsync(CommandSession session, CancellationToken ct)
    {
        await session.NoteCallsAsync(ct);
        ApiUsage? heard = session.HasCredentials ? session.Org.ApiUsage : null;
        ApiCallLog log = await session.OpenAsync<ApiCallLog>(ct);
        ApiTally tally = await log.NoteAsync([], null, want: 0, limit: null, ct);
        IReadOnlyList<ApiCallCount> callers = await log.CountAsync(ct);
        ApiUsage? usage = heard ?? (tally.Quota is { } quota ? new ApiUsage(quota.Used, quota.Allowed) : null);
        return new ApiReport(usage, heard is null ? tally.Quota?.Age.TotalSeconds : 0, $"{session.Settings.ApiBudget}", callers.Sum(caller => caller.Calls), callers);
    }

    /// <summary>How much of the budget is used; null where that is not known.</summary>
    public (long Used, long Allowed)? Use(ApiBudget budget) => budget switch
    {
        ApiBudget.Requests number => (Calls, number.PerDay),
        ApiBudget.Share share when Usage is not null => (Usage.Used, Usage.Allowed * share.Percent / 100),
        _ => null,
    };

    // The org tells its usage with every answer, a refusal too, so one cheap call asks for it.
    private static async Task AskAsync(SalesforceClient org, CancellationToken ct)
    {
        try
        {
            await org.GetOrganizationLimitsAsync(ct);
        }
        catch (SalesforceException)
        {
            // For this list the user may lack a permission.
        }
    }
}
