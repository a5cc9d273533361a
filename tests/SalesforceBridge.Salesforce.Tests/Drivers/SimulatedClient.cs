using Microsoft.Extensions.Logging.Abstractions;
using SalesforceBridge.Salesforce.Http;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Simulator;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Salesforce.Tests.Drivers;

/// <summary>A client of a simulated org, which does what it is asked to.</summary>
public sealed class SimulatedClient : IAsyncDisposable
{
    private readonly HttpClient _http = SalesforceHttp.Create();
    private readonly TestMeters _meters = new();

    private SimulatedClient(SimulatedOrg org)
    {
        Org = org;
        var token = new OneToken(new AccessToken(org.OpenSession("bridge@example.com"), org.InstanceUrl));
        Rest = new SalesforceClient(_http, token, Client.Patient, _meters, TimeProvider.System, NullLogger<SalesforceClient>.Instance);
    }

    public SimulatedOrg Org { get; }

    public SalesforceClient Rest { get; }

    public static async Task<SimulatedClient> StartAsync() => new(await SimulatedOrg.StartAsync(new SimulatorOptions(), TestContext.Current.CancellationToken));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _meters.Dispose();
        await Org.DisposeAsync();
    }

    private sealed class OneToken(AccessToken token) : ITokenSource
    {
        public ValueTask<AccessToken> GetAsync(CancellationToken ct) => new(token);

        public ValueTask<AccessToken> RenewAsync(AccessToken rejected, CancellationToken ct) => new(token);
    }
}
