using System.Net;
using System.Text.Json;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class ActionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flow_gives_its_outputs_for_each_input_of_one_call()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        IReadOnlyList<ActionResult> results = await client.Rest.InvokeFlowAsync("Accept_Order", [Order("a1"), Order("a2")], Ct);

        results.Select(result => (result.Success, result.Status, result.Outputs["acceptedId"].GetString())).ShouldBe(
            [(true, HttpStatusCode.OK, "a1"), (true, HttpStatusCode.OK, "a2")]);
        client.Org.Ledger.Count(ApiCallKind.Invoke).ShouldBe(1);
    }

    [Fact]
    public async Task Apex_actions_and_standard_ones_are_invoked_by_their_names()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        ActionResult apex = (await client.Rest.InvokeApexActionAsync("OrderNumbers", [new Dictionary<string, object?> { ["number"] = 7 }], Ct)).Single();
        ActionResult standard = (await client.Rest.InvokeActionAsync(
            "chatterPost", [new Dictionary<string, object?> { ["text"] = "\U0001F600 hi", ["subjectNameOrId"] = "me" }], Ct)).Single();

        (apex.Outputs["number"].GetInt32(), standard.Outputs["feedItemId"].GetString()).ShouldBe((7, "0D5SM00000000011AA"));
        client.Org.Ledger.ActionRuns.Select(run => run.Action).ShouldBe(["apex OrderNumbers", "standard chatterPost"]);
        client.Org.Ledger.ActionRuns[1].Input.GetProperty("text").GetString().ShouldBe("\U0001F600 hi");
    }

    [Fact]
    public async Task An_input_that_fails_has_its_error_class_and_status_and_the_others_are_done()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        IReadOnlyList<ActionResult> results = await client.Rest.InvokeFlowAsync("Accept_Order", [Order("a1"), Order("broken")], Ct);

        results[0].ShouldSatisfyAllConditions(done => done.Success.ShouldBeTrue(), done => done.Status.ShouldBe(HttpStatusCode.BadRequest));
        ActionResult failed = results[1];
        failed.Success.ShouldBeFalse();
        failed.Outputs.ShouldBeEmpty();
        failed.Errors.Single().ToString().ShouldBe("CANNOT_EXECUTE_FLOW_TRIGGER: The order cannot be accepted.");
        failed.Errors.Single().Status.ShouldBe(HttpStatusCode.BadRequest);
        failed.Class.ShouldBe(new ErrorClass(new Remedy.GiveUp(), Blame.Message));
    }

    [Fact]
    public async Task What_the_org_told_of_an_input_leaves_no_doubt()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        client.Org.Faults.Add(new Fault.FailedAction("UNKNOWN_EXCEPTION") { Times = 1 });

        ActionResult failed = (await client.Rest.InvokeFlowAsync("Accept_Order", [Order("a1")], Ct)).Single();

        failed.Class.ShouldBe(new ErrorClass(new Remedy.Retry(), Blame.Message, InDoubt: false));
    }

    [Fact]
    public async Task A_flow_that_is_not_there_refuses_the_call()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.InvokeFlowAsync("Accept Order/2", [Order("a1")], Ct));

        failure.Message.ShouldBe("invoke flow Accept Order/2 failed: NOT_FOUND: The requested resource does not exist (HTTP 404)");
        failure.InDoubt.ShouldBeFalse();
    }

    [Fact]
    public async Task A_call_whose_answer_is_lost_is_in_doubt_and_made_once()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        client.Org.Faults.Add(new Fault.CutApiReply { Call = ApiCallKind.Invoke, Times = 1 });

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.InvokeFlowAsync("Accept_Order", [Order("a1")], Ct));

        failure.InDoubt.ShouldBeTrue();
        client.Org.Ledger.ActionRuns.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_call_that_was_turned_away_is_made_again()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        client.Org.Faults.Add(new Fault.Unavailable(FaultTarget.Api) { Times = 1, RetryAfter = TimeSpan.Zero });

        (await client.Rest.InvokeFlowAsync("Accept_Order", [Order("a1")], Ct)).Single().Success.ShouldBeTrue();
        client.Org.Ledger.ActionRuns.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(400, """[{"errorCode":"JSON_PARSER_ERROR","message":"Unexpected character"}]""", "JSON_PARSER_ERROR", false)]
    [InlineData(500, """[{"errorCode":"UNKNOWN_EXCEPTION","message":"An unexpected error occurred"}]""", "UNKNOWN_EXCEPTION", true)]
    [InlineData(500, "<html></html>", "HTTP_500", true)]
    [InlineData(200, "[]", "UNUSABLE_REPLY", true)]
    [InlineData(200, "<html></html>", "UNUSABLE_REPLY", true)]
    [InlineData(400, """[null,null]""", "UNUSABLE_REPLY", true)]
    public async Task An_answer_without_results_is_a_refusal_of_the_whole(int status, string body, string code, bool inDoubt)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST actions/custom/flow/F", new Answer(status, body));
        using var client = new Client(org, Client.NoRetries);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.InvokeFlowAsync("F", [Order("a1")], Ct));

        (failure.Code, failure.InDoubt, (int?)failure.Status).ShouldBe((code, inDoubt, status));
    }

    [Fact]
    public async Task An_action_says_what_it_takes_and_gives()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        ActionDescribe flow = await client.Rest.DescribeActionAsync(InvocableAction.Flow("Accept_Order"), Ct);

        flow.Inputs.ShouldBe([new ActionParameter("orderId", "STRING", true), new ActionParameter("amount", "DOUBLE")]);
        flow.Outputs.Select(output => output.Name).ShouldBe(["acceptedId", "status"]);
    }

    [Fact]
    public async Task An_input_that_is_not_JSON_is_not_sent()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        await Should.ThrowAsync<JsonException>(() => client.Rest.InvokeAsync(InvocableAction.Flow("Accept_Order"), ["{\"a\":"u8.ToArray()], Ct));

        client.Org.Ledger.Calls.ShouldBeEmpty();
    }

    private static RecordJson Order(string id) => new Dictionary<string, object?> { ["orderId"] = id };
}
