using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class OrgFactsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_versions_an_org_speaks()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET /services/data", Answer.Ok("""
            [{"label":"Summer '14","url":"/services/data/v31.0","version":"31.0"},{"label":"Winter '25","url":"/services/data/v62.0","version":"62.0"}]
            """));
        using var client = new Client(org);

        (await client.Rest.GetAvailableRestApiVersionsAsync(Ct)).Select(version => version.Version).ShouldBe(["31.0", "62.0"]);
    }

    [Fact]
    public async Task Limits_are_an_open_set()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET limits", Answer.Ok("""
            {"DailyApiRequests":{"Max":15000,"Remaining":14998,"Ant Migration Tool":{"Max":0,"Remaining":0}},
             "HourlyPublishedPlatformEvents":{"Max":250000,"Remaining":249000}}
            """));
        using var client = new Client(org);

        IReadOnlyDictionary<string, OrgLimit> limits = await client.Rest.GetOrganizationLimitsAsync(Ct);

        limits["HourlyPublishedPlatformEvents"].ShouldBe(new OrgLimit(250_000, 249_000));
        limits["DailyApiRequests"].Remaining.ShouldBe(14_998);
    }

    [Fact]
    public async Task An_object_is_described_with_its_fields()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET sobjects/Order__c/describe", Answer.Ok("""
            {"name":"Order__c","label":"Order","keyPrefix":"a01","createable":true,"updateable":true,"deletable":false,"queryable":true,
             "childRelationships":[],"fields":[{"name":"Account__c","label":"Account","type":"reference","length":18,"nillable":true,
             "createable":true,"updateable":false,"referenceTo":["Account"],"relationshipName":"Account__r","precision":0}]}
            """));
        using var client = new Client(org);

        ObjectDescribe order = await client.Rest.GetObjectDescribeAsync("Order__c", Ct);

        (order.Createable, order.Deletable).ShouldBe((true, false));
        FieldDescribe field = order.Fields.Single();
        (field.Name, field.Type, field.Length, field.Updateable, field.RelationshipName).ShouldBe(("Account__c", "reference", 18, false, "Account__r"));
        field.ReferenceTo.ShouldBe(["Account"]);
    }

    [Fact]
    public async Task The_user_says_which_org_this_is()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET /services/oauth2/userinfo", Answer.Ok("""
            {"sub":"https://login.salesforce.com/id/00D/005","user_id":"005000000000001AAA","organization_id":"00D000000000001EAA",
             "preferred_username":"bridge@example.com","nickname":"bridge"}
            """));
        using var client = new Client(org);

        UserInfo user = await client.Rest.GetUserInfoAsync(Ct);

        user.Identity.ShouldBe(new OrgIdentity("00D000000000001EAA", "005000000000001AAA"));
        user.Username.ShouldBe("bridge@example.com");
    }

    [Fact]
    public async Task Every_answer_tells_how_much_of_the_quota_is_used()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET limits",
            Answer.Ok("{}").With("Sforce-Limit-Info", "api-usage=18/15000; per-app-api-usage=17/250(appName=x)"),
            Answer.Error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.").With("Sforce-Limit-Info", "api-usage=15000/15000"),
            Answer.Ok("{}").With("Sforce-Limit-Info", "nonsense"));
        using var client = new Client(org);
        var measured = new ConcurrentQueue<(string Name, long Value)>();
        using MeterListener listener = Listen(client.Meters, measured);

        client.Rest.ApiUsage.ShouldBeNull();
        await client.Rest.GetOrganizationLimitsAsync(Ct);
        client.Rest.ApiUsage.ShouldBe(new ApiUsage(18, 15_000));
        await Should.ThrowAsync<SalesforceException>(client.Rest.GetOrganizationLimitsAsync(Ct));
        await client.Rest.GetOrganizationLimitsAsync(Ct);

        client.Rest.ApiUsage.ShouldBe(new ApiUsage(15_000, 15_000));
        measured.ShouldBe([
            ("salesforce.api.used", 18), ("salesforce.api.allowed", 15_000), ("salesforce.api.used", 15_000), ("salesforce.api.allowed", 15_000),
        ]);
    }

    [Fact]
    public async Task Any_other_call_gives_its_answer_as_it_came()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST /services/apexrest/orders", new Answer(202, "queued") { ContentType = "text/plain" }.With("X-Order", "7"));
        org.On("GET sobjects/Account/describe", new Answer(304));
        using var client = new Client(org);

        SalesforceReply reply = await client.Rest.SendAsync(new SalesforceRequest(HttpMethod.Post, "/services/apexrest/orders")
        {
            Body = Client.Json("a,b"),
            ContentType = "text/csv",
            Headers = new Dictionary<string, string> { ["X-Mine"] = "1" },
        }, Ct);
        SalesforceReply unchanged = await client.Rest.SendAsync(new SalesforceRequest(HttpMethod.Get, "sobjects/Account/describe"), Ct);

        (reply.Status, reply.Headers["x-order"], reply.Body.Length).ShouldBe((HttpStatusCode.Accepted, "7", 6));
        (org.Requests[0].Headers["Content-Type"], org.Requests[0].Headers["X-Mine"], org.Requests[0].Body).ShouldBe(("text/csv", "1", "a,b"));
        unchanged.Status.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task A_path_to_another_host_does_not_get_the_token()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var client = new Client(org);

        await Should.ThrowAsync<ArgumentException>(
            client.Rest.SendAsync(new SalesforceRequest(HttpMethod.Get, "//evil.example/services/data"), Ct));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET limits", new Answer(302).With("Location", "/services/data/v62.0/elsewhere"));
        using var client = new Client(org, Client.NoRetries);

        (await Should.ThrowAsync<SalesforceException>(client.Rest.GetOrganizationLimitsAsync(Ct))).Status.ShouldBe(HttpStatusCode.Found);

        org.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Packed_answers_are_asked_for_and_unpacked()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET limits", new Answer(200) { Packed = Pack("""{"DailyApiRequests":{"Max":1,"Remaining":1}}""") }.With("Content-Encoding", "gzip"));
        using var client = new Client(org);

        (await client.Rest.GetOrganizationLimitsAsync(Ct)).Keys.ShouldBe(["DailyApiRequests"]);

        org.Requests.Single().Headers["Accept-Encoding"].ShouldContain("gzip");
    }

    private static byte[] Pack(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
            gzip.Write(Client.Json(text).Span);
        return packed.ToArray();
    }

    private static MeterListener Listen(TestMeters meters, ConcurrentQueue<(string Name, long Value)> measured)
    {
        var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Scope == meters)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => measured.Enqueue((instrument.Name, value)));
        listener.Start();
        return listener;
    }
}
