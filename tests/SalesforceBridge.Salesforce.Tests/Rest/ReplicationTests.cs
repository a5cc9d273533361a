using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class ReplicationTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(1));

    private static readonly DateTimeOffset End = Start.AddMinutes(10).AddMilliseconds(700);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Updated_records_come_with_the_moment_up_to_which_they_are_all()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET sobjects/Account/updated", Answer.Ok("""
            {"ids":["001000000000001AAA","001000000000002AAA"],"latestDateCovered":"2026-11-23T08:07:00.000+0000"}
            """).With("Date", "Mon, 23 Nov 2026 08:09:59 GMT"));
        using var client = new Client(org);

        UpdatedRecords updated = await client.Rest.GetUpdatedAsync("Account", Start, End, Ct);

        updated.Ids.ShouldBe(["001000000000001AAA", "001000000000002AAA"]);
        updated.LatestDateCovered.ShouldBe(Start.AddMinutes(7));
        updated.AnsweredAt.ShouldBe(Start.AddSeconds(599));
        org.Requests.Single().Target.ShouldEndWith("/sobjects/Account/updated?start=2026-11-23T08%3A00%3A00%2B00%3A00&end=2026-11-23T08%3A10%3A00%2B00%3A00");
    }

    [Fact]
    public async Task Deleted_records_come_with_how_far_back_the_org_knows()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET sobjects/Order__c/deleted", Answer.Ok("""
            {"deletedRecords":[{"id":"a01000000000001AAA","deletedDate":"2026-11-23T08:01:02.000+0000"}],
             "earliestDateAvailable":"2026-11-08T00:00:00.000+0000","latestDateCovered":"2026-11-23T08:10:00.000+0000"}
            """));
        using var client = new Client(org);

        DeletedRecords deleted = await client.Rest.GetDeletedAsync("Order__c", Start, End, Ct);

        deleted.Deleted.ShouldBe([new DeletedRecord("a01000000000001AAA", Start.AddSeconds(62))]);
        deleted.EarliestDateAvailable.ShouldBe(new DateTimeOffset(2026, 11, 8, 0, 0, 0, TimeSpan.Zero));
        deleted.LatestDateCovered.ShouldBe(Start.AddMinutes(10));
        org.Requests.Single().Target.ShouldContain("/sobjects/Order__c/deleted?start=2026-11-23T08%3A00%3A00%2B00%3A00&end=");
    }

    [Fact]
    public async Task A_span_that_the_org_does_not_know_any_more_blames_the_call_alone()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET sobjects/Account/deleted", Answer.Error(400, "INVALID_REPLICATION_DATE", "startDate before org replication enabled date"));
        using var client = new Client(org);

        SalesforceException refusal = await Should.ThrowAsync<SalesforceException>(client.Rest.GetDeletedAsync("Account", Start, End, Ct));

        refusal.Code.ShouldBe("INVALID_REPLICATION_DATE");
        refusal.Class.ShouldBe(new ErrorClass(new Remedy.GiveUp(), Blame.Message));
        org.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_without_its_horizon_is_none()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET sobjects/Account/updated", Answer.Ok("""{"ids":[]}"""));
        using var client = new Client(org, Client.NoRetries);

        (await Should.ThrowAsync<SalesforceException>(client.Rest.GetUpdatedAsync("Account", Start, End, Ct))).Code.ShouldBe(OwnCodes.UnusableReply);
    }
}
