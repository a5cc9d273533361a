using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest.Composite;
using SalesforceBridge.Salesforce.Tests.Drivers;
using static SalesforceBridge.Salesforce.Tests.Drivers.CompositeDriver;

namespace SalesforceBridge.Salesforce.Tests.Rest.Composite;

public sealed class GraphTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Graphs_have_their_answers_in_the_order_asked()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(GraphRoute, Answer.Ok(Graphs(
            ("g2", Parts(Refused("r1", "PROCESSING_HALTED"), Refused("r2", "STRING_TOO_LONG"))), ("g1", Parts(Created("r1", "1"), Created("r2", "2"))))));
        using var client = new Client(org);

        IReadOnlyList<CompositeResult> results = await client.Rest.ExecuteGraphAsync([AccountWithContact(), AccountWithContact()], Ct);

        org.Requests.Single().Sent("graphs").Select(graph => graph.Text("graphId")).ShouldBe(["g1", "g2"]);
        org.Requests.Single().Sent("graphs")[1].GetProperty("compositeRequest")[1].GetProperty("body").Text("AccountId").ShouldBe("@{r1.id}");
        results.Select(result => result.Success).ShouldBe([true, false]);
        results[1].Results.Select(part => part.IsHalted).ShouldBe([true, false]);
    }

    [Theory]
    [InlineData("""{"graphs":[]}""")]
    [InlineData("""{"graphs":[{"graphId":"g1","isSuccessful":true}]}""")]
    [InlineData("""{"graphs":[{"graphId":"g1","graphResponse":{"compositeResponse":[]},"isSuccessful":true}]}""")]
    [InlineData("""{"graphs":[{"graphId":"g1","graphResponse":{"compositeResponse":[{"body":[],"httpStatusCode":400,"referenceId":null}]},"isSuccessful":false}]}""")]
    [InlineData("""{"graphs":[{"graphId":"other","graphResponse":{"compositeResponse":[]},"isSuccessful":true}]}""")]
    [InlineData("")]
    public async Task An_answer_that_does_not_tell_of_every_graph_is_none(string body)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(GraphRoute, Answer.Ok(body));
        using var client = new Client(org);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.ExecuteGraphAsync([AccountWithContact()], Ct));

        (failure.Code, failure.InDoubt).ShouldBe((OwnCodes.UnusableReply, true));
        org.Requests.Count.ShouldBe(1);
    }

    private static CompositeRequest AccountWithContact()
    {
        var graph = new CompositeRequest();
        CompositeReference account = graph.Add(Subrequest.Create("Account", Named("A")));
        graph.Add(Subrequest.Create("Contact", new Dictionary<string, object?> { ["AccountId"] = account.Id }));
        return graph;
    }
}
