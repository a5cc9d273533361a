using System.Net;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Why one of a call's items was refused, from an answer that tells of each.</summary>
internal static class ItemErrors
{
    /// <returns>At least one error, with the status of the call.</returns>
    public static IReadOnlyList<SalesforceError> Of(IReadOnlyList<SaveItemError>? said, HttpStatusCode status)
    {
        SalesforceError[] errors = [.. (said ?? []).OfType<SaveItemError>().Select(error => error.ToError() with { Status = status })];
        return errors.Length > 0 ? errors : [new SalesforceError(OwnCodes.NoReason, "the org refused and did not say why", [], status)];
    }

    /// <summary>What to make of them. The org told what became of the item, so that there is no doubt about it.</summary>
    public static ErrorClass ClassOf(IReadOnlyList<SalesforceError> errors) => ErrorTable.Of(errors) with { InDoubt = false };
}
