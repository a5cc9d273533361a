using SalesforceBridge.Budget;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Health;

/// <summary>Why the org could not be asked, as a part of a sentence, and what to do.</summary>
internal sealed record Unasked(string Why, string Fix)
{
    public static Unasked Of(SalesforceException refused) => refused.Code == BudgetRefusal.Code
        ? new("the API budget leaves no calls to commands now", "See the finding on the API budget.")
        : new(refused.Message, "Ask again when the org answers, or look into its Setup for what the integration user may do.");
}
