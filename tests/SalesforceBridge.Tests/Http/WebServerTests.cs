using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Configuration;
using SalesforceBridge.Http;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Http;

public sealed class WebServerTests
{
    [Fact]
    public async Task Headers_without_end_are_refused()
    {
        await using TestHost web = await TestHost.StartAsync(ProcessRole.Web, ConfigVars.Fresh);
        using Browser browser = web.Browse();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz");
        request.Headers.Add("X-Long", new string('x', 17 * 1024));

        using HttpResponseMessage response = await browser.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.RequestHeaderFieldsTooLarge);
        response.Headers.Server.ShouldBeEmpty();
    }

    [Fact]
    public async Task Headers_that_come_too_slowly_are_told_so()
    {
        await using TestHost web = await StartAsync(new RequestLimits { HeaderPatience = TimeSpan.FromMilliseconds(500) });
        using TcpClient slow = await ConnectAsync(web);

        await SendAsync(slow, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Sl");

        (await FirstLineAsync(slow)).ShouldBe("HTTP/1.1 408 Request Timeout");
    }

    [Fact]
    public async Task A_connection_too_many_is_closed_at_once_and_one_that_ends_makes_room()
    {
        await using TestHost web = await StartAsync(new RequestLimits { Connections = 3 });
        TcpClient[] open = [await HealthyAsync(web), await HealthyAsync(web), await HealthyAsync(web)];

        using (TcpClient tooMany = await ConnectAsync(web))
        {
            await SendAsync(tooMany, Health);
            (await FirstLineAsync(tooMany)).ShouldBeNull();
        }

        await SendAsync(open[0], Health);
        (await FirstLineAsync(open[0])).ShouldBe("HTTP/1.1 200 OK");
        open[1].Dispose();
        using TcpClient next = await ServedAsync(web);
        open[0].Dispose();
        open[2].Dispose();
    }

    private const string Health = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

    private static Task<TestHost> StartAsync(RequestLimits limits) =>
        TestHost.StartAsync(ProcessRole.Web, ConfigVars.Fresh, services => services.AddSingleton(limits));

    private static async Task<TcpClient> ConnectAsync(TestHost web)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, web.Address.Port, TestContext.Current.CancellationToken);
        return client;
    }

    // Open, and known to be taken.
    private static async Task<TcpClient> HealthyAsync(TestHost web)
    {
        TcpClient client = await ConnectAsync(web);
        await SendAsync(client, Health);
        (await FirstLineAsync(client)).ShouldBe("HTTP/1.1 200 OK");
        return client;
    }

    // That another one ended is noticed soon, and not at once.
    private static async Task<TcpClient> ServedAsync(TestHost web)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (true)
        {
            TcpClient client = await ConnectAsync(web);
            await SendAsync(client, Health);
            if (await FirstLineAsync(client) is not null)
                return client;
            client.Dispose();
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    private static async Task SendAsync(TcpClient client, string text) =>
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);

    // Null where the connection is closed without an answer.
    private static async Task<string?> FirstLineAsync(TcpClient client)
    {
        using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
        try
        {
            return await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
