using System.Text;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace SalesforceBridge.Http.Callers;

/// <summary><c>POST /oauth/token</c>: client credentials for a Named Credential. The client id is a secret's name, the client secret is the secret.</summary>
internal sealed class TokenEndpoint(CallerGate gate, RequestBodies bodies)
{
    private const int LargestForm = 8 * 1024;

    public async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        CancellationToken ct = context.RequestAborted;
        try
        {
            if (!gate.IsTrusted(context.Connection.RemoteIpAddress))
                throw new OAuthRefusedException(StatusCodes.Status403Forbidden, "access_denied", "The caller's address is not in BRIDGE_TRUSTED_RANGES.");
            ReadOnlyMemory<byte> body = await bodies.ReadAsync(context.Request, LargestForm, ct);
            Dictionary<string, StringValues> form = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body.Span));
            string token = Issue(form, context.Request.Headers.Authorization.ToString());
            await context.Response.WriteAsJsonAsync(
                new TokenAnswer(token, "Bearer", (int)SecretBook.LifetimeOfToken.TotalSeconds), TokenJson.Default.TokenAnswer, cancellationToken: ct);
        }
        catch (OAuthRefusedException refused)
        {
            await RefuseAsync(context, refused.Status, refused.Error, refused.Message);
        }
        catch (RequestRefusedException refused)
        {
            await RefuseAsync(context, refused.Refusal.Status, "invalid_request", refused.Refusal.Message);
        }
    }

    private string Issue(Dictionary<string, StringValues> form, string authorization)
    {
        if (form.GetValueOrDefault("grant_type").ToString() is not "client_credentials")
            throw new OAuthRefusedException(StatusCodes.Status400BadRequest, "unsupported_grant_type", "grant_type must be client_credentials.");
        foreach ((string name, string secret) in Offered(form, authorization))
        {
            if (gate.IssueToken(name, secret) is { } token)
                return token;
        }

        throw new OAuthRefusedException(
            StatusCodes.Status401Unauthorized, "invalid_client", "The client id must be the name of a secret of BRIDGE_CALLOUT_SECRETS (default for one without a name), the client secret its value.");
    }

    // In the header both parts should be form-encoded before they are put together (RFC 6749, 2.3.1); many put them together as they are.
    private static IEnumerable<(string Name, string Secret)> Offered(Dictionary<string, StringValues> form, string authorization)
    {
        yield return (form.GetValueOrDefault("client_id").ToString(), form.GetValueOrDefault("client_secret").ToString());
        byte[] bytes = new byte[authorization.Length];
        if (!authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)
            || !Convert.TryFromBase64String(authorization["Basic ".Length..].Trim(), bytes, out int written)
            || Encoding.UTF8.GetString(bytes, 0, written).Split(':', 2) is not [string name, string secret])
            yield break;
        yield return (name, secret);
        yield return (Decode(name), Decode(secret));
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    private static async Task RefuseAsync(HttpContext context, int status, string error, string message)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(new TokenRefusal(error, message), TokenJson.Default.TokenRefusal, cancellationToken: context.RequestAborted);
    }
}

internal sealed class OAuthRefusedException(int status, string error, string message) : Exception(message)
{
    public int Status => status;

    public string Error => error;
}

internal sealed record TokenAnswer(string AccessToken, string TokenType, int ExpiresIn);

internal sealed record TokenRefusal(string Error, string ErrorDescription);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(TokenRefusal))]
internal sealed partial class TokenJson : JsonSerializerContext;
