using System.Text.Json;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Tests.Drivers;
using static SalesforceBridge.Salesforce.Tests.Drivers.CompositeDriver;

namespace SalesforceBridge.Salesforce.Tests.Rest;

/// <summary>What is too long for a URL goes in a body.</summary>
public sealed class LongPathTests
{
    private static readonly string Names = string.Join(',', Enumerable.Range(0, 1_000).Select(number => $"'é😀 & {number}'"));
    private static readonly string LongSoql = $"select Id from Account where Name in ({Names})";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_long_query_arrives_in_a_body_and_goes_on_page_by_page()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(BatchRoute, Answer.Ok(Results((200, Pages.Page(2, "/services/data/v62.0/query/0r8-1", "1").Body))));
        org.On("GET query/0r8-1", Pages.Page(2, null, "2"));
        using var client = new Client(org);

        List<Row> rows = await client.Rest.QueryAsync(LongSoql, RowJson.Default.Row, Ct).ToListAsync(Ct);

        rows.Select(row => row.Id).ShouldBe(["1", "2"]);
        JsonElement sent = org.Requests[0].Sent("batchRequests").Single();
        sent.Text("method").ShouldBe("GET");
        sent.Text("url")!.ShouldStartWith("v62.0/query?q=select%20Id");
        Uri.UnescapeDataString(sent.Text("url")!.Split("?q=")[1]).ShouldBe(LongSoql);
        org.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Whatever_is_read_by_a_long_path_goes_the_same_way()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(BatchRoute,
            Answer.Ok(Results((200, Pages.Page(1, null, "1").Body))),
            Answer.Ok(Results((200, """{"searchRecords":[{"Id":"2"}]}"""))),
            Answer.Ok(Results((200, """{"Id":"3"}"""))));
        using var client = new Client(org);

        await client.Rest.QueryAllAsync(LongSoql, RowJson.Default.Row, Ct).SingleAsync(Ct);
        await client.Rest.SearchAsync($"FIND {{{Names}}}", RowJson.Default.Row, Ct);
        await client.Rest.GetObjectByIdAsync("Account", "3", Names.Split(','), RowJson.Default.Row, Ct);

        org.Requests.Select(request => request.Sent("batchRequests").Single().Text("url")!.Split('?')[0])
            .ShouldBe(["v62.0/queryAll", "v62.0/search", "v62.0/sobjects/Account/3"]);
    }

    [Theory]
    [InlineData(4_088, "GET")]
    [InlineData(4_089, "POST")]
    public async Task A_path_of_4_KB_is_still_a_URL(int length, string method)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET query", Pages.Page(0, null)).On(BatchRoute, Answer.Ok(Results((200, Pages.Page(0, null).Body))));
        using var client = new Client(org);

        await client.Rest.CountQueryAsync(new string('a', length), Ct);

        org.Requests.Single().Method.ShouldBe(method);
    }

    [Fact]
    public async Task What_the_org_says_of_a_long_query_is_what_it_says_of_any()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(BatchRoute,
            Answer.Dropped(),
            Answer.Ok(Results((400, """[{"errorCode":"QUERY_TIMEOUT","message":"Your query request was running for too long."}]"""))),
            Answer.Ok(Results((400, """[{"errorCode":"MALFORMED_QUERY","message":"unexpected token"}]"""))));
        using var client = new Client(org);

        SalesforceException refusal = await Should.ThrowAsync<SalesforceException>(client.Rest.CountQueryAsync(LongSoql, Ct));

        (refusal.Code, refusal.Status, refusal.Class.Blame).ShouldBe(("MALFORMED_QUERY", System.Net.HttpStatusCode.BadRequest, Blame.Lane));
        refusal.Message.ShouldStartWith("query failed: MALFORMED_QUERY");
        org.Requests.Count.ShouldBe(3);
    }
}
