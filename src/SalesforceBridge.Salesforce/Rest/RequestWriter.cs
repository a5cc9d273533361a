using System.Net.Http.Headers;
using SalesforceBridge.Salesforce.Http;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Makes of a request what goes to the org's host, under a token.</summary>
internal sealed class RequestWriter(HttpClient http, SalesforceClientSettings settings, CallOptions options)
{
    private readonly Dictionary<string, string> _headers = CallHeaders.Of(options);

    /// <summary>Writes under other options; the client's name stays unless they have another.</summary>
    public RequestWriter With(CallOptions others) => new(http, settings, others with { ClientName = others.ClientName ?? options.ClientName });

    public HttpRequestMessage Write(SalesforceRequest request, AccessToken token, ProgressLimit limit)
    {
        var message = new HttpRequestMessage(request.Method, UrlOf(request, token))
        {
            Version = http.DefaultRequestVersion,
            VersionPolicy = http.DefaultVersionPolicy,
        };
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
        message.Headers.Accept.ParseAdd(request.Accept);
        message.Content = ContentOf(request, limit) ?? NoContent(request);
        if (request.StreamedBody is { IsReplayable: false })
            message.Headers.ExpectContinue = true;
        foreach ((string name, string value) in request.Headers.Concat(_headers.Where(header => !request.Headers.ContainsKey(header.Key))))
        {
            // As it is: a tag goes back as the org wrote it, whatever its form.
            if (!message.Headers.TryAddWithoutValidation(name, CallHeaders.Checked(value, name)))
                throw new ArgumentException($"'{name}' is no name of a header that {request.What} could carry.", nameof(request));
        }

        return message;
    }

    private HttpContent? ContentOf(SalesforceRequest request, ProgressLimit limit)
    {
        bool isPacked = request.Body?.Length > settings.CompressAbove;
        HttpContent? content = request.StreamedBody is { } streamed ? new StreamedContent(streamed, limit)
            : request.Body is { } body ? new ReadOnlyMemoryContent(isPacked ? PackedBody.Of(body) : body)
            : null;
        if (content is not null)
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(request.ContentType);
        if (content is ReadOnlyMemoryContent && isPacked)
            content.Headers.ContentEncoding.Add(PackedBody.Encoding);
        return content;
    }

    // A request with no content at all is sent again by the HTTP client itself, up to three times, when a connection closes without an answer; one
    // whose content was begun, be it empty, is not. So what must not happen twice always has some.
    private static ByteArrayContent? NoContent(SalesforceRequest request) => request.Repeatable ? null : new ByteArrayContent([]);

    // Whatever a path says, the token stays with the org's host.
    private Uri UrlOf(SalesforceRequest request, AccessToken token)
    {
        string path = request.Path.StartsWith('/') ? request.Path : $"/services/data/v{settings.ApiVersion}/{request.Path}";
        return HostPath.IsPlain(path) ? new Uri(token.InstanceUrl, path) : throw new ArgumentException(
            $"The path of {request.What} would lead elsewhere than it reads: it has steps of dots, a backslash, a '#' or two slashes in front. Percent-encode what comes from outside.",
            nameof(request));
    }
}
