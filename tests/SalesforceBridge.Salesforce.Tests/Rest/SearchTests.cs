using System.Net;
using System.Text.Json;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class SearchTests
{
    private const string Sosl = "FIND {Acme & Söhne \\+ 100%} IN ALL FIELDS RETURNING Account(Id), Contact(Id)";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_search_arrives_as_it_is_and_finds_records_of_several_objects()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET search", Answer.Ok("""
            {"searchRecords":[{"attributes":{"type":"Account"},"Id":"001"},{"attributes":{"type":"Contact"},"Id":"003"}]}
            """));
        using var client = new Client(org);

        IReadOnlyList<JsonElement> found = await client.Rest.SearchAsync(Sosl, Ct);
        IReadOnlyList<Row> typed = await client.Rest.SearchAsync(Sosl, RowJson.Default.Row, Ct);

        found.Select(record => record.GetProperty("attributes").GetProperty("type").GetString()).ShouldBe(["Account", "Contact"]);
        typed.Select(row => row.Id).ShouldBe(["001", "003"]);
        Uri.UnescapeDataString(org.Requests[0].Target.Split("?q=")[1]).ShouldBe(Sosl);
    }

    [Fact]
    public async Task A_search_that_the_org_cannot_read_blames_every_search_like_it()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET search", Answer.Error(400, "MALFORMED_SEARCH", "No search term found. The search term must be enclosed in braces."));
        using var client = new Client(org);

        SalesforceException refusal = await Should.ThrowAsync<SalesforceException>(client.Rest.SearchAsync("FIND Acme", Ct));

        (refusal.Code, refusal.Status, refusal.Class.Blame).ShouldBe(("MALFORMED_SEARCH", HttpStatusCode.BadRequest, Blame.Lane));
        org.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"searchRecords":null}""")]
    [InlineData("""{"searchRecords":[null]}""")]
    [InlineData("")]
    public async Task What_is_no_result_of_a_search_is_told_apart_from_an_empty_one(string body)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET search", Answer.Ok(body));
        using var client = new Client(org, Client.NoRetries);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.SearchAsync(Sosl, RowJson.Default.Row, Ct));

        (failure.Code, failure.Status).ShouldBe((OwnCodes.UnusableReply, HttpStatusCode.OK));
    }
}
