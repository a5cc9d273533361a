using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Tests.Sources.Soql;

/// <summary>What a query may be on; the simulated org has no such object.</summary>
public sealed class SoqlObjectTests
{
    [Fact]
    public async Task A_query_on_an_object_of_which_the_org_does_not_tell_what_changed_is_refused()
    {
        using var meters = new TestMeters();
        using var handler = new DescribingOrg("""{"name": "LoginGeo", "replicateable": false, "fields": [{"name": "SystemModstamp", "type": "datetime"}]}""");
        using var http = new HttpClient(handler);
        var check = new OrgCheck(new SalesforceClient(
            http, new OneToken(), new SalesforceClientSettings { Retries = 0 }, meters, TimeProvider.System, NullLogger<SalesforceClient>.Instance));
        RouteDefinition route = RouteFile.Parse("logins", "-- on: soql 5m: select Id from LoginGeo\nselect 1 from message").Definition!;

        (await check.FaultsOfAsync(route, [], TestContext.Current.CancellationToken)).ShouldBe(
            ["on: the org does not tell what changed in LoginGeo (it is not replicateable); choose another object"]);
    }

    private sealed class DescribingOrg(string describe) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(describe, System.Text.Encoding.UTF8, "application/json"), RequestMessage = request });
    }

    private sealed class OneToken : ITokenSource
    {
        private static readonly AccessToken Token = new("secret", new Uri("https://org.example"));

        public ValueTask<AccessToken> GetAsync(CancellationToken ct) => new(Token);

        public ValueTask<AccessToken> RenewAsync(AccessToken rejected, CancellationToken ct) => new(Token);
    }
}
