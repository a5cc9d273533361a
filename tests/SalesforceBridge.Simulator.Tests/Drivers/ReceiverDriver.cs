using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace SalesforceBridge.Simulator.Tests.Drivers;

/// <summary>A request as it came in.</summary>
internal sealed record Received(string Connection, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    public string? Header(string name) => Headers.GetValueOrDefault(name);
}

/// <summary>What a receiver answers.</summary>
internal sealed record Reply(int Status, string Body)
{
    public string? ContentType { get; init; }

    public static readonly Reply Ack = Soap("""<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>""");

    public static readonly Reply Nack = Soap("""<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>false</Ack></notificationsResponse>""");

    public static readonly Reply Accepted = new(202, """{"accepted":1}""");

    /// <summary>Breaks the connection.</summary>
    public static readonly Reply Cut = new(0, "");

    /// <summary>Never comes.</summary>
    public static readonly Reply Silence = new(-1, "");

    public static Reply Soap(string content, int status = 200) => new(
        status,
        $"""<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{content}</s:Body></s:Envelope>""");
}

/// <summary>A server of somebody else that the org calls: keeps what came, and answers as it is told.</summary>
internal sealed class ReceiverDriver : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<Func<Received, Task<Reply>>> _answers = [];
    private readonly List<Received> _requests = [];
    private readonly Reply _usual;
    private WebApplication _server = null!;

    private ReceiverDriver(Reply usual) => _usual = usual;

    public Uri Url { get; private set; } = null!;

    public IReadOnlyList<Received> Requests
    {
        get
        {
            lock (_gate)
                return [.. _requests];
        }
    }

    /// <summary>Answers in that order, and then as usual.</summary>
    public static async Task<ReceiverDriver> StartAsync(Reply usual, params Reply[] first)
    {
        var driver = new ReceiverDriver(usual);
        foreach (Reply reply in first)
            driver.Next(_ => Task.FromResult(reply));
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        driver._server = builder.Build();
        driver._server.Run(driver.AnswerAsync);
        await driver._server.StartAsync(OrgDriver.Ct);
        string address = driver._server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        driver.Url = new Uri(address + "/in");
        return driver;
    }

    /// <summary>How to answer the next request that has no answer yet.</summary>
    public void Next(Func<Received, Task<Reply>> answer)
    {
        lock (_gate)
            _answers.Enqueue(answer);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        await _server.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var received = new Received(context.Connection.Id, context.Request.Path, headers, body.ToArray());
        Reply reply = await Keep(received)(received);
        if (reply == Reply.Cut)
            context.Abort();
        else if (reply == Reply.Silence)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        else
            await WriteAsync(context, reply);
    }

    private Func<Received, Task<Reply>> Keep(Received received)
    {
        lock (_gate)
        {
            _requests.Add(received);
            return _answers.TryDequeue(out Func<Received, Task<Reply>>? answer) ? answer : _ => Task.FromResult(_usual);
        }
    }

    private static async Task WriteAsync(HttpContext context, Reply reply)
    {
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        await context.Response.WriteAsync(reply.Body, context.RequestAborted);
    }
}
