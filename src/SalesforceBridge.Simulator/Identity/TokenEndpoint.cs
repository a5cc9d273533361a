using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Identity;

/// <summary>OAuth: a token for a grant.</summary>
internal sealed class TokenEndpoint(Org org)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/services/oauth2/token", GrantAsync).Is(ApiCallKind.Token);

    private async Task<IResult> GrantAsync(HttpRequest request, CancellationToken ct)
    {
        if (!request.HasFormContentType)
            return new OAuthException("invalid_request", "content type must be application/x-www-form-urlencoded").ToReply();
        if (org.Faults.Strike<Fault.RefusedLogin>() is { } refusal)
            return new OAuthException(refusal.Error, refusal.Message).ToReply();
        try
        {
            return Granted(Check(await ClientCredentials.ReadAsync(request, ct)));
        }
        catch (OAuthException refused)
        {
            return refused.ToReply();
        }
    }

    private Grant Check(ClientCredentials client) => client.Form["grant_type"].ToString() switch
    {
        "password" => ByPassword(client),
        "authorization_code" => ByCode(client),
        "refresh_token" => ByRefreshToken(client),
        "client_credentials" => ByClientCredentials(client),
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => ByAssertion(client),
        _ => throw new OAuthException("unsupported_grant_type", "grant type not supported"),
    };

    private Grant ByPassword(ClientCredentials client)
    {
        ConnectedApp app = client.Authenticate(org.Schema);
        User user = org.Schema.FindUser(client.Form["username"]) is { } found && found.HasPassword(client.Form["password"].ToString())
            ? found
            : throw OAuthException.InvalidGrant("authentication failure");
        return user.Active ? new Grant(app, user) : throw new OAuthException("inactive_user", "user is inactive");
    }

    private Grant ByRefreshToken(ClientCredentials client)
    {
        ConnectedApp app = client.Secret is null ? client.Identify(org.Schema) : client.Authenticate(org.Schema);
        return org.Tokens.FindRefresh(client.Form["refresh_token"]) is { } granted && granted.App == app
            ? new Grant(app, granted.User)
            : throw OAuthException.InvalidGrant("expired access/refresh token");
    }

    private Grant ByCode(ClientCredentials client)
    {
        ConnectedApp app = client.Secret is null ? client.Identify(org.Schema) : client.Authenticate(org.Schema);
        AuthorizationCode agreed = org.Tokens.UseCode(client.Form["code"].ToString()) is { } found && found.App == app
            ? found
            : throw OAuthException.InvalidGrant("expired authorization code");
        if (agreed.RedirectUri != client.Form["redirect_uri"].ToString())
            throw new OAuthException("redirect_uri_mismatch", "redirect_uri must match configuration");
        string verifier = client.Form["code_verifier"].ToString();
        if (agreed.Challenge is { } challenge && Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))) != challenge)
            throw OAuthException.InvalidGrant("invalid code verifier");
        // A public client proves itself by the verifier alone.
        return client.Secret is null && agreed.Challenge is null
            ? throw new OAuthException("invalid_client", "invalid client credentials")
            : new Grant(app, agreed.User) { RefreshToken = org.Tokens.GrantRefresh(agreed.User, app) };
    }

    private Grant ByClientCredentials(ClientCredentials client)
    {
        ConnectedApp app = client.Authenticate(org.Schema);
        return org.Schema.FindUser(app.RunAs) is { } user
            ? new Grant(app, user)
            : throw OAuthException.InvalidGrant("no client credentials user enabled");
    }

    private Grant ByAssertion(ClientCredentials client)
    {
        (ConnectedApp app, User user) = new JwtAssertion(org).Accept(client.Form["assertion"].ToString());
        return new Grant(app, user);
    }

    private JsonReply Granted(Grant grant)
    {
        AccessToken token = org.Tokens.Issue(grant.User, grant.App);
        string id = IdentityEndpoints.IdentityUrl(org, grant.User);
        string issuedAt = token.IssuedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        byte[] signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(grant.App.ConsumerSecret), Encoding.UTF8.GetBytes(id + issuedAt));
        return JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("access_token", token.Value);
            if (grant.RefreshToken is not null)
                json.WriteString("refresh_token", grant.RefreshToken);
            json.WriteString("signature", Convert.ToBase64String(signature));
            json.WriteString("scope", grant.App.Scope);
            json.WriteString("instance_url", org.Address.Instance.ToString().TrimEnd('/'));
            json.WriteString("id", id);
            json.WriteString("token_type", "Bearer");
            json.WriteString("issued_at", issuedAt);
            json.WriteEndObject();
        });
    }

    private sealed record Grant(ConnectedApp App, User User)
    {
        /// <summary>Only a browser's login gives one.</summary>
        public string? RefreshToken { get; init; }
    }
}
