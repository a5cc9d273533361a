using SalesforceBridge.Configuration;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Health;

/// <summary>Signs in to the org once: does it let us in, and is it the right one?</summary>
internal sealed class OrgExamination(OrgSettings settings, SalesforceClient org)
{
    public async Task<Finding> ExamineAsync(CancellationToken ct)
    {
        try
        {
            return Judge(await org.GetUserInfoAsync(ct));
        }
        catch (SalesforceException refused) when (refused.InnerException is OAuthException token)
        {
            return Finding.Fail("org", token.Message, token.IsFatal
                ? "Correct the credentials, here or in the org."
                : "See whether SALESFORCE_LOGIN_URL is right and the org is up; then try again.");
        }
        catch (SalesforceException refused)
        {
            return Finding.Fail("org", refused.Message, "Look into the org's Setup for what the integration user may do.");
        }
    }

    private Finding Judge(UserInfo user) => settings.OrgId is { } wanted && wanted[..15] != user.OrganizationId[..15]
        ? Finding.Fail("org", $"the credentials are for org {user.OrganizationId} and SALESFORCE_ORG_ID is {wanted}", "Correct one of them.")
        : Finding.Ok("org", $"{user.OrganizationId} gives {settings.Credentials.GetType().Name} a token, as {user.Username ?? user.UserId}");
}
