using SalesforceBridge.Budget;
using SalesforceBridge.Configuration;
using SalesforceBridge.Org;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Health;

/// <summary>Signs in to the org once: does it let us in, and is it the right one?</summary>
/// <param name="settings">How to sign in.</param>
/// <param name="tokens">Signs in.</param>
/// <param name="org">The org.</param>
/// <param name="belonging">Which org the database belongs to; null where the database cannot say.</param>
internal sealed class OrgExamination(OrgSettings settings, OAuthTokenSource tokens, SalesforceClient org, OrgBelonging? belonging)
{
    private const string Part = "org";

    public async Task<Finding> ExamineAsync(CancellationToken ct)
    {
        try
        {
            return await JudgeAsync(await WhoAsync(ct), ct);
        }
        catch (OAuthException refused)
        {
            return NoToken(refused);
        }
        catch (SalesforceException refused) when (refused.InnerException is OAuthException token)
        {
            return NoToken(token);
        }
        catch (SalesforceException refused) when (refused.Code == ApiGovernor.Code)
        {
            return Finding.Warn(Part, $"which one it is was not asked: {Unasked.Of(refused).Why}", Unasked.Of(refused).Fix);
        }
        catch (SalesforceException refused)
        {
            return Finding.Fail(Part, refused.Message, "Look into the org's Setup for what the integration user may do.");
        }
    }

    // The login said which org and user; the user's name takes a call, which the budget may not allow.
    private async Task<UserInfo> WhoAsync(CancellationToken ct)
    {
        OrgIdentity? known = (await tokens.GetAsync(ct)).Identity;
        try
        {
            return await org.GetUserInfoAsync(ct);
        }
        catch (SalesforceException refused) when (refused.Code == ApiGovernor.Code && known is not null)
        {
            return new UserInfo(known.OrganizationId, known.UserId);
        }
    }

    private static Finding NoToken(OAuthException refused) => Finding.Fail(Part, refused.Message, refused.IsFatal
        ? "Correct the credentials, here or in the org."
        : "See whether SALESFORCE_LOGIN_URL is right and the org is up; then try again.");

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
