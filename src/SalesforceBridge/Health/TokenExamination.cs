using SalesforceBridge.Configuration;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Health;

/// <summary>Says by which flow the token came, what it is good for, and what becomes of it when it expires.</summary>
internal sealed class TokenExamination(OrgCredentials credentials, OAuthTokenSource tokens, TimeProvider time)
{
    private const string Part = "token";

    private string Flow => credentials.GetType().Name;

    /// <exception cref="OAuthException">There is no token.</exception>
    public async Task<Finding> ExamineAsync(CancellationToken ct)
    {
        AccessToken token = await tokens.GetAsync(ct);
        TokenIntrospection? told = await AskAsync(token, ct);
        return Judge(told?.Scope ?? token.Scope, told?.ExpiresAt);
    }

    // That the org does not tell when it expires matters little where the flow gives another.
    private async Task<TokenIntrospection?> AskAsync(AccessToken token, CancellationToken ct)
    {
        try
        {
            return await tokens.IntrospectAsync(token, ct);
        }
        catch (OAuthException)
        {
            return null;
        }
    }

    private Finding Judge(string? scope, DateTimeOffset? expiresAt)
    {
        if (scope is not null && !scope.Split(' ').Any(one => one is "api" or "full"))
            return Finding.Fail(Part, $"by {Flow}, with the scopes {scope}, and without `api` the org's API is closed to it", "Add the scope `api` (Manage user data via APIs) to the app in the org.");
        if (credentials is OrgCredentials.GivenToken)
            return Finding.Warn(Part, "was given as it is: neither its scopes nor when it expires can be asked, and it cannot be renewed", "Set up a flow that renews it, like SALESFORCE_JWT_PRIVATE_KEY.");
        if (scope is null)
            return Finding.Warn(Part, $"by {Flow}; the org did not say its scopes", "See in the org that the app has the scope `api`.");
        string expiry = expiresAt is { } end ? $"expires in {Ages.Of(end - time.GetUtcNow())} and" : "when it expires it";
        return Finding.Ok(Part, $"by {Flow}, with the scopes {scope}; {expiry} is renewed");
    }
}
