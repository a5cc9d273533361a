using SalesforceBridge.Configuration;
using SalesforceBridge.Org;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Health;

/// <summary>Signs in to the org once: does it let us in, and is it the right one?</summary>
/// <param name="settings">How to sign in.</param>
/// <param name="org">The org.</param>
/// <param name="belonging">Which org the database belongs to; null where the database cannot say.</param>
internal sealed class OrgExamination(OrgSettings settings, SalesforceClient org, OrgBelonging? belonging)
{
    private const string Part = "org";

    public async Task<Finding> ExamineAsync(CancellationToken ct)
    {
        try
        {
            return await JudgeAsync(await org.GetUserInfoAsync(ct), ct);
        }
        catch (SalesforceException refused) when (refused.InnerException is OAuthException token)
        {
            return Finding.Fail(Part, token.Message, token.IsFatal
                ? "Correct the credentials, here or in the org."
                : "See whether SALESFORCE_LOGIN_URL is right and the org is up; then try again.");
        }
        catch (SalesforceException refused)
        {
            return Finding.Fail(Part, refused.Message, "Look into the org's Setup for what the integration user may do.");
        }
    }

    private async Task<Finding> JudgeAsync(UserInfo user, CancellationToken ct)
    {
        OrgObjection? objection = belonging is null
            ? OrgBelonging.ObjectionOf(settings, user.OrganizationId)
            : await belonging.LookAsync(user.OrganizationId, ct);
        return objection is not null
            ? Finding.Fail(Part, objection.Why, $"{objection.Cure}.")
            : Finding.Ok(Part, $"{user.OrganizationId} gives {settings.Credentials.GetType().Name} a token, as {user.Username ?? user.UserId}");
    }
}
