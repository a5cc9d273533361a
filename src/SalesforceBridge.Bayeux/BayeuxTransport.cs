using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace SalesforceBridge.Bayeux;

/// <summary>Posts messages of one session and reads the replies while they arrive. Keeps the session's cookies, of which it must have
/// its own.</summary>
internal sealed class BayeuxTransport(HttpMessageInvoker http, BayeuxEndpoint endpoint, BayeuxOptions options, TimeProvider time)
{
    // A server keeps events for a while only, and no timer waits for years.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly CookieContainer _cookies = new();
    private readonly ReplyMessageParser _parser = new();

    /// <summary>Posts a request; yields the messages of its reply.</summary>
    /// <param name="request">The message to post.</param>
    /// <param name="limit">How long the server may take to begin its answer.</param>
    /// <param name="renew">Ends the wait for the answer's beginning.</param>
    /// <param name="ct">Ends everything.</param>
    /// <exception cref="BayeuxFailureException">There was no complete reply.</exception>
    public async IAsyncEnumerable<ReplyMessage> PostAsync(
        BayeuxRequest request, TimeSpan limit, CancellationToken renew, [EnumeratorCancellation] CancellationToken ct)
    {
        using HttpResponseMessage response = await SendAsync(request, limit, renew, ct);
        KeepCookies(response);
        using var idle = new IdleLimit(options.RequestLimit, time, ct);
        using var reader = new ReplyReader(await response.Content.ReadAsStreamAsync(ct));
        if (response.StatusCode != HttpStatusCode.OK)
            throw new BayeuxFailureException(await RefusalAsync(request, response, reader, idle, ct));

        while (await FillAsync(request, reader, idle, ct))
            while (TryTake(request, reader) is { } message)
                yield return message;
    }

    private async Task<HttpResponseMessage> SendAsync(BayeuxRequest request, TimeSpan limit, CancellationToken renew, CancellationToken ct)
    {
        using HttpRequestMessage post = Post(request);
        using var late = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, renew, ct);
        try
        {
            return await http.SendAsync(post, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new BayeuxFailureException(renew.IsCancellationRequested
                ? new BayeuxFailure.Renewed()
                : new BayeuxFailure.ReplyLost(request.MetaChannel, $"no answer within {limit.TotalSeconds:0.#} s"));
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException)
        {
            throw Lost(request, failed.Message, failed);
        }
    }

    private HttpRequestMessage Post(BayeuxRequest request)
    {
        var post = new HttpRequestMessage(HttpMethod.Post, endpoint.Address)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(request.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        foreach ((string name, string value) in endpoint.Headers)
            post.Headers.TryAddWithoutValidation(name, value);
        string cookies = _cookies.GetCookieHeader(endpoint.Address);
        if (cookies.Length > 0)
            post.Headers.TryAddWithoutValidation("Cookie", cookies);
        return post;
    }

    private void KeepCookies(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? cookies))
            return;
        foreach (string cookie in cookies)
        {
            try
            {
                _cookies.SetCookies(endpoint.Address, cookie);
            }
            catch (CookieException)
            {
                // A browser ignores a cookie that it cannot read or that names another domain, and so does this.
            }
        }
    }

    // An error status may still carry a Bayeux answer, which says more than the status.
    private async Task<BayeuxFailure> RefusalAsync(
        BayeuxRequest request, HttpResponseMessage response, ReplyReader reader, IdleLimit idle, CancellationToken ct)
    {
        TimeSpan? retryAfter = RetryAfter(response.Headers.RetryAfter);
        try
        {
            while (await FillAsync(request, reader, idle, ct))
                while (TryTake(request, reader) is { } message)
                    if (message.Meta is { Successful: false } meta)
                        return Refused(meta, subscription: null, retryAfter);
        }
        catch (BayeuxFailureException)
        {
            // Most error bodies are pages for people: the status has to do.
        }

        return new BayeuxFailure.HttpStatus(request.MetaChannel, (int)response.StatusCode, retryAfter);
    }

    /// <summary>The failure that a negative answer means.</summary>
    public static BayeuxFailure.Refused Refused(MetaReply meta, BayeuxSubscription? subscription, TimeSpan? retryAfter = null) =>
        new(meta.Channel, meta.Error, meta.Ext?.GetRawText(), meta.AdviceGiven, subscription, retryAfter);

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        TimeSpan? wait = header?.Delta ?? header?.Date - time.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;
    }

    private static async Task<bool> FillAsync(BayeuxRequest request, ReplyReader reader, IdleLimit idle, CancellationToken ct)
    {
        try
        {
            return await idle.RunAsync(reader.FillAsync);
        }
        catch (OperationCanceledException late) when (!ct.IsCancellationRequested)
        {
            throw Lost(request, "it stopped arriving", late);
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException)
        {
            throw Lost(request, $"it was cut: {cut.Message}", cut);
        }
    }

    private ReplyMessage? TryTake(BayeuxRequest request, ReplyReader reader)
    {
        try
        {
            while (reader.TryTake(out ReadOnlySpan<byte> message))
                if (_parser.Parse(message) is { } parsed)
                    return parsed;
            return null;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            throw Lost(request, "it is not a Bayeux reply", broken);
        }
    }

    private static BayeuxFailureException Lost(BayeuxRequest request, string why, Exception inner) =>
        new(new BayeuxFailure.ReplyLost(request.MetaChannel, why), inner);
}
