using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace SalesforceBridge.Tests.Drivers;

/// <summary>A request as the API got it.</summary>
internal sealed record PartnerRequest(string Method, string Url, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string? this[string header] => Headers.GetValueOrDefault(header);
}

/// <summary>Somebody's HTTP API on this machine: it remembers each request and answers as the test says.</summary>
internal sealed class PartnerApi : IAsyncDisposable
{
    private readonly ConcurrentQueue<PartnerRequest> _requests = new();
    private readonly ConcurrentQueue<PartnerRequest> _tokenRequests = new();
    private WebApplication _server = null!;
    private int _underWay;
    private int _mostUnderWay;

    /// <summary>What it answers. Default: 200 and nothing.</summary>
    public Func<PartnerRequest, HttpContext, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What its token endpoint answers, at <c>/token</c>.</summary>
    public Func<int, (int Status, string Body)> Token { get; set; } = n => (200, $$"""{"access_token":"token-{{n}}","expires_in":3600}""");

    public IReadOnlyList<PartnerRequest> Requests => [.. _requests];

    public IReadOnlyList<PartnerRequest> TokenRequests => [.. _tokenRequests];

    /// <summary>How many were under way at once, at most.</summary>
    public int MostUnderWay => _mostUnderWay;

    public Uri Url => new(_server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());

    public static async Task<PartnerApi> StartAsync()
    {
        var api = new PartnerApi();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        api._server = builder.Build();
        api._server.Run(api.AnswerAsync);
        await api._server.StartAsync(TestContext.Current.CancellationToken);
        return api;
    }

    /// <summary>Answers each request with the next of these, and the last one from then on.</summary>
    public PartnerApi Answering(params (int Status, string Body)[] answers)
    {
        int n = 0;
        Answer = async (_, context) =>
        {
            (int status, string body) = answers[Math.Min(Interlocked.Increment(ref n), answers.Length) - 1];
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            if (status is not 204)
                await context.Response.WriteAsync(body);
        };
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        await _server.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = new PartnerRequest(
            context.Request.Method, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), await reader.ReadToEndAsync());
        if (context.Request.Path == "/token")
        {
            _tokenRequests.Enqueue(request);
            (context.Response.StatusCode, string body) = Token(_tokenRequests.Count);
            await context.Response.WriteAsync(body);
            return;
        }

        _requests.Enqueue(request);
        int underWay = Interlocked.Increment(ref _underWay);
        InterlockedMax(underWay);
        try
        {
            await Answer(request, context);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private void InterlockedMax(int underWay)
    {
        int most = _mostUnderWay;
        while (underWay > most && Interlocked.CompareExchange(ref _mostUnderWay, underWay, most) is var seen && seen != most)
            most = seen;
    }
}
