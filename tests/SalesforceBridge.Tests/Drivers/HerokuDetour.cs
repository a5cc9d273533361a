using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.HerokuConnect;
using SalesforceBridge.Simulator.HerokuConnect;

namespace SalesforceBridge.Tests.Drivers;

/// <summary>Leads the bridge's calls to Heroku to a stand-in's API, which calls itself by a name of Heroku's meanwhile.</summary>
internal sealed class HerokuDetour(Uri to) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
{
    private const string Region = "https://connect-eu.heroku.com/";

    public static void Lead(IServiceCollection services, HerokuConnectStandIn standIn) =>
        services.AddKeyedSingleton(HerokuConnectApi.Http, (_, _) => new HttpClient(new HerokuDetour(standIn.ApiUrl)));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = new UriBuilder(request.RequestUri!) { Scheme = to.Scheme, Host = to.Host, Port = to.Port }.Uri;
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        string said = await response.Content.ReadAsStringAsync(cancellationToken);
        response.Content = new StringContent(said.Replace(new Uri(to, "/").ToString(), Region, StringComparison.Ordinal));
        return response;
    }
}
