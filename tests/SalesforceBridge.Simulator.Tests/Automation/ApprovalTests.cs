using System.Text.Json;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Automation;

public sealed class ApprovalTests
{
    private const string Ann = "005SM0000000001";

    [Fact]
    public async Task A_submitted_record_waits_until_its_approver_decides()
    {
        await using OrgDriver org = await OrgDriver.StartAsync();
        string deal = Deal(org, 5000);

        Answer submitted = await SendAsync(org, new { actionType = "Submit", contextId = deal, comments = "please" });
        JsonElement pending = submitted.Json[0];
        string workitem = pending.GetProperty("newWorkitemIds")[0].GetString()!;
        Answer foreign = await SendAsync(org, new { actionType = "Approve", contextId = workitem });
        org.UseToken(org.Org.OpenSession("ann@example.com"));
        Answer approved = await SendAsync(org, new { actionType = "Approve", contextId = workitem });
        Answer twice = await SendAsync(org, new { actionType = "Reject", contextId = workitem });

        submitted.Status.ShouldBe(200);
        (pending.GetProperty("success").GetBoolean(), pending.GetProperty("instanceStatus").GetString(), pending.GetProperty("entityId").GetString()).ShouldBe((true, "Pending", deal));
        pending.GetProperty("actorIds")[0].GetString()!.ShouldStartWith(Ann);
        pending.GetProperty("instanceId").GetString()!.ShouldStartWith("04g");
        CodeOf(foreign).ShouldBe("INSUFFICIENT_ACCESS_OR_READONLY");
        approved.Json[0].GetProperty("instanceStatus").GetString().ShouldBe("Approved");
        CodeOf(twice).ShouldBe("INVALID_CROSS_REFERENCE_KEY");
        org.Org.Ledger.ApprovalSteps.Select(step => (step.Action, step.EntityId, step.Error)).ShouldBe(
        [
            ("Submit", deal, null), ("Approve", deal, "INSUFFICIENT_ACCESS_OR_READONLY"), ("Approve", deal, null), ("Reject", null, "INVALID_CROSS_REFERENCE_KEY"),
        ]);
    }

    [Fact]
    public async Task A_rejected_record_may_be_submitted_again()
    {
        await using OrgDriver org = await OrgDriver.StartAsync();
        string deal = Deal(org, 5000);
        org.UseToken(org.Org.OpenSession("ann@example.com"));

        Answer first = await SendAsync(org, new { actionType = "Submit", contextId = deal });
        Answer meanwhile = await SendAsync(org, new { actionType = "Submit", contextId = deal });
        Answer rejected = await SendAsync(org, new { actionType = "Reject", contextId = first.Json[0].GetProperty("newWorkitemIds")[0].GetString() });
        Answer again = await SendAsync(org, new { actionType = "Submit", contextId = deal });

        (meanwhile.Status, CodeOf(meanwhile)).ShouldBe((400, "ALREADY_IN_PROCESS"));
        rejected.Json[0].GetProperty("instanceStatus").GetString().ShouldBe("Rejected");
        again.Status.ShouldBe(200);
    }

    [Fact]
    public async Task What_succeeds_is_kept_whatever_becomes_of_the_rest()
    {
        await using OrgDriver org = await OrgDriver.StartAsync();
        string small = Deal(org, 10), large = Deal(org, 5000);

        Answer answer = await SendAsync(org, new { actionType = "Submit", contextId = small }, new { actionType = "Submit", contextId = large });

        answer.Status.ShouldBe(400);
        answer.Json.EnumerateArray().Select(result => result.GetProperty("success").GetBoolean()).ShouldBe([false, true]);
        CodeOf(answer).ShouldBe("NO_APPLICABLE_PROCESS");
        CodeOf(await SendAsync(org, new { actionType = "Submit", contextId = large })).ShouldBe("ALREADY_IN_PROCESS");
    }

    [Fact]
    public async Task A_named_process_may_be_entered_without_its_criteria()
    {
        await using OrgDriver org = await OrgDriver.StartAsync();
        string deal = Deal(org, 10);

        Answer strict = await SendAsync(org, new { actionType = "Submit", contextId = deal, processDefinitionNameOrId = "Discount_Approval" });
        Answer unknown = await SendAsync(org, new { actionType = "Submit", contextId = deal, processDefinitionNameOrId = "Discount" });
        Answer skipped = await SendAsync(org, new { actionType = "Submit", contextId = deal, processDefinitionNameOrId = "Discount_Approval", skipEntryCriteria = "true" });

        (CodeOf(strict), CodeOf(unknown)).ShouldBe(("NO_APPLICABLE_PROCESS", "INVALID_CROSS_REFERENCE_KEY"));
        skipped.Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_process_without_an_approver_lets_the_submitter_name_one()
    {
        await using OrgDriver org = await OrgDriver.StartAsync();
        string order = org.Org.Create("Order__c", new { Amount__c = 1 });

        Answer nobody = await SendAsync(org, new { actionType = "Submit", contextId = order });
        Answer somebody = await SendAsync(org, new { actionType = "Submit", contextId = order, nextApproverIds = new[] { Ann } });

        CodeOf(nobody).ShouldBe("REQUIRED_FIELD_MISSING");
        somebody.Json[0].GetProperty("actorIds")[0].GetString()!.ShouldStartWith(Ann);
    }

    [Fact]
    public async Task Processes_and_rules_are_listed_by_object()
    {
        await using OrgDriver org = await OrgDriver.StartAsync(new SimulatorOptions
        {
            RulesYaml = "outboundMessages: [{ name: Won, object: Opportunity, fields: [Name] }]",
        });

        Answer approvals = await org.GetAsync("process/approvals");
        Answer rules = await org.GetAsync("process/rules/");

        approvals.Json.GetProperty("approvals").GetProperty("Opportunity")[0].GetProperty("name").GetString().ShouldBe("Discount_Approval");
        rules.Json.GetProperty("rules").GetProperty("Opportunity")[0].GetProperty("actions")[0].GetProperty("name").GetString().ShouldBe("Won");
    }

    private static string Deal(OrgDriver org, decimal amount) =>
        org.Org.Create("Opportunity", new { Name = "Deal", StageName = "Prospecting", CloseDate = "2026-12-01", Amount = amount });

    private static Task<Answer> SendAsync(OrgDriver org, params object[] requests) => org.PostAsync("process/approvals", new { requests });

    private static string? CodeOf(Answer answer) => answer.Json[0].GetProperty("errors")[0].GetProperty("statusCode").GetString();
}
