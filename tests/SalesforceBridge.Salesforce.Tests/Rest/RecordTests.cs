using System.Net;
using System.Text.Json;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class RecordTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;
    private static RecordJson Named => new Dictionary<string, object?> { ["Name"] = "x" };

    [Fact]
    public async Task A_record_is_read_by_its_id()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET sobjects/Account/001", Answer.Ok("""{"attributes":{"type":"Account"},"Id":"001","Name":"x"}"""));
        using var client = new Client(org);

        JsonElement record = await client.Rest.GetObjectByIdAsync("Account", "001", ["Id", "Name"], Ct);

        record.GetProperty("Name").GetString().ShouldBe("x");
        org.Requests.Single().Target.ShouldEndWith("?fields=Id%2CName");
    }

    [Fact]
    public async Task A_single_create_uses_the_objects_own_resource()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST sobjects/Account", new Answer(201, """{"id":"001","success":true,"errors":[]}"""));
        using var client = new Client(org);

        SaveResult result = await client.Rest.CreateRecordAsync("Account", Named, Ct);

        (result.Id, result.Created, result.Status).ShouldBe(("001", true, HttpStatusCode.Created));
        org.Requests.Single().Body.ShouldBe("""{"Name":"x"}""");
        org.Requests.Single().Headers["Content-Type"].ShouldBe("application/json");
    }

    [Fact]
    public async Task A_single_update_has_its_id_in_the_path_only()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("PATCH sobjects/Account/001", new Answer(204));
        using var client = new Client(org);

        SaveResult result = await client.Rest.UpdateRecordAsync("Account", "001", Named, Ct);

        (result.Id, result.Status).ShouldBe(("001", HttpStatusCode.NoContent));

        org.Requests.Single().Body.ShouldBe("""{"Name":"x"}""");
    }

    [Theory]
    [InlineData(201, """{"id":"001","success":true,"errors":[],"created":true}""", "001", true)]
    [InlineData(200, """{"id":"001","success":true,"errors":[],"created":false}""", "001", false)]
    [InlineData(204, "", null, false)]
    public async Task A_single_upsert_takes_every_answer_of_every_version(int status, string body, string? id, bool created)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("PATCH sobjects/Account/Ext__c/E1", new Answer(status, body));
        using var client = new Client(org);

        SaveResult result = await client.Rest.InsertOrUpdateRecordAsync("Account", "Ext__c", "E1", Named, Ct);

        (result.Id, result.Created, result.Status).ShouldBe((id, created, (HttpStatusCode)status));
        org.Requests.Single().Body.ShouldBe("""{"Name":"x"}""");
    }

    [Fact]
    public async Task An_external_id_that_two_records_have_names_them()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("PATCH sobjects/Account/Ext__c/E1", new Answer(300, """["/services/data/v62.0/sobjects/Account/001A","/b/001B"]"""));
        using var client = new Client(org);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(
            client.Rest.InsertOrUpdateRecordAsync("Account", "Ext__c", "E1", Named, Ct));

        failure.Message.ShouldBe("upsert Account failed: MULTIPLE_CHOICES: 2 records have this external id: "
            + "/services/data/v62.0/sobjects/Account/001A, /b/001B (HTTP 300)");
        failure.Class.ShouldBe(new ErrorClass(new Remedy.GiveUp(), Blame.Message));
    }

    [Fact]
    public async Task Deleting_twice_is_deleting()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("DELETE sobjects/Account/001", new Answer(204), Answer.Error(404, "ENTITY_IS_DELETED", "entity is deleted"));
        using var client = new Client(org);

        SaveResult first = await client.Rest.DeleteRecordAsync("Account", "001", Ct);
        SaveResult second = await client.Rest.DeleteRecordAsync("Account", "001", Ct);

        (first.Success, first.Status, second.Success, second.Status).ShouldBe((true, HttpStatusCode.NoContent, true, HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_refused_record_keeps_status_code_and_fields()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST sobjects/Account", Answer.Error(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", "Name"));
        using var client = new Client(org);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.CreateRecordAsync("Account", Named, Ct));

        failure.Message.ShouldBe(
            "create Account failed: REQUIRED_FIELD_MISSING: Required fields are missing: [Name] (fields: Name) (HTTP 400)");
        failure.Errors.Single().Fields.ShouldBe(["Name"]);
        failure.InDoubt.ShouldBeFalse();
    }

    [Fact]
    public async Task A_published_event_is_queued_and_has_the_id_that_subscribers_see()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST sobjects/Order_Event__e", new Answer(201, """
            {"id":"e01xx0000000001AAA","success":true,"errors":[{"statusCode":"OPERATION_ENQUEUED","message":"232fd30e-0a71","fields":[]}]}
            """));
        using var client = new Client(org);

        SaveResult result = await client.Rest.PublishAsync("Order_Event__e", Named, Ct);

        result.Success.ShouldBeTrue();
        result.EventUuid.ShouldBe("232fd30e-0a71");
        result.Errors.ShouldBeEmpty();
        result.Class.ShouldBeNull();
    }

    [Fact]
    public async Task Events_published_together_each_have_their_result()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST composite/sobjects", Answer.Ok($$"""
            [{"id":"e01","success":true,"errors":[{"statusCode":"OPERATION_ENQUEUED","message":"uuid-1","fields":[]}]},
             {{CollectionsDriver.Refused("LIMIT_EXCEEDED")}},
             {"id":"e01","success":true,"errors":[{"statusCode":"OPERATION_ENQUEUED","message":"uuid-3","fields":[]}]}]
            """));
        using var client = new Client(org);

        SaveOutcome outcome = await client.Rest.PublishAsync("Order_Event__e", [Named, Named, Named], Ct);

        outcome.Results.Select(result => result.EventUuid).ShouldBe(["uuid-1", null, "uuid-3"]);
        outcome.Results[1].Class.ShouldBe(new ErrorClass(new Remedy.Wait(TimeSpan.FromMinutes(5)), Blame.Lane));
        org.Requests.Single().Body.ShouldContain("""{"attributes":{"type":"Order_Event__e"},"Name":"x"}""");
    }
}
