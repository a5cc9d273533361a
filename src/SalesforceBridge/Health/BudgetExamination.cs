using SalesforceBridge.Budget;
using SalesforceBridge.Commands;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Health;

/// <summary>Says how many of the org's calls are left, and how many of them are the bridge's.</summary>
internal static class BudgetExamination
{
    public static Finding Judge(ApiReport api, ApiBudget budget, ApiPace pace)
    {
        const string Part = "api budget";
        if (api.Use(budget) is not var (used, allowed))
            return Finding.Warn(Part, $"the org has not said how many calls of a day it allows, and {ConfigVar.ApiBudget} is {budget}", "See the finding on the org.");
        string everybody = api.Usage is { } usage ? $", and everybody made {usage.Used} of the org's {usage.Allowed}" : "";
        string what = $"{used} of the {allowed} calls of 24 hours that {ConfigVar.ApiBudget} ({budget}) allows are used{everybody}";
        double share = used / (double)Math.Max(allowed, 1);
        return share switch
        {
            _ when share >= 1 => Finding.Warn(Part, $"{what}. Deliveries, polls and commands wait", Cure),
            _ when share >= pace.CommandsStop => Finding.Warn(Part, $"{what}. Commands are refused, and polls are slower", Cure),
            _ => Finding.Ok(Part, what),
        };
    }

    private const string Cure = "`bridge status` tells who made them; a larger budget leaves less to the org's other users.";
}
