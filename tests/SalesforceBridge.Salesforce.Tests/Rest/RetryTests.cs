using System.Net;
using System.Net.Sockets;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class RetryTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Answers after which nobody knows whether the org acted.</summary>
    public static TheoryData<string, Answer> InDoubt => new()
    {
        { "500 with a code", Answer.Error(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId") },
        { "500 with HTML", Answer.Html(500) },
        { "502", Answer.Html(502) },
        { "503 that names no time to come back", Answer.Html(503) },
        { "504 without a body", new Answer(504) },
        { "no answer", Answer.Dropped() },
        { "half an answer", new Answer(201, """{"id":"001","success":true,"errors":[]}""") { CutAfter = 10 } },
        { "half an answer in chunks", new Answer(201, """{"id":"001","success":true,"errors":[]}""") { CutAfter = 10, IsChunked = true } },
        { "HTML that claims success", Answer.Html(200) },
        { "JSON of something else", Answer.Ok("[1]") },
        { "JSON that says nothing", Answer.Ok("{}") },
        { "success with nothing in it", new Answer(200) },
        { "no content", new Answer(204) },
        { "no answer in time", Answer.Ok("{}") with { After = new TaskCompletionSource().Task } },
    };

    /// <summary>Answers of an org that surely did nothing, and will do better soon.</summary>
    public static TheoryData<string, Answer> NotDone => new()
    {
        { "503 that names a time", Answer.Html(503).With("Retry-After", "0") },
        { "503 of the API's front", Answer.Error(503, "SERVER_UNAVAILABLE", "Too many requests waiting for connections") },
        { "429", new Answer(429) },
        { "too many at once", Answer.Error(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.") },
        { "a locked record", Answer.Error(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record") },
        { "a host under maintenance", new Answer(302).With("Location", "https://maintenance.example/") },
    };

    /// <summary>The calls that may be repeated.</summary>
    public static TheoryData<SaveVerb, string> Repeatable => new()
    {
        { SaveVerb.Update, "PATCH sobjects/Account/001" },
        { SaveVerb.Upsert, "PATCH sobjects/Account/Ext__c/E1" },
        { SaveVerb.Delete, "DELETE sobjects/Account/001" },
    };

    [Theory]
    [MemberData(nameof(InDoubt), DisableDiscoveryEnumeration = true)]
    public async Task A_create_that_may_have_happened_is_not_sent_again(string what, Answer answer)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST sobjects/Account", answer);
        using var client = new Client(org, Client.Patient with { Timeout = TimeSpan.FromMilliseconds(500) });

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(CreateAsync(client));

        failure.InDoubt.ShouldBeTrue(what);
        failure.Class.Remedy.ShouldBeOfType<Remedy.Retry>();
        org.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(NotDone), DisableDiscoveryEnumeration = true)]
    public async Task A_create_that_surely_did_not_happen_is_sent_again(string what, Answer answer)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST sobjects/Account", answer, answer, new Answer(201, """{"id":"001","success":true,"errors":[]}"""));
        using var client = new Client(org);

        (await CreateAsync(client)).Id.ShouldBe("001", what);
        org.Requests.Count.ShouldBe(3);
    }

    [Theory]
    [MemberData(nameof(Repeatable))]
    public async Task Other_verbs_are_sent_again_whatever_may_have_happened(SaveVerb verb, string route)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(route, Answer.Dropped(), Answer.Html(502), new Answer(204));
        using var client = new Client(org);

        SaveOutcome outcome = await client.Rest.SaveAsync(
            verb, "Account", "Ext__c", [Client.Json("""{"Id":"001","Ext__c":"E1","Name":"x"}""")], allOrNone: false, Ct);

        outcome.Failure.ShouldBeNull();
        outcome.Results.Single().Success.ShouldBeTrue();
        org.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_read_is_sent_again_after_half_an_answer()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        Answer whole = Answer.Ok("""{"DailyApiRequests":{"Max":15000,"Remaining":14998}}""");
        org.On("GET limits", whole with { CutAfter = 20 }, whole with { CutAfter = 20, IsChunked = true }, whole with { IsChunked = true });
        using var client = new Client(org);

        (await client.Rest.GetOrganizationLimitsAsync(Ct))["DailyApiRequests"].ShouldBe(new OrgLimit(15000, 14998));
    }

    [Fact]
    public async Task Retries_end_and_can_be_switched_off()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET limits", Answer.Html(503));
        using var patient = new Client(org);
        using var none = new Client(org, Client.NoRetries);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(patient.Rest.GetOrganizationLimitsAsync(Ct));
        int requests = org.Requests.Count;
        await Should.ThrowAsync<SalesforceException>(none.Rest.GetOrganizationLimitsAsync(Ct));

        failure.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        requests.ShouldBe(3);
        org.Requests.Count.ShouldBe(4);
    }

    [Theory]
    [InlineData(120, 120)]
    [InlineData(int.MaxValue, 86_400)]
    public async Task A_longer_wait_than_allowed_is_left_to_the_caller_up_to_a_day(int asked, int told)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET limits", Answer.Html(503).With("Retry-After", $"{asked}"));
        using var client = new Client(org);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.GetOrganizationLimitsAsync(Ct));

        failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(told));
        org.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_daily_quota_is_not_asked_for_again()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET limits", Answer.Error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."));
        using var client = new Client(org);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.GetOrganizationLimitsAsync(Ct));

        failure.Class.ShouldBe(new ErrorClass(new Remedy.Wait(TimeSpan.FromMinutes(15)), Blame.Org));
        org.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_create_to_a_closed_port_surely_did_not_happen()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var closed = new Uri($"http://{listener.LocalEndpoint}");
        listener.Stop();
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var client = new Client(org, tokens: new CountedTokens(closed));

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(CreateAsync(client));

        failure.Code.ShouldBe(OwnCodes.NotReached);
        failure.InDoubt.ShouldBeFalse();
        failure.Status.ShouldBeNull();
        client.Log.All.Count(line => line.Contains("create Account failed with NOT_REACHED")).ShouldBe(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_status_is_known_even_if_the_rest_of_the_refusal_is_cut(bool isChunked)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET limits", Answer.Error(403, "API_DISABLED_FOR_ORG") with { CutAfter = 12, IsChunked = isChunked });
        using var client = new Client(org, Client.NoRetries);

        (await Should.ThrowAsync<SalesforceException>(client.Rest.GetOrganizationLimitsAsync(Ct))).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Whoever_cancels_gets_a_cancellation()
    {
        var arrived = new TaskCompletionSource();
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET limits", _ =>
        {
            arrived.SetResult();
            return Answer.Ok("{}") with { After = new TaskCompletionSource().Task };
        });
        using var client = new Client(org);
        using var stop = new CancellationTokenSource();

        Task call = client.Rest.GetOrganizationLimitsAsync(stop.Token);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
    }

    private static Task<SaveResult> CreateAsync(Client client) =>
        client.Rest.CreateRecordAsync("Account", new Dictionary<string, object?> { ["Name"] = "x" }, Ct);
}
