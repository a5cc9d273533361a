using System.Net;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class ApprovalTests
{
    private const string Ann = "ann@example.com";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_record_is_submitted_and_its_approver_approves_it()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        string deal = Deal(client, 5000);

        ApprovalResult submitted = await client.Rest.SubmitForApprovalAsync(new ApprovalSubmission(deal) { Comments = "please" }, Ct);
        ApprovalResult approved = await AsAnn(client).ApproveAsync(new ApprovalDecision(submitted.NewWorkitemIds.Single()) { Comments = "yes" }, Ct);

        (submitted.RecordId, submitted.InstanceStatus, submitted.ActorIds.Count, submitted.Status).ShouldBe((deal, "Pending", 1, HttpStatusCode.OK));
        (approved.InstanceId, approved.InstanceStatus).ShouldBe((submitted.InstanceId, "Approved"));
        client.Org.Ledger.ApprovalSteps.Select(step => (step.Action, step.Comments, step.User)).ShouldBe(
            [("Submit", "please", "bridge@example.com"), ("Approve", "yes", Ann)]);
    }

    [Fact]
    public async Task A_record_is_rejected()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        ApprovalResult submitted = await client.Rest.SubmitForApprovalAsync(new ApprovalSubmission(Deal(client, 5000)), Ct);

        ApprovalResult rejected = await AsAnn(client).RejectAsync(new ApprovalDecision(submitted.NewWorkitemIds.Single()), Ct);

        rejected.InstanceStatus.ShouldBe("Rejected");
    }

    [Fact]
    public async Task A_refusal_of_one_record_is_an_exception()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        string deal = Deal(client, 5000);
        await client.Rest.SubmitForApprovalAsync(new ApprovalSubmission(deal), Ct);

        SalesforceException again = await Should.ThrowAsync<SalesforceException>(client.Rest.SubmitForApprovalAsync(new ApprovalSubmission(deal), Ct));
        SalesforceException foreign = await Should.ThrowAsync<SalesforceException>(client.Rest.SubmitForApprovalAsync(new ApprovalSubmission("nothing"), Ct));

        again.Message.ShouldBe("submit for approval failed: ALREADY_IN_PROCESS: Cannot submit object already in process. (HTTP 400)");
        (again.Class, again.InDoubt).ShouldBe((new ErrorClass(new Remedy.GiveUp(), Blame.Message), false));
        foreign.Code.ShouldBe("INVALID_CROSS_REFERENCE_KEY");
    }

    [Fact]
    public async Task In_a_list_each_record_has_its_own_result()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        string small = Deal(client, 1), large = Deal(client, 5000);

        IReadOnlyList<ApprovalResult> results = await client.Rest.SubmitForApprovalAsync([new ApprovalSubmission(small), new ApprovalSubmission(large)], Ct);

        results.Select(result => (result.Success, result.RecordId, result.Errors is [var error] ? error.Code : null, result.Status)).ShouldBe(
            [(false, small, "NO_APPLICABLE_PROCESS", HttpStatusCode.BadRequest), (true, large, null, HttpStatusCode.BadRequest)]);
        client.Org.Ledger.Count(ApiCallKind.Approve).ShouldBe(1);
    }

    [Fact]
    public async Task A_submission_says_which_process_who_is_next_and_on_whose_behalf()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST process/approvals", Answer.Ok("""[{"success":true,"entityId":"001","instanceId":"04g1","instanceStatus":"Pending","newWorkitemIds":["04i1"],"actorIds":["0051"],"errors":null}]"""));
        using var client = new Client(org);

        await client.Rest.SubmitForApprovalAsync(
            new ApprovalSubmission("001") { ProcessNameOrId = "P", SkipEntryCriteria = true, NextApproverIds = ["0051"], SubmitterId = "0052" }, Ct);

        org.Requests.Single().Body.ShouldBe(
            """{"requests":[{"actionType":"Submit","contextId":"001","nextApproverIds":["0051"],"contextActorId":"0052","processDefinitionNameOrId":"P","skipEntryCriteria":true}]}""");
    }

    [Fact]
    public async Task A_submission_whose_answer_is_lost_is_in_doubt_and_made_once()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        string deal = Deal(client, 5000);
        client.Org.Faults.Add(new Fault.CutApiReply { Call = ApiCallKind.Approve, Times = 1 });

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.SubmitForApprovalAsync(new ApprovalSubmission(deal), Ct));

        failure.InDoubt.ShouldBeTrue();
        client.Org.Ledger.ApprovalSteps.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_orgs_processes_are_listed()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        IReadOnlyList<ApprovalProcess> processes = await client.Rest.GetApprovalsAsync(Ct);

        processes.Select(process => (process.Name, process.SObject, process.SortOrder)).ShouldBe(
            [("Discount_Approval", "Opportunity", 1), ("Any_Order", "Order__c", 1)]);
    }

    private static SalesforceClient AsAnn(SimulatedClient client) => client.Rest.With(new CallOptions { Session = client.Org.OpenSession(Ann) });

    private static string Deal(SimulatedClient client, decimal amount) =>
        client.Org.Create("Opportunity", new { Name = "Deal", StageName = "Prospecting", CloseDate = "2026-12-01", Amount = amount });
}
