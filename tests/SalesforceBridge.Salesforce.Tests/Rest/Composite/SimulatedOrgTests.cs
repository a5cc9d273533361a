using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest.Composite;
using SalesforceBridge.Salesforce.Tests.Drivers;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using static SalesforceBridge.Salesforce.Tests.Drivers.CompositeDriver;

namespace SalesforceBridge.Salesforce.Tests.Rest.Composite;

/// <summary>The composite family against an org that does what it is asked to.</summary>
public sealed class SimulatedOrgTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("A/1")]
    [InlineData("a+b #1? 100% & 'é\"\\ [x]{y}|^`;,:@=<>")]
    [InlineData("😀 𝒳")]
    [InlineData("@{r1.id}")]
    [InlineData("Acme.inc")]
    public async Task What_one_subrequest_makes_the_next_ones_use(string externalId)
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        var request = new CompositeRequest { AllOrNone = true };
        CompositeReference account = request.Add(Subrequest.Upsert("Account", "External_Id__c", externalId, Named("A")));
        CompositeReference contact = request.Add(Subrequest.Create("Contact", new Dictionary<string, object?> { ["LastName"] = "Ann", ["AccountId"] = account.Id }));
        request.Add(Subrequest.Update("Contact", contact.Id, new Dictionary<string, object?> { ["Phone"] = "1" }));
        CompositeReference read = request.Add(Subrequest.Read("Account", account.Id, ["External_Id__c"]));
        CompositeReference found = request.Add(Subrequest.Query("select AccountId, Phone from Contact"));

        CompositeResult result = await client.Rest.ExecuteCompositeAsync(request, Ct);

        result.Success.ShouldBeTrue();
        result[read].Read(JsonElementType).GetProperty("External_Id__c").GetString().ShouldBe(externalId);
        JsonElement row = result[found].ReadPage(JsonElementType).Records.Single();
        row.GetProperty("AccountId").GetString().ShouldBe(result[account].Id);
        row.GetProperty("Phone").GetString().ShouldBe("1");
    }

    [Fact]
    public async Task A_cut_reply_leaves_a_composite_in_doubt_exactly_when_it_creates()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        string id = client.Org.Create("Account", new { Name = "A" });
        var update = new CompositeRequest();
        update.Add(Subrequest.Update("Account", id, Named("B")));
        var create = new CompositeRequest();
        create.Add(Subrequest.Create("Account", Named("C")));
        client.Org.Faults.Add(new Fault.CutApiReply { Call = ApiCallKind.Composite, Times = 1 });

        (await client.Rest.ExecuteCompositeAsync(update, Ct)).Success.ShouldBeTrue();
        client.Org.Faults.Add(new Fault.CutApiReply { Call = ApiCallKind.Composite, Times = 1 });
        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.ExecuteCompositeAsync(create, Ct));

        failure.InDoubt.ShouldBeTrue();
        client.Org.Ledger.Count(ApiCallKind.Composite).ShouldBe(3);
        client.Org.Query("select Name from Account order by Name").Select(account => account.GetProperty("Name").GetString()).ShouldBe(["B", "C"]);
    }

    [Fact]
    public async Task More_than_25_are_refused_and_none_is_done()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        var request = new CompositeRequest();
        for (int i = 0; i < 26; i++)
            request.Add(Subrequest.Create("Account", Named($"A{i}")));

        SalesforceException refusal = await Should.ThrowAsync<SalesforceException>(client.Rest.ExecuteCompositeAsync(request, Ct));

        (refusal.Code, refusal.InDoubt).ShouldBe(("LIMIT_EXCEEDED", false));
        client.Org.Query("select Id from Account").ShouldBeEmpty();
    }

    [Fact]
    public async Task Trees_graphs_and_batches_do_what_they_say()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        var contact = new TreeRecord("c", new Dictionary<string, object?> { ["LastName"] = "Ann" });
        var account = new TreeRecord("a", Named("A")) { Children = [new TreeChildren("Contacts", "Contact", [contact])] };
        var bad = new TreeRecord("b", Named("B")) { Children = [new TreeChildren("Contacts", "Contact", [contact with { Fields = Named("no such field") }])] };
        var graph = new CompositeRequest();
        CompositeReference made = graph.Add(Subrequest.Create("Account", Named("C")));
        graph.Add(Subrequest.Delete("Account", made.Id));

        TreeOutcome created = await client.Rest.CreateMultipleAsync("Account", [account], Ct);
        TreeOutcome refused = await client.Rest.CreateMultipleAsync("Account", [bad], Ct);
        IReadOnlyList<CompositeResult> graphs = await client.Rest.ExecuteGraphAsync([graph, graph], Ct);
        IReadOnlyList<SubrequestResult> batch = await client.Rest.ExecuteBatchAsync(
            [Subrequest.Read("Account", created.Results["a"].Id!), Subrequest.Delete("Account", "001000000000009"), Subrequest.Query("select Id from Account")],
            haltOnError: true, Ct);

        created.Success.ShouldBeTrue();
        refused.Results.Select(each => (each.Key, each.Value.Errors[0].Code)).ShouldBe([("b", "ALL_OR_NONE_OPERATION_ROLLED_BACK"), ("c", "INVALID_FIELD")], ignoreOrder: true);
        graphs.Select(each => each.Success).ShouldBe([true, true]);
        batch.Select(each => (int)each.Status).ShouldBe([200, 404, 412]);
        client.Org.Query("select Name from Account").Single().GetProperty("Name").GetString().ShouldBe("A");
    }

    [Fact]
    public async Task A_query_of_20_000_characters_comes_page_by_page()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        string[] names = [.. Enumerable.Range(0, 2_500).Select(number => $"é{number}")];
        client.Org.Change(transaction => names.Select(name => transaction.Create("Account", new { Name = name })).ToArray());

        List<JsonElement> found = await client.Rest.QueryAsync($"select Name from Account where Name in ('{string.Join("','", names)}')", Ct).ToListAsync(Ct);

        found.Select(account => account.GetProperty("Name").GetString()).ShouldBe(names);
        client.Org.Ledger.Count(ApiCallKind.CompositeBatch).ShouldBe(1);
        client.Org.Ledger.Count(ApiCallKind.QueryMore).ShouldBe(1);
    }

    private static JsonTypeInfo<JsonElement> JsonElementType => RowJson.Default.JsonElement;
}
