using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.Commands;

/// <summary><c>bridge routes check</c> of routes that start flows, actions and approvals.</summary>
public sealed class ActionCheckTests
{
    [Fact]
    public async Task Flows_actions_and_submissions_that_the_org_takes_pass()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge
            .WithRoute("action", Route("invoke action chatterPost", "'a' as text, 'b' as \"subjectNameOrId\""))
            .WithRoute("apex", Route("invoke apex OrderNumbers", "1 as number"))
            .WithRoute("flow", Route("invoke flow Accept_Order", "'a' as \"orderId\", 1 as _note"))
            .WithRoute("submission", Route("submit opportunity for approval", "'a' as id, 'b' as \"Comments\""));

        CommandLine check = (await CommandLine.RunAsync(bridge.Vars, "routes", "check")).ShouldSucceed();

        check.Output.ShouldBe("""
            ok    action: on event Order_Placed__e, invoke action chatterPost: text, subjectNameOrId (nulls: clear, a NULL column clears its field)
            ok    apex: on event Order_Placed__e, invoke apex OrderNumbers: number (nulls: clear, a NULL column clears its field)
            ok    api-publish: on api publish, handler
            ok    flow: on event Order_Placed__e, invoke flow Accept_Order: orderId, _note (nulls: clear, a NULL column clears its field)
            ok    submission: on event Order_Placed__e, submit opportunity for approval: id, Comments (nulls: clear, a NULL column clears its field)
            """);
    }

    [Fact]
    public async Task What_the_org_does_not_know_is_told_with_what_to_do()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge
            .WithRoute("a-missing-class", Route("invoke apex Missing", "1 as a"))
            .WithRoute("a-missing-flow", Route("invoke flow Missing", "1 as a"))
            .WithRoute("b-input", Route("invoke flow Accept_Order", "'a' as \"orderId\", 'b' as remark"))
            .WithRoute("c-quotes", Route("invoke flow Accept_Order", "'a' as orderId"))
            .WithRoute("d-required", Route("invoke flow Accept_Order", "1 as amount"))
            .WithRoute("e-no-process", Route("submit Contact for approval", "'a' as \"Id\""))
            .WithRoute("f-no-id", Route("submit Opportunity for approval", "'a' as comments, 'b' as why"))
            .WithRoute("g-no-object", Route("submit Deal for approval", "'a' as \"Id\""));

        CommandLine check = await CommandLine.RunAsync(bridge.Vars, "routes", "check");

        check.ExitCode.ShouldBe(1);
        check.Output.ShouldBe("""
            fail  a-missing-class: the org has no invocable Apex class Missing, or the integration user may not run it; correct the name, activate it or give access
            fail  a-missing-flow: the org has no active flow Missing, or the integration user may not run it; correct the name, activate it or give access
            ok    api-publish: on api publish, handler
            fail  b-input: the active flow Accept_Order has no input remark; correct the column's name or leave it out
            fail  c-quotes: the active flow Accept_Order spells its input orderId; write the column as "orderId", in quotes
            fail  d-required: the active flow Accept_Order needs an input orderId; add a column of that name
            fail  e-no-process: Contact has no active approval process; create or activate one in the org
            fail  f-no-id: `do: submit Opportunity for approval` needs a column Id, which says the record; add it to the statement
            fail  f-no-id: why is nothing a submission says; it takes Id, comments, processDefinitionNameOrId, skipEntryCriteria, nextApproverIds, contextActorId
            fail  g-no-object: the org has no object Deal, or the integration user may not see it; correct the name or give access
            """);
    }

    private static string Route(string action, string columns) => $"-- on: event Order_Placed__e\n-- do: {action}\nselect {columns} from message";
}
