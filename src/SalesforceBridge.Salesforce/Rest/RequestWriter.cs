using System.Net.Http.Headers;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Makes of a request what goes to the org's host, under a token.</summary>
internal sealed class RequestWriter(HttpClient http, SalesforceClientSettings settings)
{
    public HttpRequestMessage Write(SalesforceRequest request, AccessToken token, ProgressLimit limit)
    {
        var message = new HttpRequestMessage(request.Method, UrlOf(request, token))
        {
            Version = http.DefaultRequestVersion,
            VersionPolicy = http.DefaultVersionPolicy,
        };
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
        message.Headers.Accept.ParseAdd(request.Accept);
        message.Content = ContentOf(request, limit);
        if (request.StreamedBody is { IsReplayable: false })
            message.Headers.ExpectContinue = true;
        if (settings.ClientName is { } client && !request.Headers.ContainsKey(CallOptions.Header))
            message.Headers.Add(CallOptions.Header, CallOptions.Client(client));
        foreach ((string name, string value) in request.Headers)
            message.Headers.Add(name, value);
        return message;
    }

    private static HttpContent? ContentOf(SalesforceRequest request, ProgressLimit limit)
    {
        HttpContent? content = request.StreamedBody is { } streamed ? new StreamedContent(streamed, limit)
            : request.Body is { } body ? new ReadOnlyMemoryContent(body)
            : null;
        if (content is not null)
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(request.ContentType);
        return content;
    }

    // Whatever a path says, the token stays with the org's host.
    private Uri UrlOf(SalesforceRequest request, AccessToken token)
    {
        string path = request.Path.StartsWith('/') ? request.Path : $"/services/data/v{settings.ApiVersion}/{request.Path}";
        var url = new Uri(token.InstanceUrl, path);
        return url.Authority == token.InstanceUrl.Authority && url.Scheme == token.InstanceUrl.Scheme
            ? url
            : throw new ArgumentException($"The path of {request.What} leads to another host than the org's.", nameof(request));
    }
}
