using System.Text.Json;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class RenewalTests
{
    private const string Limits = "GET limits";
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Twenty_calls_with_an_expired_token_cause_one_login()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        oauth.On(oauth.Token("old"), oauth.Token("new"));
        int arrived = 0;
        var allArrived = new TaskCompletionSource();
        oauth.Org.On(Limits, request =>
        {
            if (request.Token == "new")
                return Answer.Ok("{}");
            if (Interlocked.Increment(ref arrived) == 20)
                allArrived.SetResult();
            return Answer.SessionExpired() with { After = allArrived.Task };
        });
        using var client = new Client(oauth.Org, tokens: oauth.Source());

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.Rest.GetOrganizationLimitsAsync(Ct)));

        oauth.Logins.ShouldBe(2);
        oauth.Org.Requests.Count.ShouldBe(42);
    }

    [Fact]
    public async Task A_token_may_expire_in_the_middle_of_paging()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET query", Pages.Page(3, "/services/data/v62.0/query/0r8-2", "1"));
        org.On("GET query/0r8-2", Answer.SessionExpired(), Pages.Page(3, "/services/data/v62.0/query/0r8-3", "2"));
        org.On("GET query/0r8-3", Pages.Page(3, null, "3"));
        using var client = new Client(org);

        List<string?> ids = [];
        await foreach (JsonElement record in client.Rest.QueryAsync("select Id from Account", Ct))
            ids.Add(record.GetProperty("Id").GetString());

        ids.ShouldBe(["1", "2", "3"]);
        org.Requests.Select(request => request.Token).ShouldBe(["token-1", "token-1", "token-2", "token-2"]);
    }

    [Fact]
    public async Task The_replay_goes_to_where_the_org_now_is()
    {
        await using ScriptedOrg newHome = await ScriptedOrg.StartAsync();
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        oauth.On(oauth.Token("old"), Answer.Token("new", newHome.Url));
        oauth.Org.On("POST sobjects/Account", Answer.SessionExpired());
        newHome.On("POST sobjects/Account", new Answer(201, """{"id":"001","success":true,"errors":[]}"""));
        using var client = new Client(oauth.Org, tokens: oauth.Source());

        SaveResult result = await client.Rest.CreateRecordAsync("Account", Fields("x"), Ct);

        result.Id.ShouldBe("001");
        newHome.Requests.Single().Body.ShouldBe("""{"Name":"x"}""");
        newHome.Requests.Single().Token.ShouldBe("new");
    }

    [Fact]
    public async Task A_token_rejected_twice_is_not_renewed_again()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Limits, Answer.SessionExpired());
        using var client = new Client(org);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.GetOrganizationLimitsAsync(Ct));

        failure.Class.ShouldBe(new ErrorClass(new Remedy.Renew(), Blame.Org) { IsOfUser = true });
        client.Tokens.Renewals.ShouldBe(1);
        org.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_save_as_another_user_carries_that_users_session_alone_and_its_end_renews_nothing()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST sobjects/Account", new Answer(201, """{"id":"001","success":true,"errors":[]}"""), Answer.SessionExpired());
        using var client = new Client(org);
        var options = new CallOptions { Session = "session-of-ann" };
        SalesforceClient asUser = client.Rest.With(options);

        SaveOutcome saved = await asUser.SaveAsync(SaveVerb.Create, "Account", null, [Fields("x").Utf8], allOrNone: false, Ct);
        SaveOutcome ended = await asUser.SaveAsync(SaveVerb.Create, "Account", null, [Fields("y").Utf8], allOrNone: false, Ct);

        saved.Results.Single().Success.ShouldBeTrue();
        ended.Failure.ShouldNotBeNull().Class.ShouldBe(new ErrorClass(new Remedy.Renew(), Blame.Org) { IsOfUser = true });
        client.Tokens.Renewals.ShouldBe(0);
        org.Requests.Select(request => request.Token).ShouldBe(["session-of-ann", "session-of-ann"]);
        $"{options} {ended} {ended.Failure} {string.Join(' ', client.Log.All)}".ShouldNotContain("session-of-ann");
    }

    [Theory]
    [InlineData("This session is not valid for use with the REST API")]
    [InlineData("Connected app is not attached to Agent")]
    public async Task What_a_new_token_cannot_mend_asks_for_none(string text)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Limits, Answer.Error(401, "INVALID_SESSION_ID", text));
        using var client = new Client(org);

        await Should.ThrowAsync<SalesforceException>(client.Rest.GetOrganizationLimitsAsync(Ct));

        client.Tokens.Renewals.ShouldBe(0);
    }

    [Fact]
    public async Task A_refused_grant_is_the_orgs_matter()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        oauth.On(new Answer(400, """{"error":"invalid_grant","error_description":"user is locked"}"""));
        using var client = new Client(oauth.Org, tokens: oauth.Source());

        SaveOutcome outcome = await client.Rest.SaveAsync(SaveVerb.Create, "Account", null, [Fields("x").Utf8], allOrNone: false, Ct);

        SalesforceException failure = outcome.Failure.ShouldNotBeNull();
        failure.Code.ShouldBe("invalid_grant");
        failure.Class.ShouldBe(new ErrorClass(new Remedy.GiveUp(), Blame.Org));
        failure.RetryAfter.ShouldBe(TimeSpan.FromMinutes(5));
        failure.InnerException.ShouldBeOfType<OAuthException>();
        outcome.RecordsInDoubt.ShouldBe(0);
        oauth.Logins.ShouldBe(1);
    }

    private static RecordJson Fields(string name) => new Dictionary<string, object?> { ["Name"] = name };
}
