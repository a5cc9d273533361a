using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;
using static SalesforceBridge.Simulator.Tests.Drivers.CompositeDriver;

namespace SalesforceBridge.Simulator.Tests.Rest.Composite;

public sealed class GraphTests
{
    [Fact]
    public async Task Each_graph_is_all_or_none_for_itself()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await GraphAsync(driver,
            Graph("1", Sub("POST", "sobjects/Account", "a", new { Name = "A" }), Sub("POST", "sobjects/Contact", "c", new { LastName = "Ann", AccountId = "@{a.id}" })),
            Graph("2", Sub("POST", "sobjects/Account", "a", new { Name = "B" }), Sub("POST", "sobjects/Contact", "c", new { AccountId = "@{a.id}" })));

        answer.Status.ShouldBe(200);
        JsonElement[] graphs = Graphs(answer);
        graphs.Select(graph => graph.GetProperty("graphId").GetString()).ShouldBe(["1", "2"]);
        graphs.Select(graph => graph.GetProperty("isSuccessful").GetBoolean()).ShouldBe([true, false]);
        PartsOf(graphs[0]).Select(part => part.Status()).ShouldBe([201, 201]);
        PartsOf(graphs[1]).Select(part => part.Code()).ShouldBe(["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]);
        driver.Org.Query("select Name from Account").Single().GetProperty("Name").GetString().ShouldBe("A");
        answer.Headers.GetValues("Sforce-Limit-Info").Single().ShouldStartWith("api-usage=1/");
        driver.Org.Ledger.Count(ApiCallKind.CompositeGraph).ShouldBe(1);
    }

    [Fact]
    public async Task After_more_than_14_failed_graphs_the_rest_is_not_run()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        object[] graphs = [.. Enumerable.Range(0, 17).Select(number => Graph($"g{number}", Sub("POST", "sobjects/Account", "a", number < 15 ? new { } : new { Name = "A" })))];

        Answer answer = await GraphAsync(driver, graphs);

        Graphs(answer).Select(graph => PartsOf(graph)[0].Code())
            .ShouldBe([.. Enumerable.Repeat("REQUIRED_FIELD_MISSING", 15), "PROCESSING_HALTED", "PROCESSING_HALTED"]);
        driver.Org.Query("select Id from Account").ShouldBeEmpty();
    }

    [Fact]
    public async Task More_than_the_limits_is_refused_as_a_whole()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        object[] chain = [.. Enumerable.Range(1, 16).Select(number => Sub("POST", "sobjects/Account", $"a{number}", new { Name = $"@{{a{number - 1}.id}}" }))];

        Answer graphs = await GraphAsync(driver, [.. Enumerable.Range(0, 76).Select(number => Graph($"{number}", Reads(1)))]);
        Answer nodes = await GraphAsync(driver, Graph("1", Reads(250)), Graph("2", Reads(251)));
        Answer deep = await GraphAsync(driver, Graph("1", chain));
        Answer twice = await GraphAsync(driver, Graph("1", Reads(1)), Graph("1", Reads(1)));
        Answer query = await GraphAsync(driver, Graph("1", Sub("GET", "query?q=select+Id+from+Account", "a")));

        new[] { graphs.ErrorCode, nodes.ErrorCode, deep.ErrorCode }.ShouldAllBe(code => code == "LIMIT_EXCEEDED");
        new[] { twice.ErrorCode, query.ErrorCode }.ShouldAllBe(code => code == "INVALID_INPUT");
        driver.Org.Query("select Id from Account").ShouldBeEmpty();
    }

    private static object[] Reads(int count) => [.. Enumerable.Range(0, count).Select(number => Sub("GET", "sobjects/Account/001000000000001", $"r{number}"))];

    private static object Graph(string graphId, params object[] compositeRequest) => new { graphId, compositeRequest };

    private static Task<Answer> GraphAsync(OrgDriver driver, params object[] graphs) => driver.PostAsync("composite/graph", new { graphs });

    private static JsonElement[] Graphs(Answer answer) => [.. answer.Json.GetProperty("graphs").EnumerateArray()];

    private static JsonElement[] PartsOf(JsonElement graph) => graph.GetProperty("graphResponse").Parts();
}
