using System.Net;
using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;
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

    private RequestWriter _writer = new(http, settings, new CallOptions { ClientName = settings.ClientName });
    private string? _session;

    /// <summary>The org's API usage as last told, under whichever options and through whichever gate.</summary>
    public ApiUsage? Usage => metrics.Usage;

    /// <summary>The same exchange, saying something else beside what is asked.</summary>
    public Exchange With(CallOptions options)
    {
        var other = (Exchange)MemberwiseClone();
        (other._writer, other._session) = (_writer.With(options), options.Session);
        return other;
    }

    /// <param name="request">What to send.</param>
    /// <param name="read">Makes the result; its <see cref="JsonException"/> means that the answer cannot be used.</param>
    /// <param name="ct">Ends the call; then nobody knows whether it happened.</param>
    /// <exception cref="SalesforceException">The org refused, or could not be reached.</exception>
    public Task<T> SendAsync<T>(SalesforceRequest request, Func<SalesforceReply, T> read, CancellationToken ct) =>
        CallAsync(request, (response, ends) => ReadWholeAsync(request, response, read, ends), ct);

    /// <summary>Sends a request and reads the body of its answer where it lies, in memory that other answers get afterwards.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="read">Makes the result; its <see cref="JsonException"/> means that the answer cannot be used.</param>
    /// <param name="ct">Ends the call; then nobody knows whether it happened.</param>
    /// <exception cref="SalesforceException">The org refused, or could not be reached.</exception>
    public Task<T> ReadAsync<T>(SalesforceRequest request, Func<ReadOnlySpan<byte>, T> read, CancellationToken ct) =>
        CallAsync(request, (response, ends) => ReadInPlaceAsync(request, response, read, ends), ct);

    /// <summary>Sends a request and leaves the body of its answer to be read. What ends the reading then is not tried again.</summary>
    /// <param name="request">What to send; an answer that is of another type than it accepts cannot be used.</param>
    /// <param name="ct">Ends the call until the answer begins.</param>
    /// <exception cref="SalesforceException">The org refused, or could not be reached.</exception>
    public Task<StreamedReply> OpenAsync(SalesforceRequest request, CancellationToken ct) =>
        CallAsync(request, (response, ends) => OpenReplyAsync(request, response, ends), ct);

    private async Task<T> CallAsync<T>(SalesforceRequest request, Func<HttpResponseMessage, CancellationToken, Task<T>> take, CancellationToken ct)
    {
        for (int tries = 1; ; tries++)
        {
            TimeSpan pause;
            try
            {
                return await SendUnderTokenAsync(request, take, ct);
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
            && request.StreamedBody is not { IsSpent: true }
            && pause <= settings.LongestPause;
    }

    private async Task<T> SendUnderTokenAsync<T>(
        SalesforceRequest request, Func<HttpResponseMessage, CancellationToken, Task<T>> take, CancellationToken ct)
    {
        AccessToken token = await TokenAsync(request, tokens.GetAsync(ct));
        // A user's own: another one would be another user's.
        if (_session is { } session)
            return await SendOnceAsync(request, token with { Value = session }, take, ct);
        try
        {
            return await SendOnceAsync(request, token, take, ct);
        }
        catch (SalesforceException failure) when (failure.Class.Remedy is Remedy.Renew)
        {
            // The org did nothing, so whatever the call was, it may be sent again.
            token = await TokenAsync(request, tokens.RenewAsync(token, ct));
            if (request.StreamedBody is { IsSpent: true })
                throw;
            return await SendOnceAsync(request, token, take, ct);
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
        SalesforceRequest request, AccessToken token, Func<HttpResponseMessage, CancellationToken, Task<T>> take, Action<ApiUsage?> tell, CancellationToken ct)
    {
        string host = token.InstanceUrl.Host;
        using var limit = new ProgressLimit(settings.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            using HttpRequestMessage message = _writer.Write(request, token, limit);
            HttpResponseMessage response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            tell(NoteUsage(response, token));
            if (!response.IsSuccessStatusCode && response.StatusCode is not HttpStatusCode.NotModified && !request.AlsoAnswers.Contains(response.StatusCode))
                throw await ReadRefusalAsync(request, response, either.Token);
            return await take(response, either.Token);
        }
        catch (Exception) when (request.StreamedBody?.Fault is not null)
        {
            // Not the call's: whoever produces the body knows what it means.
            ExceptionDispatchInfo.Throw(request.StreamedBody.Fault);
            throw;
        }
        catch (HttpRequestException fault) when (CallFailure.WasNeverSent(fault))
        {
            throw CallFailure.NotReached(request, host, fault);
        }
        catch (BodyTooLongException fault)
        {
            throw CallFailure.TooLong(request, fault);
        }
        catch (Exception fault) when (CallFailure.IsBroken(fault))
        {
            throw CallFailure.Broken(request, host, fault);
        }
        catch (OperationCanceledException fault) when (!ct.IsCancellationRequested)
        {
            // Not by our clock: the handler gave up connecting.
            throw limit.IsOver ? CallFailure.TooSlow(request, host, settings.Timeout, fault) : CallFailure.NotReachedInTime(request, host, fault);
        }
    }

    private async Task<T> ReadWholeAsync<T>(
        SalesforceRequest request, HttpResponseMessage response, Func<SalesforceReply, T> read, CancellationToken ct)
    {
        using (response)
        {
            using PooledBody body = await PooledBody.ReadAsync(response.Content, settings.LongestAnswer, ct);
            return Usable(request, response, () => read(new SalesforceReply(response.StatusCode, HeadersOf(response), body.Bytes.ToArray())));
        }
    }

    private async Task<T> ReadInPlaceAsync<T>(
        SalesforceRequest request, HttpResponseMessage response, Func<ReadOnlySpan<byte>, T> read, CancellationToken ct)
    {
        using (response)
        {
            using PooledBody body = await PooledBody.ReadAsync(response.Content, settings.LongestAnswer, ct);
            return Usable(request, response, () => read(body.Bytes));
        }
    }

    private static T Usable<T>(SalesforceRequest request, HttpResponseMessage response, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (JsonException fault)
        {
            throw CallFailure.Unusable(request, response.StatusCode, fault);
        }
    }

    private async Task<StreamedReply> OpenReplyAsync(SalesforceRequest request, HttpResponseMessage response, CancellationToken ct)
    {
        if (!IsAcceptable(request, response))
        {
            response.Dispose();
            throw CallFailure.Unusable(request, response.StatusCode);
        }

        Stream body = await response.Content.ReadAsStreamAsync(ct);
        return new StreamedReply(response.StatusCode, new ReplyStream(request, response, body, settings, time), HeadersOf(response));
    }

    // A page of markup with status 200 comes from something in front of the API.
    private static bool IsAcceptable(SalesforceRequest request, HttpResponseMessage response)
    {
        string? type = response.Content.Headers.ContentType?.MediaType;
        return response.StatusCode is HttpStatusCode.NoContent
            || (request.Accept is "*/*" ? type is not "text/html" : MediaTypeHeaderValue.Parse(request.Accept).MediaType == type);
    }

    private ApiUsage? NoteUsage(HttpResponseMessage response, AccessToken token)
    {
        if (!response.Headers.TryGetValues(LimitInfo, out IEnumerable<string>? values) || ApiUsage.Parse(string.Join(";", values)) is not { } usage)
            return null;
        metrics.UsageSeen(usage, token.InstanceUrl.Host);
        return usage;
    }

    private async Task<SalesforceException> ReadRefusalAsync(SalesforceRequest request, HttpResponseMessage response, CancellationToken ct)
    {
        using HttpResponseMessage refusal = response;
        byte[] body;
        try
        {
            body = await BoundedBody.ReadAsync(refusal.Content, LongestErrorBody, ct);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or InvalidDataException or OperationCanceledException)
        {
            // The status is known, and says more than the connection that broke after it.
            body = [];
        }

        IReadOnlyList<SalesforceError> errors = ErrorBody.Read(refusal.StatusCode, body);
        ErrorClass errorClass = ErrorTable.Of(errors);
        TimeSpan? retryAfter = RetryAfter.Of(refusal, time);
        // Who names a time to come back has turned the call away; a bare 503 may also come from a proxy that lost it half way.
        if (refusal.StatusCode is HttpStatusCode.ServiceUnavailable && retryAfter is not null)
            errorClass = errorClass with { InDoubt = false };
        return new SalesforceException(request.What, errors, errorClass, retryAfter) { Body = body };
    }

    private static Dictionary<string, string> HeadersOf(HttpResponseMessage response) =>
        response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} failed with {Code} (HTTP {Status}); tried again in {Pause}.")]
    private partial void LogRetry(string what, string code, HttpStatusCode? status, TimeSpan pause);
}
