using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SalesforceBridge.Salesforce.Tests.Drivers;

/// <summary>A request as it arrived.</summary>
public sealed record Received(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Route => $"{Method} {Target.Split('?')[0]}";

    public string? Token => Headers.TryGetValue("Authorization", out string? value) ? value.Replace("Bearer ", "") : null;

    public Dictionary<string, string> Form => HttpUtility.ParseQueryString(Body) is var form
        ? form.AllKeys.ToDictionary(key => key!, key => form[key]!)
        : [];
}

/// <summary>A server on loopback that answers as it is told. The last answer planned for a route repeats; no plan is a 501.</summary>
public sealed class ScriptedOrg : IAsyncDisposable
{
    private const int RefusedStream = 7;

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Func<Received, Answer>> _plans = new();
    private readonly ConcurrentDictionary<string, Answer> _hasty = new();
    private readonly ConcurrentQueue<Received> _requests = new();

    private ScriptedOrg(WebApplication app) => _app = app;

    public Uri Url { get; private set; } = null!;

    public IReadOnlyList<Received> Requests => [.. _requests];

    public static async Task<ScriptedOrg> StartAsync(HttpProtocols protocols = HttpProtocols.Http1)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        WebApplication app = builder.Build();
        var org = new ScriptedOrg(app);
        app.Run(org.AnswerAsync);
        await app.StartAsync();
        org.Url = new Uri(app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>()
            .Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return org;
    }

    /// <summary>Plans the answers to a route, <c>GET /services/data/v62.0/limits</c>; below the API's path the slash is left out.</summary>
    public ScriptedOrg On(string route, params Answer[] answers)
    {
        var left = new ConcurrentQueue<Answer>(answers);
        return On(route, _ => left.Count > 1 && left.TryDequeue(out Answer? next) ? next : left.TryPeek(out Answer? last) ? last : new Answer(501));
    }

    public ScriptedOrg On(string route, Func<Received, Answer> answer)
    {
        string[] parts = route.Split(' ', 2);
        _plans[parts[1].StartsWith('/') ? route : $"{parts[0]} /services/data/v62.0/{parts[1]}"] = answer;
        return this;
    }

    /// <summary>Answers the next request to a route before it reads the request's body.</summary>
    public ScriptedOrg OnceBeforeBody(string route, Answer answer)
    {
        string[] parts = route.Split(' ', 2);
        _hasty[$"{parts[0]} /services/data/v62.0/{parts[1]}"] = answer;
        return this;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = new Received(
            context.Request.Method,
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()),
            "");
        if (_hasty.TryRemove(request.Route, out Answer? hasty))
        {
            _requests.Enqueue(request);
            await SendAsync(hasty, context);
            return;
        }

        using var reader = new StreamReader(context.Request.Body);
        request = request with { Body = await reader.ReadToEndAsync() };
        _requests.Enqueue(request);
        Answer answer = _plans.TryGetValue(request.Route, out Func<Received, Answer>? plan) ? plan(request) : new Answer(501, request.Route);
        await answer.After.WaitAsync(context.RequestAborted);
        await SendAsync(answer, context);
    }

    private static async Task SendAsync(Answer answer, HttpContext context)
    {
        if (answer.IsDropped || answer.CutAfter is not null)
        {
            await CutAsync(answer, context);
            return;
        }

        if (answer.IsNotBegun)
        {
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(RefusedStream);
            return;
        }

        context.Response.StatusCode = answer.Status;
        foreach ((string name, string value) in answer.Headers)
            context.Response.Headers[name] = value;
        if (answer.Status is 204 or 304)
            return;
        byte[] body = answer.Bytes;
        context.Response.ContentType = answer.ContentType;
        context.Response.ContentLength = answer.IsChunked ? null : body.Length;
        if (answer.StallAfter is { } sent)
        {
            await context.Response.Body.WriteAsync(body.AsMemory(0, sent));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }

        foreach (byte[] piece in body.Chunk(answer.IsChunked ? 7 : 64 * 1024))
        {
            await context.Response.Body.WriteAsync(piece);
            await context.Response.Body.FlushAsync();
        }
    }

    // Past the server, straight to the socket: its own buffers would be lost with the connection, or not.
    private static async Task CutAsync(Answer answer, HttpContext context)
    {
        Socket socket = context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        if (answer.CutAfter is { } length)
        {
            string framing = answer.IsChunked ? $"Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n" : $"Content-Length: {answer.Bytes.Length}\r\n\r\n";
            string headers = string.Concat(answer.Headers.Select(header => $"{header.Key}: {header.Value}\r\n"));
            string head = $"HTTP/1.1 {answer.Status} Cut\r\nContent-Type: {answer.ContentType}\r\n{headers}{framing}";
            await socket.SendAsync(new[] { new ArraySegment<byte>(Encoding.ASCII.GetBytes(head)), new ArraySegment<byte>(answer.Bytes, 0, length) });
        }

        socket.Shutdown(SocketShutdown.Both);
        context.Abort();
    }
}
