using System.Net;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Rest.Composite;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

/// <summary>What the HTTP client below sends again by itself, and what it must not.</summary>
public sealed class SentOnceTests
{
    private static readonly Dictionary<string, object?> Acme = new() { ["Name"] = "Acme" };

    /// <summary>Calls of which two do more than one.</summary>
    public static TheoryData<string, Func<SalesforceClient, Task>> Unrepeatable => new()
    {
        { "POST sobjects/Account", org => org.CreateRecordAsync("Account", Acme, Ct) },
        { "POST composite/sobjects", async org => throw (await org.CreateRecordsAsync("Account", [Acme, Acme], Ct)).Failure! },
        { "POST sobjects/Order__e", async org => throw (await org.SaveAsync(SaveVerb.Create, "Order__e", null, [Client.Json("{}")], allOrNone: false, Ct)).Failure! },
        { "POST sobjects/ContentVersion", org => org.CreateBlobRecordAsync("ContentVersion", Acme, "VersionData", "a.txt", new MemoryStream([1, 2]), Ct) },
        { "POST composite/tree/Account", org => org.CreateMultipleAsync("Account", [new TreeRecord("a", Acme)], Ct) },
        { "POST composite", org => org.ExecuteCompositeAsync(Creates(), Ct) },
        { "POST composite/graph", org => org.ExecuteGraphAsync([Creates()], Ct) },
        { "POST composite/batch", org => org.ExecuteBatchAsync([Subrequest.Create("Account", Acme)], haltOnError: false, Ct) },
        { "POST actions/custom/flow/Accept_Order", org => org.InvokeFlowAsync("Accept_Order", [Acme], Ct) },
        { "POST process/approvals", org => org.SubmitForApprovalAsync(new ApprovalSubmission("006"), Ct) },
        { "POST /services/apexrest/orders", org => org.ExecuteApexAsync(HttpMethod.Post, "orders", Client.Json("{}"), Ct) },
        { "POST /services/apexrest/next", org => org.ExecuteApexAsync(HttpMethod.Post, "next", null, Ct) },
        { "PATCH /services/apexrest/next", org => org.ExecuteApexAsync(HttpMethod.Patch, "next", null, Ct) },
        { "GET /services/apexrest/next", org => org.SendAsync(new SalesforceRequest(HttpMethod.Get, "/services/apexrest/next") { Repeatable = false }, Ct) },
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Unrepeatable), DisableDiscoveryEnumeration = true)]
    public async Task What_a_closing_connection_may_have_carried_is_in_doubt_and_not_sent_again(string route, Func<SalesforceClient, Task> call)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET limits", Answer.Ok("{}")).On(route, Answer.Dropped());
        using var client = new Client(org);
        await client.Rest.GetOrganizationLimitsAsync(Ct);

        (await Should.ThrowAsync<SalesforceException>(call(client.Rest))).InDoubt.ShouldBeTrue();

        org.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_call_without_a_body_goes_out_as_it_would_alone()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST /services/apexrest/next", Answer.Ok("{}"));
        using var client = new Client(org);

        await client.Rest.ExecuteApexAsync(HttpMethod.Post, "next", null, Ct);

        IReadOnlyDictionary<string, string> headers = org.Requests.Single().Headers;
        headers["Content-Length"].ShouldBe("0");
        headers.Keys.ShouldNotContain("Content-Type");
    }

    [Fact]
    public async Task What_an_org_says_it_did_not_begin_is_sent_again_at_once()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync(HttpProtocols.Http2);
        org.On("POST sobjects/Account", Answer.NotBegun(), new Answer(201, """{"id":"001","success":true,"errors":[]}"""));
        using var client = new Client(org, Client.NoRetries, version: HttpVersion.Version20);

        (await client.Rest.CreateRecordAsync("Account", Acme, Ct)).Id.ShouldBe("001");
    }

    [Fact]
    public async Task A_body_that_is_used_up_is_not_begun_again_even_then()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync(HttpProtocols.Http2);
        org.On("PUT upload", Answer.NotBegun(), new Answer(201));
        using var client = new Client(org, version: HttpVersion.Version20);
        var rows = new Queue<string>(["first", "second"]);
        var body = new StreamedBody((wire, ct) => wire.WriteAsync(Encoding.UTF8.GetBytes(rows.Dequeue()), ct).AsTask()) { IsReplayable = false };

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(
            client.Rest.SendAsync(new SalesforceRequest(HttpMethod.Put, "upload") { StreamedBody = body, ContentType = "text/csv" }, Ct));

        failure.Code.ShouldBe(OwnCodes.NoReply);
        rows.ShouldBe(["second"]);
    }

    private static CompositeRequest Creates()
    {
        var request = new CompositeRequest();
        request.Add(Subrequest.Create("Account", Acme));
        return request;
    }
}
