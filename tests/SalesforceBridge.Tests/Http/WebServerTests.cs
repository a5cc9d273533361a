using System.Net;
using SalesforceBridge.Configuration;
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
}
