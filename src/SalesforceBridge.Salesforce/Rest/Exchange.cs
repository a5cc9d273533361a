using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Http;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>
/// Sends a request and reads its answer: under a token, once more under a new one after a 401, and again after what passes by
/// itself. A call that might have happened is sent again only when repeating it does no harm.
/// </summary>
internal sealed partial class Exchange(
    HttpClient http, ITokenSource tokens, SalesforceClientSettings settings, SalesforceMetrics metrics, TimeProvider time, ILogger logger)
{
    private const int LongestErrorBody = 64 * 1024;
    private const string LimitInfo = "Sforce-Limit-Info";

    private readonly RequestWriter _writer = new(http, settings);

    /// <summary>The org's API usage as last told.</summary>
    public ApiUsage? Usage => metrics.Usage;

    /// <param name="request">What to send.</param>
    /// <param name="read">Makes the result; its <see cref="JsonException"/> means that the answer cannot be used.</param>
    /// <param name="ct">Ends the call; then nobody knows whether it happened.</param>
    /// <exception cref="SalesforceException">The org refused, or could not be reached.</exception>
    public async Task<T> SendAsync<T>(SalesforceRequest request, Func<SalesforceReply, T> read, CancellationToken ct)
    {
        for (int tries = 1; ; tries++)
        {
            TimeSpan pause;
            try
            {
                return await SendUnderTokenAsync(request, read, ct);
            }
            catch (SalesforceException failure) when (MayRetry(request, failure, tries, out pause))
            {
                metrics.Retried(failure.Code);
                LogRetry(request.What, failure.Code, failure.Status, pause);
            }

            await Task.Delay(pause, time, ct);
        }
    }

    private bool MayRetry(SalesforceRequest request, SalesforceException failure, int tries, out TimeSpan pause)
    {
        TimeSpan backoff = settings.PauseBefore(tries);
        pause = failure.RetryAfter > backoff ? failure.RetryAfter.Value : backoff;
        return tries <= settings.Retries
            && failure.Class.Remedy is Remedy.Retry
            && (request.Repeatable || !failure.InDoubt)
            && pause <= settings.LongestPause;
    }

    private async Task<T> SendUnderTokenAsync<T>(SalesforceRequest request, Func<SalesforceReply, T> read, CancellationToken ct)
    {
        AccessToken token = await TokenAsync(request, tokens.GetAsync(ct));
        // A user's own: another one would be another user's.
        if (request.Session is { } session)
            return await SendOnceAsync(request, token with { Value = session }, read, ct);
        try
        {
            return await SendOnceAsync(request, token, read, ct);
        }
        catch (SalesforceException failure) when (failure.Class.Remedy is Remedy.Renew)
        {
            // The org did nothing, so whatever the call was, it may be sent again.
            token = await TokenAsync(request, tokens.RenewAsync(token, ct));
            return await SendOnceAsync(request, token, read, ct);
        }
    }

    private static async Task<AccessToken> TokenAsync(SalesforceRequest request, ValueTask<AccessToken> asked)
    {
        try
        {
            return await asked;
        }
        catch (OAuthException fault)
        {
            var error = new SalesforceError(fault.Code ?? OwnCodes.NotReached, fault.Message, [], fault.Status);
            Remedy remedy = fault.IsFatal ? new Remedy.GiveUp() : new Remedy.Retry();
            throw new SalesforceException(request.What, [error], new ErrorClass(remedy, Blame.Org), fault.RetryAfter, fault);
        }
    }

    private async Task<T> SendUngatedAsync<T>(
        SalesforceRequest request, AccessToken token, Func<SalesforceReply, T> read, Action<ApiUsage?> tell, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(settings.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            using HttpRequestMessage message = _writer.Write(request, token);
            using HttpResponseMessage response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            tell(NoteUsage(response, token));
            if (!response.IsSuccessStatusCode && response.StatusCode is not HttpStatusCode.NotModified)
                throw await ReadRefusalAsync(request, response, either.Token);

            byte[] body = await response.Content.ReadAsByteArrayAsync(either.Token);
            return Read(request, new SalesforceReply(response.StatusCode, HeadersOf(response), body), read);
        }
        catch (HttpRequestException fault) when (WasNeverSent(fault))
        {
            throw Failure(request, OwnCodes.NotReached, $"no connection to {token.InstanceUrl.Host}: {fault.Message}", fault);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or InvalidDataException)
        {
            throw Failure(request, OwnCodes.NoReply, $"the connection to {token.InstanceUrl.Host} broke: {fault.Message}", fault);
        }
        catch (OperationCanceledException fault) when (!ct.IsCancellationRequested)
        {
            // Not by our clock: the handler gave up connecting.
            throw timeout.IsCancellationRequested
                ? Failure(request, OwnCodes.NoReply, $"{token.InstanceUrl.Host} did not answer within {settings.Timeout}", fault)
                : Failure(request, OwnCodes.NotReached, $"no connection to {token.InstanceUrl.Host} in time", fault);
        }
    }

    private ApiUsage? NoteUsage(HttpResponseMessage response, AccessToken token)
    {
        if (!response.Headers.TryGetValues(LimitInfo, out IEnumerable<string>? values) || ApiUsage.Parse(string.Join(";", values)) is not { } usage)
            return null;
        metrics.UsageSeen(usage, token.InstanceUrl.Host);
        return usage;
    }

    private static T Read<T>(SalesforceRequest request, SalesforceReply reply, Func<SalesforceReply, T> read)
    {
        try
        {
            return read(reply);
        }
        catch (JsonException fault)
        {
            throw Failure(request, OwnCodes.UnusableReply, "the answer is not what this call is answered with", fault, reply.Status);
        }
    }

    private async Task<SalesforceException> ReadRefusalAsync(SalesforceRequest request, HttpResponseMessage response, CancellationToken ct)
    {
        byte[] body;
        try
        {
            body = await BoundedBody.ReadAsync(response.Content, LongestErrorBody, ct);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or InvalidDataException or OperationCanceledException)
        {
            // The status is known, and says more than the connection that broke after it.
            body = [];
        }

        IReadOnlyList<SalesforceError> errors = ErrorBody.Read(response.StatusCode, body);
        ErrorClass errorClass = ErrorTable.Of(errors);
        TimeSpan? retryAfter = RetryAfter.Of(response, time);
        // Who names a time to come back has turned the call away; a bare 503 may also come from a proxy that lost it half way.
        if (response.StatusCode is HttpStatusCode.ServiceUnavailable && retryAfter is not null)
            errorClass = errorClass with { InDoubt = false };
        return new SalesforceException(request.What, errors, errorClass, retryAfter);
    }

    private static bool WasNeverSent(HttpRequestException fault) => fault.HttpRequestError is HttpRequestError.NameResolutionError
        or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;

    private static SalesforceException Failure(
        SalesforceRequest request, string code, string text, Exception cause, HttpStatusCode? status = null)
    {
        SalesforceError[] errors = [new(code, text, [], status)];
        return new SalesforceException(request.What, errors, ErrorTable.Of(errors), inner: cause);
    }

    private static Dictionary<string, string> HeadersOf(HttpResponseMessage response) =>
        response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} failed with {Code} (HTTP {Status}); tried again in {Pause}.")]
    private partial void LogRetry(string what, string code, HttpStatusCode? status, TimeSpan pause);
}
