using System.Net;
using System.Text.Json;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class RetrieveTests
{
    private const string Route = "POST composite/sobjects/Account";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_come_in_the_order_of_their_ids_with_null_for_what_is_missing()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, Answer.Ok("""[{"attributes":{"type":"Account"},"Id":"b"},null,{"attributes":{"type":"Account"},"Id":"a"}]"""));
        using var client = new Client(org);

        IReadOnlyList<Row?> typed = await client.Rest.GetObjectsByIdAsync("Account", ["b", "x", "a"], ["Name"], RowJson.Default.Row, Ct);
        IReadOnlyList<JsonElement> plain = await client.Rest.GetObjectsByIdAsync("Account", ["b", "x", "a"], ["Name"], Ct);

        typed.Select(row => row?.Id).ShouldBe(["b", null, "a"]);
        plain[1].ValueKind.ShouldBe(JsonValueKind.Null);
        org.Requests[0].Body.ShouldBe("""{"ids":["b","x","a"],"fields":["Name"]}""");
    }

    [Fact]
    public async Task More_than_2000_are_read_in_several_calls()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, request => Answer.Ok(JsonDocument.Parse(request.Body).RootElement.GetProperty("ids").GetRawText().Replace("\"", "")));
        using var client = new Client(org);

        IReadOnlyList<JsonElement> records = await client.Rest.GetObjectsByIdAsync(
            "Account", Enumerable.Range(1, 2_001).Select(number => $"{number}"), ["Name"], Ct);

        records.Select(record => record.GetInt32()).ShouldBe(Enumerable.Range(1, 2_001));
        org.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_read_whose_answer_was_lost_is_sent_again()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, Answer.Dropped(), Answer.Ok("[null]"));
        using var client = new Client(org);

        (await client.Rest.GetObjectsByIdAsync("Account", ["a"], ["Name"], RowJson.Default.Row, Ct)).ShouldBe([null]);
    }

    [Theory]
    [InlineData("[null]")]
    [InlineData("{}")]
    [InlineData("")]
    public async Task An_answer_that_is_not_one_for_each_id_is_none(string body)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, Answer.Ok(body));
        using var client = new Client(org, Client.NoRetries);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(
            client.Rest.GetObjectsByIdAsync("Account", ["a", "b"], ["Name"], RowJson.Default.Row, Ct));

        (failure.Code, failure.Status).ShouldBe((OwnCodes.UnusableReply, HttpStatusCode.OK));
    }

    [Fact]
    public async Task An_object_that_the_user_does_not_see_is_not_found()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, Answer.Error(404, "NOT_FOUND", "The requested resource does not exist"));
        using var client = new Client(org);

        SalesforceException refusal = await Should.ThrowAsync<SalesforceException>(client.Rest.GetObjectsByIdAsync("Account", ["a"], ["Name"], Ct));

        (refusal.Code, refusal.Status).ShouldBe(("NOT_FOUND", HttpStatusCode.NotFound));
    }
}
