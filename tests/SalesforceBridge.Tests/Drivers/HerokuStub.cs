using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.HerokuConnect;

namespace SalesforceBridge.Tests.Drivers;

/// <summary>Heroku's API on this machine: whoever asks for an address over the client it makes is led here, whatever the host.</summary>
internal sealed class HerokuStub : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, (int Status, string Body)> _answers = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private WebApplication _server = null!;

    /// <summary>What was asked for: the address as the bridge wrote it, and the token.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    public static async Task<HerokuStub> StartAsync()
    {
        var stub = new HerokuStub();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        stub._server = builder.Build();
        stub._server.Run(stub.AnswerAsync);
        await stub._server.StartAsync(TestContext.Current.CancellationToken);
        return stub;
    }

    /// <summary>How it answers at an address; a status of 0 is no answer at all.</summary>
    public HerokuStub With(string address, string body, int status = 200)
    {
        _answers[address] = (status, body);
        return this;
    }

    /// <summary>Has the bridge's calls to Heroku end here.</summary>
    public void Lead(IServiceCollection services) => services.AddKeyedSingleton(HerokuConnectApi.Http, (_, _) => Client());

    public HttpClient Client() => new(new Detour(
        new Uri(_server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single()), _asked));

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        await _server.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        (int status, string body) = _answers.GetValueOrDefault(context.Request.Headers["Address"].ToString(), (404, "{}"));
        if (status == 0)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        context.Response.StatusCode = status;
        if (status == 302)
            context.Response.Headers.Location = body;
        else
            await context.Response.WriteAsync(body, context.RequestAborted);
    }

    private sealed class Detour(Uri to, ConcurrentQueue<string> asked) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            asked.Enqueue($"{request.RequestUri} {request.Headers.Authorization}");
            request.Headers.Add("Address", request.RequestUri!.GetLeftPart(UriPartial.Query));
            request.RequestUri = new UriBuilder(request.RequestUri) { Scheme = to.Scheme, Host = to.Host, Port = to.Port }.Uri;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
