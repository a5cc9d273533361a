using System.Net;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.OAuth;

public sealed class TokenEndpointTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<OAuthGrant, string> Forms => new()
    {
        { new OAuthGrant.ClientCredentials("k", "s"), "client_id=k&client_secret=s&grant_type=client_credentials" },
        { new OAuthGrant.RefreshToken("k", null, "t"), "client_id=k&grant_type=refresh_token&refresh_token=t" },
        { new OAuthGrant.RefreshToken("k", "s", "t"), "client_id=k&client_secret=s&grant_type=refresh_token&refresh_token=t" },
        { new OAuthGrant.UsernamePassword("k", "s", "u", "p"), "client_id=k&client_secret=s&grant_type=password&password=p&username=u" },
    };

    [Theory]
    [MemberData(nameof(Forms), DisableDiscoveryEnumeration = true)]
    public async Task Each_grant_has_its_form(OAuthGrant grant, string form)
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();

        await oauth.On(oauth.Token("a")).Source(grant).GetAsync(Ct);

        Dictionary<string, string> sent = oauth.Org.Requests.Single().Form;
        string.Join('&', sent.OrderBy(field => field.Key).Select(field => $"{field.Key}={field.Value}")).ShouldBe(form);
    }

    [Theory]
    [InlineData(400, "invalid_grant", "authentication failure", "Check the user")]
    [InlineData(400, "invalid_grant", "user hasn't approved this consumer", "approval")]
    [InlineData(400, "invalid_client_id", "client identifier invalid", "consumer key")]
    [InlineData(401, "invalid_client", "invalid client credentials", "consumer key and secret")]
    [InlineData(400, "invalid_app_access", "user is not admin approved to access this app", "Approve the user")]
    [InlineData(400, "inactive_user", "inactive user", "Activate")]
    [InlineData(400, "inactive_org", "inactive org", "Activate")]
    [InlineData(400, "unsupported_grant_type", "grant type not supported", "Allow this flow")]
    [InlineData(400, "invalid_request", "missing assertion", "missing assertion")]
    [InlineData(400, "a_new_code", "something new", "something new")]
    public async Task A_refusal_is_fatal_and_says_what_to_do(int status, string code, string description, string advice)
    {
        OAuthException fault = await FaultOf(new Answer(status, $$"""{"error":"{{code}}","error_description":"{{description}}"}"""));

        fault.IsFatal.ShouldBeTrue();
        fault.Code.ShouldBe(code);
        fault.Status.ShouldBe((HttpStatusCode)status);
        fault.Message.ShouldContain(description);
        fault.Message.ShouldContain(advice);
    }

    [Theory]
    [InlineData(400, "rate_limit_exceeded", "login rate", 60)]
    [InlineData(400, "invalid_grant", "login rate exceeded", 60)]
    [InlineData(503, "temporarily_unavailable", "later", null)]
    [InlineData(500, "server_error", "oops", null)]
    [InlineData(500, "unheard_of", "oops", null)]
    [InlineData(429, "unheard_of", "slow down", null)]
    public async Task A_limit_or_a_fault_of_the_server_passes(int status, string code, string description, int? seconds)
    {
        OAuthException fault = await FaultOf(new Answer(status, $$"""{"error":"{{code}}","error_description":"{{description}}"}"""));

        fault.IsFatal.ShouldBeFalse();
        fault.RetryAfter.ShouldBe(seconds is { } wait ? TimeSpan.FromSeconds(wait) : null);
    }

    public static TheoryData<string, Answer> NoAnswers => new()
    {
        { "HTML of an outage", Answer.Html(503) },
        { "HTML that claims success", Answer.Html(200) },
        { "HTML with a refusal's status", Answer.Html(403) },
        { "nothing", new Answer(200) },
        { "JSON of something else", Answer.Ok("[]") },
        { "a token without its host", Answer.Ok("""{"access_token":"a"}""") },
        { "a redirect", new Answer(302).With("Location", "https://elsewhere.example/") },
        { "half an answer", Answer.Ok("""{"access_token":"a","instance_url":"https://x.example"}""") with { CutAfter = 20 } },
        { "no answer", Answer.Dropped() },
    };

    [Theory]
    [MemberData(nameof(NoAnswers), DisableDiscoveryEnumeration = true)]
    public async Task What_is_no_answer_of_the_org_passes(string what, Answer answer)
    {
        OAuthException fault = await FaultOf(answer);

        fault.IsFatal.ShouldBeFalse(what);
        fault.Message.ShouldContain("127.0.0.1");
    }

    [Fact]
    public async Task An_org_that_cannot_be_reached_passes()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        OAuthTokenSource source = oauth.Source();
        await oauth.Org.DisposeAsync();

        OAuthException fault = await Should.ThrowAsync<OAuthException>(source.GetAsync(Ct).AsTask());

        fault.IsFatal.ShouldBeFalse();
        fault.Status.ShouldBeNull();
    }

    [Fact]
    public async Task An_org_that_does_not_answer_in_time_passes()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        oauth.On(oauth.Token("a") with { After = new TaskCompletionSource().Task });

        OAuthException fault = await Should.ThrowAsync<OAuthException>(
            oauth.Source(settings: new() { Timeout = TimeSpan.FromMilliseconds(100) }).GetAsync(Ct).AsTask());

        fault.IsFatal.ShouldBeFalse();
    }

    private static async Task<OAuthException> FaultOf(Answer answer)
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        return await Should.ThrowAsync<OAuthException>(oauth.On(answer).Source().GetAsync(Ct).AsTask());
    }
}
