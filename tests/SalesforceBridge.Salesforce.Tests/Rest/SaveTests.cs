using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class SaveTests
{
    private const string Create = "POST composite/sobjects";
    private const string Update = "PATCH composite/sobjects";
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Results_of_450_records_come_in_their_order_whatever_fails()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Create, CollectionsDriver.RefuseEveryThird);
        using var client = new Client(org);

        SaveOutcome outcome = await SaveAsync(client, SaveVerb.Create, Named(450));

        outcome.Failure.ShouldBeNull();
        outcome.Results.Select(result => result.Success).ShouldBe(Enumerable.Range(0, 450).Select(i => i % 3 != 0));
        outcome.Results[7].Id.ShouldBe("id-7");
        outcome.Results[7].Created.ShouldBeTrue();
        SaveResult refused = outcome.Results[402];
        refused.Errors.Single().ToString().ShouldBe("STRING_TOO_LONG: n402 (fields: Name)");
        refused.Class.ShouldBe(new ErrorClass(new Remedy.GiveUp(), Blame.Message));
        (outcome.Results[7].Status, refused.Status).ShouldBe((HttpStatusCode.OK, HttpStatusCode.OK));
        org.Requests.Select(CollectionsDriver.CountOf).ShouldBe([200, 200, 50]);
    }

    [Fact]
    public async Task A_call_that_fails_as_a_whole_ends_the_save_and_leaves_what_is_known()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        int calls = 0;
        org.On(Create, request => calls++ == 0 ? CollectionsDriver.SaveAll(request) : Answer.Dropped());
        using var client = new Client(org);

        SaveOutcome outcome = await SaveAsync(client, SaveVerb.Create, Named(450));

        outcome.Results.Count.ShouldBe(200);
        outcome.RecordsInDoubt.ShouldBe(200);
        outcome.Failure.ShouldNotBeNull().Code.ShouldBe(OwnCodes.NoReply);
        calls.ShouldBe(2);
    }

    [Fact]
    public async Task A_call_refused_as_a_whole_leaves_nothing_in_doubt()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Create, Answer.Error(400, "INVALID_FIELD", "No such column 'Nope__c' on sobject of type Account"));
        using var client = new Client(org);

        SaveOutcome outcome = await SaveAsync(client, SaveVerb.Create, Named(2));

        outcome.Results.ShouldBeEmpty();
        outcome.RecordsInDoubt.ShouldBe(0);
        outcome.Failure.ShouldNotBeNull().Class.Blame.ShouldBe(Blame.Lane);
        outcome.Failure.Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("""[{"id":"1","success":true,"errors":[]}]""")]
    [InlineData("""[{"id":"1","success":true,"errors":[]},null]""")]
    [InlineData("""[{"id":"1","success":true,"errors":[]},{"id":"2"}]""")]
    [InlineData("""{"id":"1","success":true,"errors":[]}""")]
    public async Task An_answer_with_too_few_results_is_not_guessed_at(string answer)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Create, Answer.Ok(answer));
        using var client = new Client(org);

        SaveOutcome outcome = await SaveAsync(client, SaveVerb.Create, Named(2));

        outcome.Failure.ShouldNotBeNull().Code.ShouldBe(OwnCodes.UnusableReply);
        outcome.RecordsInDoubt.ShouldBe(2);
    }

    [Theory]
    [InlineData("""{"success":false,"errors":[]}""", OwnCodes.NoReason)]
    [InlineData("""{"success":false}""", OwnCodes.NoReason)]
    [InlineData("""{"success":false,"errors":[null]}""", OwnCodes.NoReason)]
    [InlineData("""{"success":false,"errors":[{"message":"no code"}]}""", OwnCodes.NoReason)]
    [InlineData("""{"id":null,"success":false,"errors":[{"errorCode":"X","message":null,"fields":null,"more":{}}],"more":1}""", "X")]
    public async Task A_refusal_without_a_reason_is_still_a_refusal(string item, string code)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Create, Answer.Ok($"[{item},{CollectionsDriver.Saved("2")}]"));
        using var client = new Client(org);

        SaveOutcome outcome = await SaveAsync(client, SaveVerb.Create, Named(2));

        outcome.Results.Select(result => result.Success).ShouldBe([false, true]);
        outcome.Results[0].Errors.Single().Code.ShouldBe(code);
        outcome.Results[0].Class.ShouldBe(new ErrorClass(new Remedy.GiveUp(), Blame.Message));
    }

    [Fact]
    public async Task Locked_records_are_sent_again_without_the_others()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Create,
            Answer.Ok($"[{CollectionsDriver.Saved("a")},{CollectionsDriver.Refused("UNABLE_TO_LOCK_ROW")},{CollectionsDriver.Saved("c")}]"),
            Answer.Ok($"[{CollectionsDriver.Saved("b")}]"));
        using var client = new Client(org);

        SaveOutcome outcome = await SaveAsync(client, SaveVerb.Create, Named(3));

        outcome.Results.Select(result => result.Id).ShouldBe(["a", "b", "c"]);
        org.Requests[1].Body.ShouldBe("""{"allOrNone":false,"records":[{"attributes":{"type":"Account"},"Name":"n1"}]}""");
    }

    [Fact]
    public async Task A_locked_create_whose_second_try_is_lost_is_in_doubt()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Create, Answer.Ok($"[{CollectionsDriver.Saved("a")},{CollectionsDriver.Refused("UNABLE_TO_LOCK_ROW")}]"), Answer.Dropped());
        using var client = new Client(org);

        SaveOutcome outcome = await SaveAsync(client, SaveVerb.Create, Named(2));

        outcome.Results.Select(result => (result.Success, result.InDoubt)).ShouldBe([(true, false), (false, true)]);
        outcome.Results[1].Errors.Single().Code.ShouldBe("UNABLE_TO_LOCK_ROW");
        org.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, true)]
    public async Task Locked_records_are_left_to_the_caller_without_retries_and_with_all_or_none(int retries, bool allOrNone)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Create, Answer.Ok(
            $"[{CollectionsDriver.Refused("UNABLE_TO_LOCK_ROW")},{CollectionsDriver.Refused("ALL_OR_NONE_OPERATION_ROLLED_BACK")}]"));
        using var client = new Client(org, Client.Patient with { Retries = retries });

        SaveOutcome outcome = await SaveAsync(client, SaveVerb.Create, Named(2), allOrNone);

        outcome.Results.ShouldAllBe(result => result.Class!.Remedy is Remedy.Retry);
        org.Requests.Single().Body.ShouldStartWith($$"""{"allOrNone":{{(allOrNone ? "true" : "false")}},""");
    }

    [Fact]
    public async Task An_update_gets_its_type_and_its_id_spelled_as_collections_want_them()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Update, CollectionsDriver.SaveAll);
        using var client = new Client(org);

        SaveOutcome outcome = await SaveAsync(client, SaveVerb.Update,
        [
            Client.Json("""{ "Name" : "a" , "Id":"001", "attributes":{"type":"Old","url":"/x"}, "Amount__c":1.50, "Note__c":null }"""),
            Client.Json("""{"ID":"002","Account__r":{"Id":"kept","Ext__c":"A1"},"Text__c":"é😀\u00e9\\"}"""),
        ]);

        org.Requests.Single().Body.ShouldBe(
            """{"allOrNone":false,"records":[{"attributes":{"type":"Account"},"Name":"a","id":"001","Amount__c":1.50,"Note__c":null},"""
            + """{"attributes":{"type":"Account"},"id":"002","Account__r":{"Id":"kept","Ext__c":"A1"},"Text__c":"é😀\u00e9\\"}]}""");
        outcome.Results.ShouldAllBe(result => result.Success && !result.Created);
    }

    [Fact]
    public async Task A_refused_update_still_says_which_record_it_was()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Update, Answer.Ok($"[{CollectionsDriver.Refused("ENTITY_IS_DELETED")},{CollectionsDriver.Saved("002")}]"));
        using var client = new Client(org);

        SaveOutcome outcome = await SaveAsync(client, SaveVerb.Update, [Client.Json("""{"Id":"001"}"""), Client.Json("""{"Id":"002"}""")]);

        outcome.Results.Select(result => (result.Id, result.Success)).ShouldBe([("001", false), ("002", true)]);
    }

    [Fact]
    public async Task An_upsert_names_its_field_in_the_path_and_tells_what_was_created()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("PATCH composite/sobjects/Account/Ext__c",
            Answer.Ok("""[{"id":"1","success":true,"created":true,"errors":[]},{"id":"2","success":true,"created":false,"errors":[]}]"""));
        using var client = new Client(org);

        SaveOutcome outcome = await SaveAsync(client, SaveVerb.Upsert, [Client.Json("""{"Ext__c":"a"}"""), Client.Json("""{"Ext__c":"b"}""")]);

        outcome.Results.Select(result => (result.Id, result.Created)).ShouldBe([("1", true), ("2", false)]);
    }

    [Fact]
    public async Task A_delete_of_many_goes_by_ids_and_what_is_gone_is_deleted()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("DELETE composite/sobjects",
            Answer.Ok($"[{CollectionsDriver.Saved("001")},{CollectionsDriver.Refused("ENTITY_IS_DELETED")},{CollectionsDriver.Refused("MALFORMED_ID")}]"));
        using var client = new Client(org);

        SaveOutcome outcome = await client.Rest.DeleteRecordsAsync("Account", ["001", "002", "003"], Ct);

        org.Requests.Single().Target.ShouldBe("/services/data/v62.0/composite/sobjects?ids=001,002,003&allOrNone=false");
        outcome.Results.Select(result => (result.Id, result.Success)).ShouldBe([("001", true), ("002", true), ("003", false)]);
    }

    [Theory]
    [InlineData("", "MISSING_ARGUMENT")]
    [InlineData(" ", "MALFORMED_ID")]
    [InlineData("004,005", "MALFORMED_ID")]
    [InlineData("0&allOrNone=true", "MALFORMED_ID")]
    public async Task A_delete_of_what_cannot_stand_in_a_list_of_ids_fails_alone(string id, string code)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("DELETE composite/sobjects", Answer.Ok($"[{CollectionsDriver.Saved("001")},{CollectionsDriver.Saved("003")}]"));
        using var client = new Client(org);

        SaveOutcome outcome = await client.Rest.DeleteRecordsAsync("Account", ["001", id, "003"], Ct);

        outcome.Failure.ShouldBeNull();
        outcome.Results.Select(result => (result.Id, result.Success)).ShouldBe([("001", true), (id, false), ("003", true)]);
        outcome.Results[1].Errors.Single().Code.ShouldBe(code);
        org.Requests.Single().Target.ShouldBe("/services/data/v62.0/composite/sobjects?ids=001,003&allOrNone=false");
    }

    [Fact]
    public async Task A_delete_without_an_id_fails_alone()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("DELETE composite/sobjects", Answer.Ok($"[{CollectionsDriver.Saved("001")},{CollectionsDriver.Saved("003")}]"));
        using var client = new Client(org);

        SaveOutcome outcome = await SaveAsync(client, SaveVerb.Delete,
            [Client.Json("""{"Id":"001"}"""), Client.Json("""{"Id":null}"""), Client.Json("""{"Id":"003"}""")]);

        outcome.Results.Select(result => result.Id).ShouldBe(["001", null, "003"]);
        outcome.Results[1].Errors.Single().Code.ShouldBe("MISSING_ARGUMENT");
        outcome.Results[1].Class!.Blame.ShouldBe(Blame.Message);
    }

    [Fact]
    public async Task All_or_none_deletes_none_when_an_id_is_missing()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("DELETE composite/sobjects", Answer.Ok($"[{CollectionsDriver.Saved("001")}]"));
        using var client = new Client(org);

        SaveOutcome outcome = await SaveAsync(client, SaveVerb.Delete,
            [Client.Json("""{"Id":"001"}"""), Client.Json("""{"Id":null}""")], allOrNone: true);

        outcome.Results.Select(result => (result.Id, result.Success, result.Errors[0].Code)).ShouldBe(
            [("001", false, "ALL_OR_NONE_OPERATION_ROLLED_BACK"), (null, false, "MISSING_ARGUMENT")]);
        org.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(SaveVerb.Create)]
    [InlineData(SaveVerb.Update)]
    [InlineData(SaveVerb.Upsert)]
    [InlineData(SaveVerb.Delete)]
    public async Task All_or_none_tells_the_guilty_from_those_it_undid(SaveVerb verb)
    {
        string answer = $"[{CollectionsDriver.Refused("ALL_OR_NONE_OPERATION_ROLLED_BACK")},{CollectionsDriver.Refused("STRING_TOO_LONG")}]";
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Create, Answer.Ok(answer)).On(Update, Answer.Ok(answer)).On("PATCH composite/sobjects/Account/Ext__c", Answer.Ok(answer))
            .On("DELETE composite/sobjects", Answer.Ok(answer));
        using var client = new Client(org);

        SaveOutcome outcome = await SaveAsync(client, verb,
            [Client.Json("""{"Id":"001","Ext__c":"a"}"""), Client.Json("""{"Id":"002","Ext__c":"b"}""")], allOrNone: true);

        Received sent = org.Requests.Single();
        (sent.Target + sent.Body).ShouldContain(verb is SaveVerb.Delete ? "allOrNone=true" : "\"allOrNone\":true");
        outcome.Results.Select(result => result.Success).ShouldBe([false, false]);
        outcome.Results.Select(result => result.Class!.Remedy is Remedy.Retry).ShouldBe([true, false]);
    }

    [Fact]
    public async Task Dictionaries_are_saved_all_or_none_like_bytes()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Create, CollectionsDriver.SaveAll);
        using var client = new Client(org);
        RecordJson[] records = [new Dictionary<string, object?> { ["Name"] = "a" }, new Dictionary<string, object?> { ["Name"] = "b" }];

        SaveOutcome outcome = await client.Rest.SaveAsync(SaveVerb.Create, "Account", null, records, allOrNone: true, Ct);

        outcome.Results.Count.ShouldBe(2);
        org.Requests.Single().Body.ShouldBe(
            """{"allOrNone":true,"records":[{"attributes":{"type":"Account"},"Name":"a"},{"attributes":{"type":"Account"},"Name":"b"}]}""");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":1} {}")]
    [InlineData("")]
    public async Task What_is_no_record_is_not_sent(string json)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var client = new Client(org);

        await Should.ThrowAsync<JsonException>(SaveAsync(client, SaveVerb.Create, [Client.Json(json), Client.Json("{}")]));

        org.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_to_save_calls_nobody()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var client = new Client(org);

        (await SaveAsync(client, SaveVerb.Create, [])).Results.ShouldBeEmpty();

        org.Requests.ShouldBeEmpty();
    }

    private static ReadOnlyMemory<byte>[] Named(int count) =>
        [.. Enumerable.Range(0, count).Select(i => Client.Json(new JsonObject { ["Name"] = $"n{i}" }.ToJsonString()))];

    private static Task<SaveOutcome> SaveAsync(
        Client client, SaveVerb verb, IReadOnlyList<ReadOnlyMemory<byte>> records, bool allOrNone = false) =>
        client.Rest.SaveAsync(verb, "Account", verb is SaveVerb.Upsert ? "Ext__c" : null, records, allOrNone, Ct);
}
