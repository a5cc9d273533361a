using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.OAuth;

public sealed class OAuthTokenSourceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Callers_that_ask_at_once_share_one_login()
    {
        var answerNow = new TaskCompletionSource();
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        oauth.On(oauth.Token("a") with { After = answerNow.Task });
        OAuthTokenSource source = oauth.Source();

        Task<AccessToken>[] callers = [.. Enumerable.Range(0, 20).Select(_ => source.GetAsync(Ct).AsTask())];
        answerNow.SetResult();
        AccessToken[] tokens = await Task.WhenAll(callers);

        tokens.ShouldAllBe(token => token.Value == "a");
        oauth.Logins.ShouldBe(1);
    }

    [Fact]
    public async Task A_token_is_kept_until_it_is_rejected()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        OAuthTokenSource source = oauth.On(oauth.Token("a"), oauth.Token("b")).Source();

        AccessToken first = await source.GetAsync(Ct);
        (await source.GetAsync(Ct)).ShouldBe(first);
        (await source.RenewAsync(first, Ct)).Value.ShouldBe("b");
        (await source.GetAsync(Ct)).Value.ShouldBe("b");
        oauth.Logins.ShouldBe(2);
    }

    [Fact]
    public async Task Who_rejects_a_token_that_was_renewed_already_gets_the_new_one()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        OAuthTokenSource source = oauth.On(oauth.Token("a"), oauth.Token("b"), oauth.Token("c")).Source();

        AccessToken old = await source.GetAsync(Ct);
        await source.RenewAsync(old, Ct);

        (await source.RenewAsync(old, Ct)).Value.ShouldBe("b");
        oauth.Logins.ShouldBe(2);
    }

    [Fact]
    public async Task A_login_may_say_that_the_org_has_moved()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        OAuthTokenSource source = oauth.On(oauth.Token("a"), Answer.Token("b", new Uri("https://new.example"))).Source();

        AccessToken renewed = await source.RenewAsync(await source.GetAsync(Ct), Ct);

        renewed.InstanceUrl.ShouldBe(new Uri("https://new.example"));
    }

    [Fact]
    public async Task A_login_tells_which_org_and_user_it_was_for()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        OAuthTokenSource source = oauth.On(oauth.Token("a")).Source();

        source.Identity.ShouldBeNull();
        await source.GetAsync(Ct);

        source.Identity.ShouldBe(new OrgIdentity("00D000000000001EAA", "005000000000001AAA"));
    }

    [Fact]
    public async Task A_caller_that_gives_up_does_not_end_the_login_of_the_others()
    {
        var answerNow = new TaskCompletionSource();
        using var impatient = new CancellationTokenSource();
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        OAuthTokenSource source = oauth.On(oauth.Token("a") with { After = answerNow.Task }).Source();

        ValueTask<AccessToken> given = source.GetAsync(impatient.Token);
        ValueTask<AccessToken> other = source.GetAsync(Ct);
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(given.AsTask());
        answerNow.SetResult();

        (await other).Value.ShouldBe("a");
    }

    [Fact]
    public async Task After_a_refusal_the_org_is_left_alone_until_the_pause_is_over()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        oauth.On(new Answer(400, """{"error":"invalid_grant","error_description":"user is locked"}"""), oauth.Token("a"));
        OAuthTokenSource source = oauth.Source(settings: new() { PauseAfterRefusal = TimeSpan.FromMinutes(7) });

        (await Refusal(source)).RetryAfter.ShouldBe(TimeSpan.FromMinutes(7));
        oauth.Clock.Move(TimeSpan.FromMinutes(6));
        OAuthException remembered = await Refusal(source);
        remembered.RetryAfter.ShouldBe(TimeSpan.FromMinutes(1));
        remembered.IsFatal.ShouldBeTrue();
        remembered.Code.ShouldBe("invalid_grant");
        oauth.Logins.ShouldBe(1);

        oauth.Clock.Move(TimeSpan.FromMinutes(1));
        (await source.GetAsync(Ct)).Value.ShouldBe("a");
    }

    [Fact]
    public async Task A_refused_renewal_does_not_bring_the_rejected_token_back()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        OAuthTokenSource source = oauth.On(oauth.Token("a"), new Answer(400, """{"error":"invalid_grant"}""")).Source();

        AccessToken token = await source.GetAsync(Ct);
        await Should.ThrowAsync<OAuthException>(source.RenewAsync(token, Ct).AsTask());

        (await Refusal(source)).IsFatal.ShouldBeTrue();
        oauth.Logins.ShouldBe(2);
    }

    [Fact]
    public async Task A_passing_fault_is_asked_past_at_once()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        OAuthTokenSource source = oauth.On(Answer.Html(503), oauth.Token("a")).Source();

        (await Refusal(source)).RetryAfter.ShouldBeNull();

        (await source.GetAsync(Ct)).Value.ShouldBe("a");
    }

    [Fact]
    public async Task A_time_to_come_back_is_kept()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        OAuthTokenSource source = oauth.On(Answer.Html(503).With("Retry-After", "30"), oauth.Token("a")).Source();

        (await Refusal(source)).IsFatal.ShouldBeFalse();
        oauth.Clock.Move(TimeSpan.FromSeconds(29));
        (await Refusal(source)).RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        oauth.Clock.Move(TimeSpan.FromSeconds(1));

        (await source.GetAsync(Ct)).Value.ShouldBe("a");
        oauth.Logins.ShouldBe(2);
    }

    [Fact]
    public async Task A_given_token_is_used_until_the_org_rejects_it()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        OAuthTokenSource source = oauth.Source(new OAuthGrant.Given(new Uri("https://org.example"), "given"));

        AccessToken token = await source.GetAsync(Ct);
        token.ShouldBe(new AccessToken("given", new Uri("https://org.example")));
        OAuthException refusal = await Should.ThrowAsync<OAuthException>(source.RenewAsync(token, Ct).AsTask());

        refusal.IsFatal.ShouldBeTrue();
        oauth.Logins.ShouldBe(0);
    }

    [Fact]
    public async Task A_refresh_token_that_the_org_replaces_is_followed()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        Answer rotating = oauth.Token("a") with { Body = oauth.Token("a").Body.Replace("{", """{"refresh_token":"second",""") };
        OAuthTokenSource source = oauth.On(rotating, oauth.Token("b")).Source(new OAuthGrant.RefreshToken("key", null, "first"));

        await source.RenewAsync(await source.GetAsync(Ct), Ct);

        oauth.Org.Requests.Select(request => request.Form["refresh_token"]).ShouldBe(["first", "second"]);
    }

    [Fact]
    public async Task The_legacy_flow_is_warned_of_once()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        OAuthTokenSource source = oauth.On(oauth.Token("a"), oauth.Token("b")).Source(new OAuthGrant.UsernamePassword("key", "s", "user", "p"));

        await source.RenewAsync(await source.GetAsync(Ct), Ct);

        oauth.Log.All.Count(line => line.StartsWith("Warning")).ShouldBe(1);
    }

    private static Task<OAuthException> Refusal(OAuthTokenSource source) => Should.ThrowAsync<OAuthException>(source.GetAsync(Ct).AsTask());
}
