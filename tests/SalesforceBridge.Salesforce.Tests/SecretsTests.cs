using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests;

public sealed class SecretsTests
{
    private const string Canary = "canary";
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<OAuthGrant> Grants =>
    [
        new OAuthGrant.JwtBearer("canary-key", "user@example.com", OAuthDriver.Key.ExportPkcs8PrivateKeyPem()),
        new OAuthGrant.ClientCredentials("canary-key", "canary-secret"),
        new OAuthGrant.RefreshToken("canary-key", "canary-secret", "canary-token"),
        new OAuthGrant.Given(new Uri("https://org.example"), "canary-token"),
        new OAuthGrant.UsernamePassword("canary-key", "canary-secret", "user@example.com", "canary-password"),
    ];

    public static TheoryData<string, Answer> Refusals => new()
    {
        { "refused", new Answer(400, """{"error":"invalid_grant","error_description":"expired access/refresh token"}""") },
        { "an outage that repeats what it got", Answer.Html(503) with { Body = "<html>canary-token canary-secret</html>" } },
        { "no answer", Answer.Dropped() },
    };

    [Theory]
    [MemberData(nameof(Grants), DisableDiscoveryEnumeration = true)]
    public void A_grant_shows_nothing_secret(OAuthGrant grant)
    {
        grant.ToString().ShouldNotContain(Canary);
        grant.ToString().ShouldNotContain("PRIVATE");
        new AccessToken("canary-token", new Uri("https://org.example")).ToString().ShouldBe("token for org.example");
    }

    [Theory]
    [MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public async Task A_login_that_fails_shows_nothing_secret(string what, Answer answer)
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        foreach (OAuthGrant grant in Grants.Select(row => row.Data))
        {
            OAuthTokenSource source = oauth.On(answer).Source(grant);
            OAuthException fault = await Should.ThrowAsync<OAuthException>(
                source.RenewAsync(new AccessToken("canary-token", oauth.Org.Url), Ct).AsTask());

            fault.ToString().ShouldNotContain(Canary, customMessage: what);
        }

        oauth.Log.All.ShouldNotBeEmpty();
        oauth.Log.All.ShouldAllBe(line => !line.Contains(Canary));
    }

    [Fact]
    public async Task Calls_that_fail_show_neither_token_nor_payload()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        oauth.On(oauth.Token("canary-token"));
        foreach (Answer answer in new[] { Answer.SessionExpired(), Answer.Html(503), Answer.Dropped(), Answer.Html(200), Answer.Error(400, "UNABLE_TO_LOCK_ROW") })
        {
            oauth.Org.On("PATCH sobjects/Account/Ext__c/canary-id", answer);
            using var client = new Client(oauth.Org, tokens: oauth.Source());

            SaveOutcome outcome = await client.Rest.SaveAsync(SaveVerb.Upsert, "Account", "Ext__c",
                [Client.Json("""{"Ext__c":"canary-id","Name":"canary-payload"}""")], allOrNone: false, Ct);

            $"{outcome} {outcome.Failure} {string.Join(' ', outcome.Results)}".ShouldNotContain(Canary);
            client.Log.All.ShouldAllBe(line => !line.Contains(Canary));
        }

        oauth.Log.All.ShouldAllBe(line => !line.Contains(Canary));
    }
}
