using Microsoft.AspNetCore.WebUtilities;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Identity;

/// <summary>
/// OAuth in a browser: where a person would log in and agree. Nobody sits here, so the person named by <c>login_hint</c>, or else the
/// first user of the schema, agrees at once, and the browser goes back with a code.
/// </summary>
internal sealed class AuthorizeEndpoint(Org org)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/services/oauth2/authorize", Agree).Is(ApiCallKind.Token);

    private IResult Agree(HttpRequest request)
    {
        try
        {
            return Results.Redirect(AddressOf(request));
        }
        catch (OAuthException refused)
        {
            return refused.ToReply();
        }
    }

    private string AddressOf(HttpRequest request)
    {
        if (request.Query["response_type"] != "code")
            throw new OAuthException("unsupported_response_type", "response type not supported");
        ConnectedApp app = org.Schema.Apps.FirstOrDefault(app => app.ConsumerKey == request.Query["client_id"])
            ?? throw new OAuthException("invalid_client_id", "client identifier invalid");
        string back = request.Query["redirect_uri"].ToString();
        if (!Uri.TryCreate(back, UriKind.Absolute, out _))
            throw new OAuthException("redirect_uri_mismatch", "redirect_uri must match configuration");
        string hint = request.Query["login_hint"].ToString();
        User user = (hint.Length == 0 ? org.Schema.Users[0] : org.Schema.FindUser(hint)) ?? throw OAuthException.InvalidGrant("authentication failure");
        string? challenge = request.Query["code_challenge"] is [{ Length: > 0 } sent] ? sent : null;
        var answer = new Dictionary<string, string?> { ["code"] = org.Tokens.IssueCode(new AuthorizationCode(app, user, back, challenge, org.Now)) };
        if (request.Query["state"] is [{ Length: > 0 } state])
            answer["state"] = state;
        return QueryHelpers.AddQueryString(back, answer);
    }
}
