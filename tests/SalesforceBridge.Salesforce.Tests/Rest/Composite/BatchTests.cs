using System.Net;
using System.Text.Json;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest.Composite;
using SalesforceBridge.Salesforce.Tests.Drivers;
using static SalesforceBridge.Salesforce.Tests.Drivers.CompositeDriver;

namespace SalesforceBridge.Salesforce.Tests.Rest.Composite;

public sealed class BatchTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_subrequest_has_its_own_answer()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(BatchRoute, Answer.Ok(Results(
            (201, """{"id":"001","success":true,"errors":[]}"""), (404, """[{"errorCode":"NOT_FOUND","message":"no"}]"""),
            (412, """[{"errorCode":"BATCH_PROCESSING_HALTED","message":"Batch processing halted per request"}]"""))));
        using var client = new Client(org);

        IReadOnlyList<SubrequestResult> results = await client.Rest.ExecuteBatchAsync(
            [Subrequest.Create("Account", Named("A")), Subrequest.Update("Account", "002", Named("B")), new Subrequest(HttpMethod.Get, "/services/data/v50.0/limits")],
            haltOnError: true, Ct);

        JsonElement[] sent = org.Requests.Single().Sent("batchRequests");
        sent.Select(part => $"{part.Text("method")} {part.Text("url")}").ShouldBe(
            ["POST v62.0/sobjects/Account", "PATCH v62.0/sobjects/Account/002", "GET v50.0/limits"]);
        sent[1].GetProperty("richInput").GetRawText().ShouldBe("""{"Name":"B"}""");
        results.Select(result => (result.Status, result.Success, result.IsHalted)).ShouldBe(
            [(HttpStatusCode.Created, true, false), (HttpStatusCode.NotFound, false, false), (HttpStatusCode.PreconditionFailed, false, true)]);
        results[0].Id.ShouldBe("001");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"results":[]}""")]
    [InlineData("""{"results":[{"statusCode":204}]}""")]
    [InlineData("")]
    public async Task An_answer_that_does_not_tell_of_every_subrequest_is_none(string body)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(BatchRoute, Answer.Ok(body));
        using var client = new Client(org);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(
            client.Rest.ExecuteBatchAsync([Subrequest.Create("Account", Named("A"))], haltOnError: false, Ct));

        (failure.Code, failure.InDoubt).ShouldBe((OwnCodes.UnusableReply, true));
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    public async Task A_batch_of_deletes_is_sent_again_unless_one_deleted_already_would_halt_it(bool haltOnError, int calls)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(BatchRoute, Answer.Dropped());
        using var client = new Client(org, Client.Patient with { Retries = 1 });

        await Should.ThrowAsync<SalesforceException>(client.Rest.ExecuteBatchAsync([Subrequest.Delete("Account", "001")], haltOnError, Ct));

        org.Requests.Count.ShouldBe(calls);
    }

    [Fact]
    public async Task What_a_batch_cannot_carry_is_a_mistake_of_the_caller()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var client = new Client(org);
        Subrequest withHeaders = Subrequest.Read("Account", "001") with { Headers = new Dictionary<string, string> { ["Sforce-Auto-Assign"] = "FALSE" } };

        await Should.ThrowAsync<ArgumentException>(client.Rest.ExecuteBatchAsync([withHeaders], haltOnError: false, Ct));
        await Should.ThrowAsync<ArgumentException>(client.Rest.ExecuteBatchAsync([new Subrequest(HttpMethod.Get, "/services/apexrest/x")], haltOnError: false, Ct));

        org.Requests.ShouldBeEmpty();
    }
}
