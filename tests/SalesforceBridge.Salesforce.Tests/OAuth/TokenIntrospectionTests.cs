using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.OAuth;

/// <summary>What the org says of a token, to an app that shows its secret.</summary>
public sealed class TokenIntrospectionTests
{
    private const string Route = "POST /services/oauth2/introspect";

    private static readonly AccessToken Token = new("00Dxx!secret", new Uri("https://acme.my.salesforce.com"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<OAuthGrant> WithSecret =>
    [
        new OAuthGrant.ClientCredentials("k", "s"),
        new OAuthGrant.RefreshToken("k", "s", "t"),
        new OAuthGrant.UsernamePassword("k", "s", "u", "p"),
    ];

    public static TheoryData<OAuthGrant> WithoutSecret =>
    [
        new OAuthGrant.JwtBearer("k", "u", "key"),
        new OAuthGrant.RefreshToken("k", null, "t"),
        new OAuthGrant.Given(new Uri("https://acme.my.salesforce.com"), "t"),
    ];

    [Theory]
    [MemberData(nameof(WithSecret), DisableDiscoveryEnumeration = true)]
    public async Task An_app_with_a_secret_is_told(OAuthGrant grant)
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        oauth.Org.On(Route, new Answer(200, """{"active":true,"scope":"api refresh_token","client_id":"k","exp":1800000000,"iat":1}"""));

        TokenIntrospection? told = await oauth.Source(grant).IntrospectAsync(Token, Ct);

        told.ShouldBe(new TokenIntrospection(true, DateTimeOffset.FromUnixTimeSeconds(1_800_000_000), "api refresh_token"));
        Dictionary<string, string> sent = oauth.Org.Requests.Single().Form;
        string.Join('&', sent.OrderBy(field => field.Key).Select(field => $"{field.Key}={field.Value}"))
            .ShouldBe("client_id=k&client_secret=s&token=00Dxx!secret&token_type_hint=access_token");
    }

    [Theory]
    [MemberData(nameof(WithoutSecret), DisableDiscoveryEnumeration = true)]
    public async Task An_app_without_one_does_not_ask(OAuthGrant grant)
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();

        (await oauth.Source(grant).IntrospectAsync(Token, Ct)).ShouldBeNull();

        oauth.Org.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_token_that_ended_has_neither_scope_nor_end()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        oauth.Org.On(Route, new Answer(200, """{"active":false}"""));

        (await oauth.Source().IntrospectAsync(Token, Ct)).ShouldBe(new TokenIntrospection(false, null, null));
    }

    [Theory]
    [InlineData(401, """{"error":"invalid_client","error_description":"invalid client credentials"}""", "invalid_client: invalid client credentials")]
    [InlineData(503, "<html>maintenance</html>", "HTTP 503")]
    [InlineData(200, "[]", "HTTP 200")]
    [InlineData(200, "{}", "HTTP 200")]
    public async Task What_is_no_answer_is_a_fault_that_shows_no_secret(int status, string body, string why)
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        oauth.Org.On(Route, new Answer(status, body));

        OAuthException fault = await Should.ThrowAsync<OAuthException>(oauth.Source().IntrospectAsync(Token, Ct));

        fault.Message.ShouldContain(why);
        fault.Message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task The_scopes_that_a_login_granted_are_kept_with_its_token()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        oauth.Org.On(OAuthDriver.TokenRoute, new Answer(200, $$"""{"access_token":"a","instance_url":"{{oauth.Org.Url}}","scope":"api web"}"""));

        (await oauth.Source().GetAsync(Ct)).Scope.ShouldBe("api web");
    }
}
