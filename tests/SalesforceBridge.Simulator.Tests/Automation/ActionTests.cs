using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Automation;

public sealed class ActionTests
{
    [Fact]
    public async Task A_flow_runs_once_for_each_input()
    {
        await using OrgDriver org = await OrgDriver.StartAsync();

        Answer answer = await org.PostAsync("actions/custom/flow/Accept_Order", new { inputs = new[] { new { orderId = "a1" }, new { orderId = "a2" } } });

        answer.Status.ShouldBe(200);
        answer.Text.ShouldBe("""
            [{"actionName":"Accept_Order","errors":null,"invocationId":null,"isSuccess":true,"outputValues":{"Flow__InterviewStatus":"Finished","acceptedId":"a1","status":"Accepted"},"version":1},{"actionName":"Accept_Order","errors":null,"invocationId":null,"isSuccess":true,"outputValues":{"Flow__InterviewStatus":"Finished","acceptedId":"a2","status":"Accepted"},"version":1}]
            """);
        org.Org.Ledger.ActionRuns.Select(run => (run.Action, run.Input.GetProperty("orderId").GetString(), run.User)).ShouldBe(
            [("flow Accept_Order", "a1", "bridge@example.com"), ("flow Accept_Order", "a2", "bridge@example.com")]);
        org.Org.Ledger.Count(ApiCallKind.Invoke).ShouldBe(1);
    }

    [Fact]
    public async Task One_input_that_fails_gives_the_call_its_status_and_leaves_the_others_alone()
    {
        await using OrgDriver org = await OrgDriver.StartAsync();

        Answer answer = await org.PostAsync("actions/custom/flow/Accept_Order", new { inputs = new[] { new { orderId = "broken" }, new { orderId = "a2" } } });

        answer.Status.ShouldBe(400);
        JsonElement failed = answer.Json[0];
        failed.GetProperty("isSuccess").GetBoolean().ShouldBeFalse();
        failed.GetProperty("outputValues").ValueKind.ShouldBe(JsonValueKind.Null);
        failed.GetProperty("errors").GetRawText().ShouldBe("""[{"statusCode":"CANNOT_EXECUTE_FLOW_TRIGGER","message":"The order cannot be accepted.","fields":[]}]""");
        answer.Json[1].GetProperty("isSuccess").GetBoolean().ShouldBeTrue();
        org.Org.Ledger.ActionRuns.Select(run => run.Error).ShouldBe(["CANNOT_EXECUTE_FLOW_TRIGGER", null]);
    }

    [Theory]
    [InlineData("""{"inputs":[{}]}""", "REQUIRED_FIELD_MISSING", "Missing required input parameter: orderId")]
    [InlineData("""{"inputs":[{"orderId":"a1","OrderID":"a1"}]}""", "INVALID_API_INPUT", "The action Accept_Order has no input parameter: OrderID")]
    public async Task Inputs_are_held_against_what_the_flow_declares(string body, string code, string message)
    {
        await using OrgDriver org = await OrgDriver.StartAsync();

        JsonElement error = (await org.PostAsync("actions/custom/flow/Accept_Order", body)).Json[0].GetProperty("errors")[0];

        (error.GetProperty("statusCode").GetString(), error.GetProperty("message").GetString()).ShouldBe((code, message));
    }

    [Fact]
    public async Task An_action_fails_on_demand()
    {
        await using OrgDriver org = await OrgDriver.StartAsync();
        org.Org.Faults.Add(new Fault.FailedAction("UNKNOWN_EXCEPTION") { Action = "OrderNumbers", Times = 1 });

        Answer answer = await org.PostAsync("actions/custom/apex/OrderNumbers", new { inputs = new[] { new { number = 1 }, new { number = 2 } } });

        answer.Json.EnumerateArray().Select(result => result.GetProperty("isSuccess").GetBoolean()).ShouldBe([false, true]);
        answer.Json[1].GetProperty("outputValues").GetRawText().ShouldBe("""{"number":2}""");
    }

    [Fact]
    public async Task An_action_that_is_not_there_is_not_found_until_it_is()
    {
        await using OrgDriver org = await OrgDriver.StartAsync();
        ActiveFault missing = org.Org.Faults.Add(new Fault.MissingAction("Accept_Order"));

        Answer invoked = await org.PostAsync("actions/custom/flow/Accept_Order", new { inputs = new[] { new { orderId = "a1" } } });
        Answer described = await org.GetAsync("actions/custom/flow/Accept_Order");
        Answer listed = await org.GetAsync("actions/custom/flow");
        org.Org.Faults.Remove(missing.Id);
        Answer again = await org.GetAsync("actions/custom/flow/accept_order");

        (invoked.Status, invoked.ErrorCode, described.Status).ShouldBe((404, "NOT_FOUND", 404));
        listed.Text.ShouldBe("""{"actions":[]}""");
        again.Status.ShouldBe(200);
        org.Org.Ledger.ActionRuns.ShouldBeEmpty();
    }

    [Fact]
    public async Task Actions_are_listed_and_described()
    {
        await using OrgDriver org = await OrgDriver.StartAsync();

        Answer kinds = await org.GetAsync("actions");
        Answer flows = await org.GetAsync("actions/custom/flow");
        Answer standard = await org.GetAsync("actions/standard");
        Answer flow = await org.GetAsync("actions/custom/flow/Accept_Order");

        kinds.Text.ShouldBe("""{"standard":"/services/data/v62.0/actions/standard","custom":"/services/data/v62.0/actions/custom"}""");
        flows.Text.ShouldBe("""{"actions":[{"label":"Accept_Order","name":"Accept_Order","type":"FLOW","url":"/services/data/v62.0/actions/custom/flow/Accept_Order"}]}""");
        standard.Json.GetProperty("actions")[0].GetProperty("type").GetString().ShouldBe("CHATTERPOST");
        flow.Json.GetProperty("inputs").EnumerateArray()
            .Select(input => (input.GetProperty("name").GetString(), input.GetProperty("type").GetString(), input.GetProperty("required").GetBoolean()))
            .ShouldBe([("orderId", "STRING", true), ("amount", "DOUBLE", false)]);
        flow.Json.GetProperty("outputs").EnumerateArray().Select(output => output.GetProperty("name").GetString()).ShouldBe(["acceptedId", "status"]);
    }

    [Theory]
    [InlineData("""{"orderId":"a1"}""")]
    [InlineData("""{"inputs":{"orderId":"a1"}}""")]
    [InlineData("""{"inputs":["a1"]}""")]
    public async Task A_body_without_inputs_is_refused(string body)
    {
        await using OrgDriver org = await OrgDriver.StartAsync();

        Answer answer = await org.PostAsync("actions/custom/flow/Accept_Order", body);

        (answer.Status, answer.ErrorCode).ShouldBe((400, "JSON_PARSER_ERROR"));
    }
}
