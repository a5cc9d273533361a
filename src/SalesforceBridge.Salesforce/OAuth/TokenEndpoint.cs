using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Http;

namespace SalesforceBridge.Salesforce.OAuth;

/// <summary>What a login yields.</summary>
internal sealed record Login(AccessToken Token, string? NewRefreshToken);

/// <summary>The org's token endpoint: one grant in, one token or one <see cref="OAuthException"/> out. Of a token it tells what it is good for.</summary>
internal sealed class TokenEndpoint(HttpClient http, OAuthSettings settings, TimeProvider time)
{
    private const string JwtBearerType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private const int LongestAnswer = 64 * 1024;

    // The end of the year 9999.
    private const long LatestTime = 253_402_300_799;

    public Task<Login> AskAsync(OAuthGrant grant) => PostAsync("token", FormOf(grant), ReadAnswer);

    /// <summary>What the org says of a token, to the app with this key and secret.</summary>
    public Task<TokenIntrospection> IntrospectAsync(string token, string consumerKey, string consumerSecret) => PostAsync(
        "introspect",
        new()
        {
            ["token"] = token,
            ["token_type_hint"] = "access_token",
            ["client_id"] = consumerKey,
            ["client_secret"] = consumerSecret,
        },
        ReadIntrospection);

    private async Task<T> PostAsync<T>(string endpoint, Dictionary<string, string> form, Func<HttpResponseMessage, byte[], T> read)
    {
        using var timeout = new CancellationTokenSource(settings.Timeout, time);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(settings.LoginUrl, $"/services/oauth2/{endpoint}"));
            request.Content = new FormUrlEncodedContent(form);
            request.Headers.Accept.ParseAdd("application/json");
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            byte[] body = await BoundedBody.ReadAsync(response.Content, LongestAnswer, timeout.Token);
            return read(response, body);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or InvalidDataException)
        {
            throw new OAuthException($"{Host} could not be reached for a token: {fault.Message}", isFatal: false, inner: fault);
        }
        catch (OperationCanceledException fault)
        {
            throw new OAuthException($"{Host} gave no token within {settings.Timeout}.", isFatal: false, inner: fault);
        }
    }

    private string Host => settings.LoginUrl.Host;

    private Dictionary<string, string> FormOf(OAuthGrant grant) => grant switch
    {
        OAuthGrant.JwtBearer jwt => new()
        {
            ["grant_type"] = JwtBearerType,
            ["assertion"] = JwtAssertion.Create(jwt, settings.LoginUrl, time.GetUtcNow()),
        },
        OAuthGrant.ClientCredentials app => new()
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = app.ConsumerKey,
            ["client_secret"] = app.ConsumerSecret,
        },
        OAuthGrant.RefreshToken refresh => WithSecret(refresh.ConsumerSecret, new()
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = refresh.Token,
            ["client_id"] = refresh.ConsumerKey,
        }),
        OAuthGrant.UsernamePassword user => new()
        {
            ["grant_type"] = "password",
            ["client_id"] = user.ConsumerKey,
            ["client_secret"] = user.ConsumerSecret,
            ["username"] = user.Username,
            ["password"] = user.Password,
        },
        _ => throw new OAuthException("The org rejected the access token that was given, and it cannot be renewed. Give a new one.", isFatal: true),
    };

    private static Dictionary<string, string> WithSecret(string? secret, Dictionary<string, string> form)
    {
        if (secret is not null)
            form["client_secret"] = secret;
        return form;
    }

    private Login ReadAnswer(HttpResponseMessage response, byte[] body)
    {
        TokenAnswer? answer = Parse(body, OAuthJson.Default.TokenAnswer);
        if (response.IsSuccessStatusCode && answer?.AccessToken is { } token && Uri.TryCreate(answer.InstanceUrl, UriKind.Absolute, out Uri? instance))
            return new Login(new AccessToken(token, instance) { Identity = OrgIdentity.FromUrl(answer.Id), Scope = answer.Scope }, answer.RefreshToken);

        throw answer?.Error is { } code
            ? Refusal(code, answer.ErrorDescription, response)
            : NoAnswer(response);
    }

    private TokenIntrospection ReadIntrospection(HttpResponseMessage response, byte[] body)
    {
        IntrospectionAnswer? answer = Parse(body, OAuthJson.Default.IntrospectionAnswer);
        if (response.IsSuccessStatusCode && answer?.Active is { } isActive)
            return new TokenIntrospection(isActive, answer.Exp is { } seconds and >= 0 and <= LatestTime ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null, answer.Scope);
        throw new OAuthException($"{Host} said nothing of the token: {answer?.Error ?? $"HTTP {(int)response.StatusCode}"}: {answer?.ErrorDescription ?? "no reason given"}.", isFatal: false)
        {
            Code = answer?.Error,
            Status = response.StatusCode,
        };
    }

    // During an outage the endpoint speaks HTML, with whatever status.
    private static T? Parse<T>(byte[] body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private OAuthException Refusal(string code, string? description, HttpResponseMessage response)
    {
        ErrorClass errorClass = ErrorTable.Of(new SalesforceError(code, description ?? "", [], response.StatusCode));
        TimeSpan? wait = RetryAfter.Of(response, time) ?? (errorClass.Remedy as Remedy.Wait)?.For;
        return new OAuthException($"{Host} gave no token: {code}: {description ?? "no reason given"}.{AdviceFor(code)}",
            isFatal: errorClass.Remedy is Remedy.GiveUp, wait)
        {
            Code = code,
            Status = response.StatusCode,
        };
    }

    private OAuthException NoAnswer(HttpResponseMessage response) =>
        new($"{Host} answered a token request with HTTP {(int)response.StatusCode} and no token. If this stays, check the login URL.",
            isFatal: false, RetryAfter.Of(response, time))
        {
            Status = response.StatusCode,
        };

    private static string AdviceFor(string code) => code switch
    {
        "invalid_grant" => " Check the user, its approval for the app, the credentials and the login URL.",
        "invalid_client_id" => " Check the consumer key.",
        "invalid_client" => " Check the consumer key and secret.",
        "invalid_app_access" => " Approve the user for the app in the org.",
        "inactive_user" or "inactive_org" => " Activate it in the org, or use another.",
        "unsupported_grant_type" => " Allow this flow in the app's settings in the org.",
        _ => "",
    };
}
