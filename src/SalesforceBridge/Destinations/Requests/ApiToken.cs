using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Destinations.Requests;

/// <summary>There is no token: the endpoint refused, or could not be asked.</summary>
/// <param name="message">What happened and what to do.</param>
/// <param name="isRefusal">It said no, so that asking again as before cannot help.</param>
/// <param name="wait">How long it asked to wait.</param>
internal sealed class NoTokenException(string message, bool isRefusal, TimeSpan? wait = null) : Exception(message)
{
    public bool IsRefusal { get; } = isRefusal;

    public TimeSpan? Wait { get; } = wait;
}

/// <summary>An API's token by OAuth client credentials: kept until it ends, and asked for once however many wait for it.</summary>
internal sealed class ApiToken(string api, RequestAuth.ClientCredentials auth, HttpClient http, TimeProvider time)
{
    private const int LongestAnswer = 64 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // A token is not used for its last moments, nor kept for ever where its end is not told.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30), Unsaid = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private (string Value, DateTimeOffset Until)? _token;
    private Task<string>? _asking;

    /// <summary>The token.</summary>
    /// <exception cref="NoTokenException">There is none to be had.</exception>
    public async Task<string> GetAsync(CancellationToken ct)
    {
        Task<string> asking;
        lock (_gate)
        {
            if (_token is { } token && token.Until > time.GetUtcNow())
                return token.Value;
            // No request's token ends it: the others wait for it too.
            asking = _asking ??= Task.Run(AskAsync, CancellationToken.None);
        }

        return await asking.WaitAsync(ct);
    }

    /// <summary>This one was refused; without effect where another was got meanwhile.</summary>
    public void Forget(string value)
    {
        lock (_gate)
        {
            if (_token?.Value == value)
                _token = null;
        }
    }

    private async Task<string> AskAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(Patience, time);
            using HttpRequestMessage request = Request();
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            ApiReply reply = await ApiReply.ReadAsync(response, LongestAnswer, time, limit.Token);
            return Keep(reply);
        }
        catch (HttpRequestException fault)
        {
            throw new NoTokenException($"The token endpoint of {api} could not be asked ({fault.HttpRequestError})", isRefusal: false);
        }
        catch (OperationCanceledException)
        {
            throw new NoTokenException($"The token endpoint of {api} gave no token within {Patience.TotalSeconds} s", isRefusal: false);
        }
        finally
        {
            lock (_gate)
                _asking = null;
        }
    }

    // The id and the secret go into a header, form-encoded before, as OAuth 2.0 has it (RFC 6749, 2.3.1).
    private HttpRequestMessage Request()
    {
        string pair = $"{Uri.EscapeDataString(auth.ClientId)}:{Uri.EscapeDataString(auth.ClientSecret.Reveal())}";
        var request = new HttpRequestMessage(HttpMethod.Post, auth.TokenUrl)
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        request.Headers.Accept.ParseAdd("application/json");
        return request;
    }

    private string Keep(ApiReply reply)
    {
        if (reply is { IsSuccess: true, Json: { ValueKind: JsonValueKind.Object } answer }
            && answer.TryGetProperty("access_token", out JsonElement token) && token.ValueKind == JsonValueKind.String && token.GetString() is { Length: > 0 } value)
        {
            TimeSpan lasts = answer.TryGetProperty("expires_in", out JsonElement seconds) ? LifeOf(seconds) : Unsaid;
            lock (_gate)
                _token = (value, time.GetUtcNow() + (lasts > Margin * 2 ? lasts - Margin : lasts / 2));
            return value;
        }

        bool isRefusal = reply.Status is >= 400 and < 500 and not ((int)HttpStatusCode.RequestTimeout or (int)HttpStatusCode.TooManyRequests);
        string advice = isRefusal
            ? $"; correct {RequestSettings.Prefix}{api}_USER, _SECRET or _TOKEN_URL"
            : "";
        throw new NoTokenException($"The token endpoint of {api} gave no token: it answered {reply.Told}{advice}", isRefusal, reply.RetryAfter);
    }

    private static TimeSpan LifeOf(JsonElement seconds) =>
        (seconds.ValueKind == JsonValueKind.Number && seconds.TryGetDouble(out double number) || seconds.ValueKind == JsonValueKind.String && double.TryParse(seconds.GetString(), out number))
        && number is > 0 and < 1e7
            ? TimeSpan.FromSeconds(number)
            : Unsaid;
}
