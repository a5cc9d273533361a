using System.Text.Json;
using SalesforceBridge.Salesforce.Http;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Simulator;

namespace SalesforceBridge.Salesforce.Tests.Rest;

/// <summary>What docs/client.md shows, with nothing but the library.</summary>
public sealed class PackageTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_login_and_five_lines_are_enough()
    {
        await using SimulatedOrg simulated = await SimulatedOrg.StartAsync(new SimulatorOptions(), Ct);
        Uri myDomain = simulated.InstanceUrl;

        using HttpClient http = SalesforceHttp.Create();
        var login = new OAuthGrant.ClientCredentials("sandbox-consumer-key", "sandbox-consumer-secret");
        var tokens = new OAuthTokenSource(login, new OAuthSettings { LoginUrl = myDomain }, http);
        var org = new SalesforceClient(http, tokens);
        SaveResult saved = await org.CreateRecordAsync("Account", new Dictionary<string, object?> { ["Name"] = "Acme" }, Ct);

        JsonElement account = (await org.QuerySingleAsync($"select Name from Account where Id = '{saved.Id}'", Ct)).ShouldNotBeNull();
        account.GetProperty("Name").GetString().ShouldBe("Acme");
        org.ApiUsage.ShouldNotBeNull().Used.ShouldBeGreaterThan(0);
    }
}
