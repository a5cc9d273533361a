using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Identity;

/// <summary>Who a token speaks for: identity URL, user info, introspection, revocation.</summary>
internal sealed class IdentityEndpoints(Org org)
{
    public static string IdentityUrl(Org org, User user) => new Uri(org.Address.Login, $"/id/{org.Schema.OrgId}/{user.Id}").ToString();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/id/{organization}/{user}", Identity).Is(ApiCallKind.Identity);
        routes.MapGet("/services/oauth2/userinfo", UserInfo).Is(ApiCallKind.Identity);
        routes.MapPost("/services/oauth2/revoke", RevokeAsync).Is(ApiCallKind.Identity);
        routes.MapPost("/services/oauth2/introspect", IntrospectAsync).Is(ApiCallKind.Identity);
    }

    private IResult Identity(HttpContext context, string organization, string user)
    {
        string? value = context.Request.Query["oauth_token"].ToString() is { Length: > 0 } query ? query : Bearer.Read(context.Request);
        if (org.Tokens.Find(value) is not { } token)
            return Results.Text("Bad_OAuth_Token", "text/html", statusCode: StatusCodes.Status403Forbidden);
        if (SalesforceId.Normalise(organization) != org.Schema.OrgId || SalesforceId.Normalise(user) != token.User.Id)
            return Results.Text("Wrong_Org", "text/html", statusCode: StatusCodes.Status403Forbidden);
        return JsonReply.Of(StatusCodes.Status200OK, json => WriteIdentity(json, token.User));
    }

    private void WriteIdentity(Utf8JsonWriter json, User user)
    {
        string instance = org.Address.Instance.ToString().TrimEnd('/');
        json.WriteStartObject();
        json.WriteString("id", IdentityUrl(org, user));
        json.WriteBoolean("asserted_user", true);
        json.WriteString("user_id", user.Id);
        json.WriteString("organization_id", org.Schema.OrgId);
        json.WriteString("username", user.Username);
        json.WriteString("nick_name", user.Name);
        json.WriteString("display_name", user.Name);
        json.WriteString("email", user.Email);
        json.WriteBoolean("email_verified", true);
        json.WriteString("timezone", "UTC");
        json.WriteStartObject("urls");
        json.WriteString("enterprise", $"{instance}/services/Soap/c/{{version}}/{org.Schema.OrgId[..15]}");
        json.WriteString("partner", $"{instance}/services/Soap/u/{{version}}/{org.Schema.OrgId[..15]}");
        json.WriteString("rest", $"{instance}/services/data/v{{version}}/");
        json.WriteString("sobjects", $"{instance}/services/data/v{{version}}/sobjects/");
        json.WriteString("query", $"{instance}/services/data/v{{version}}/query/");
        json.WriteEndObject();
        json.WriteBoolean("active", user.Active);
        json.WriteString("user_type", "STANDARD");
        json.WriteString("language", "en_US");
        json.WriteString("locale", "en_US");
        json.WriteNumber("utcOffset", 0);
        json.WriteEndObject();
    }

    private JsonReply UserInfo(HttpContext context) => org.Tokens.Find(Bearer.Read(context.Request)) is { User: var user }
        ? JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("sub", IdentityUrl(org, user));
            json.WriteString("user_id", user.Id);
            json.WriteString("organization_id", org.Schema.OrgId);
            json.WriteString("preferred_username", user.Username);
            json.WriteString("name", user.Name);
            json.WriteString("email", user.Email);
            json.WriteEndObject();
        })
        : JsonReply.Error(StatusCodes.Status403Forbidden, new ApiError("INVALID_SESSION_ID", "Bad_OAuth_Token"));

    private async Task<IResult> RevokeAsync(HttpRequest request, CancellationToken ct)
    {
        IFormCollection form = await request.ReadFormAsync(ct);
        return org.Tokens.Revoke(form["token"].ToString())
            ? JsonReply.Empty(StatusCodes.Status200OK)
            : new OAuthException("invalid_token", "invalid token").ToReply();
    }

    private async Task<IResult> IntrospectAsync(HttpRequest request, CancellationToken ct)
    {
        try
        {
            ClientCredentials client = await ClientCredentials.ReadAsync(request, ct);
            client.Authenticate(org.Schema);
            AccessToken? token = org.Tokens.Find(client.Form["token"]);
            return JsonReply.Of(StatusCodes.Status200OK, json => WriteIntrospection(json, token));
        }
        catch (OAuthException refused)
        {
            return refused.ToReply();
        }
    }

    private void WriteIntrospection(Utf8JsonWriter json, AccessToken? token)
    {
        json.WriteStartObject();
        json.WriteBoolean("active", token is not null);
        if (token is not null)
        {
            json.WriteString("scope", token.App?.Scope ?? "api");
            json.WriteString("client_id", token.App?.ConsumerKey);
            json.WriteString("username", token.User.Username);
            json.WriteString("sub", IdentityUrl(org, token.User));
            json.WriteString("token_type", "access_token");
            json.WriteNumber("exp", org.Tokens.ExpiresAt(token).ToUnixTimeSeconds());
            json.WriteNumber("iat", token.IssuedAt.ToUnixTimeSeconds());
            json.WriteNumber("nbf", token.IssuedAt.ToUnixTimeSeconds());
        }
        json.WriteEndObject();
    }
}
