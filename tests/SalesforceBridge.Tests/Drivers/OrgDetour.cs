using Microsoft.Extensions.DependencyInjection;

namespace SalesforceBridge.Tests.Drivers;

/// <summary>The way to the org, on which an event of a test's comes in between: after the answer to the first call that asks for this, before it is read.</summary>
internal sealed class OrgDetour(string asked, Func<Task> between) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
{
    private int _met;

    public static void Replace(IServiceCollection services, string asked, Func<Task> between) =>
        services.AddSingleton(_ => new HttpClient(new OrgDetour(asked, between)));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        if (Uri.UnescapeDataString(request.RequestUri!.Query).Contains(asked, StringComparison.Ordinal) && Interlocked.Exchange(ref _met, 1) == 0)
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            await between();
        }

        return response;
    }
}
