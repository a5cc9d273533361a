using System.Net;
using System.Text.Json;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest.Composite;
using SalesforceBridge.Salesforce.Tests.Drivers;
using static SalesforceBridge.Salesforce.Tests.Drivers.CompositeDriver;

namespace SalesforceBridge.Salesforce.Tests.Rest.Composite;

public sealed class CompositeTests
{
    private const string Root = "/services/data/v62.0";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Subrequests_of_every_verb_speak_of_each_other()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(CompositeRoute, Answer.Ok(Parts(
            Created("account", "001"), Created("r2", "003"), Part("r3", 204, "null"), Part("r4", 200, """{"Id":"003","AccountId":"001"}"""),
            Part("r5", 200, """{"id":"a00","success":true,"errors":[],"created":false}"""), Part("r6", 200, """{"totalSize":0,"done":true,"records":[]}"""),
            Part("r7", 204, "null"), Part("r8", 200, "[]"))));
        using var client = new Client(org);
        var request = new CompositeRequest { AllOrNone = true, CollateSubrequests = false };
        CompositeReference account = request.Add(Subrequest.Create("Account", Named("Acme")), "account");
        CompositeReference contact = request.Add(Subrequest.Create("Contact", new Dictionary<string, object?> { ["LastName"] = "Ann", ["AccountId"] = account.Id }));
        request.Add(Subrequest.Update("Contact", contact.Id, new Dictionary<string, object?> { ["Id"] = "003", ["Phone"] = null }));
        CompositeReference read = request.Add(Subrequest.Read("Contact", contact.Id, ["Id", "AccountId"]));
        request.Add(Subrequest.Upsert("Order__c", "External_Id__c", "A/1", new Dictionary<string, object?> { ["Account__c"] = read.At("AccountId"), ["external_id__C"] = "A/1" }));
        CompositeReference found = request.Add(Subrequest.Query("select Id from Order__c where Name = 'a&b+c'"));
        request.Add(Subrequest.Delete("Order__c", found.Id));
        request.Add(new Subrequest(HttpMethod.Post, "composite/sobjects/Account") { Body = Client.Json("""{"ids":[]}"""), Headers = new Dictionary<string, string> { ["X-A"] = "b" } });

        CompositeResult result = await client.Rest.ExecuteCompositeAsync(request, Ct);

        using var sent = JsonDocument.Parse(org.Requests.Single().Body);
        sent.RootElement.GetProperty("allOrNone").GetBoolean().ShouldBeTrue();
        sent.RootElement.GetProperty("collateSubrequests").GetBoolean().ShouldBeFalse();
        JsonElement[] parts = org.Requests.Single().Sent();
        parts.Select(part => $"{part.Text("method")} {part.Text("url")}").ShouldBe(
        [
            $"POST {Root}/sobjects/Account", $"POST {Root}/sobjects/Contact", $"PATCH {Root}/sobjects/Contact/@{{r2.id}}",
            $"GET {Root}/sobjects/Contact/@{{r2.id}}?fields=Id%2CAccountId", $"PATCH {Root}/sobjects/Order__c/External_Id__c/A%2F1",
            $"GET {Root}/query?q=select%20Id%20from%20Order__c%20where%20Name%20%3D%20%27a%26b%2Bc%27",
            $"DELETE {Root}/sobjects/Order__c/@{{r6.records[0].Id}}", $"POST {Root}/composite/sobjects/Account",
        ]);
        parts[1].GetProperty("body").GetRawText().ShouldBe("""{"LastName":"Ann","AccountId":"@{account.id}"}""");
        parts[2].GetProperty("body").GetRawText().ShouldBe("""{"Phone":null}""");
        parts[4].GetProperty("body").GetRawText().ShouldBe("""{"Account__c":"@{r4.AccountId}"}""");
        parts[7].GetProperty("httpHeaders").GetRawText().ShouldBe("""{"X-A":"b"}""");
        result.Success.ShouldBeTrue();
        result[account].Id.ShouldBe("001");
        result[account].Headers["location"].ShouldEndWith("/001");
        result.Results.Select(part => part.Id).ShouldBe(["001", "003", null, "003", "a00", null, null, null]);
        result[found].ReadPage(RowJson.Default.Row).TotalSize.ShouldBe(0);
    }

    [Theory]
    [InlineData("A/1")]
    [InlineData("a+b #1? 100% & 'é\"\\ [x]{y}|^`;,:@=<>")]
    [InlineData("😀 𝒳")]
    [InlineData("@{account.id}")]
    [InlineData("Acme.inc")]
    [InlineData("line\nend")]
    public async Task Every_character_of_an_id_arrives_and_is_no_reference(string value)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(CompositeRoute, Answer.Ok(Parts(Part("r1", 204, "null"), Part("r2", 204, "null"))));
        using var client = new Client(org);
        var request = new CompositeRequest();
        request.Add(Subrequest.Upsert("Account", "Ext__c", value, Named(value)));
        request.Add(Subrequest.Update("Account", value, Named(value)));

        await client.Rest.ExecuteCompositeAsync(request, Ct);

        JsonElement[] sent = org.Requests.Single().Sent();
        sent[0].Text("url").ShouldBe($"{Root}/sobjects/Account/Ext__c/{Uri.EscapeDataString(value)}");
        sent[1].Text("url").ShouldBe($"{Root}/sobjects/Account/{Uri.EscapeDataString(value)}");
        sent[0].Text("url")!.ShouldNotContain("@{");
        sent.ShouldAllBe(part => part.GetProperty("body").Text("Name") == value);
    }

    [Fact]
    public async Task Answers_come_in_the_order_asked_whatever_their_own()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(CompositeRoute, Answer.Ok(Parts(Created("r3", "3"), Created("r1", "1"), Created("r2", "2"))));
        using var client = new Client(org);

        CompositeResult result = await client.Rest.ExecuteCompositeAsync(Creates(3), Ct);

        result.Results.Select(part => part.Id).ShouldBe(["1", "2", "3"]);
    }

    [Fact]
    public async Task What_failed_keeps_its_status_and_is_told_apart_from_what_it_halted()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(CompositeRoute, Answer.Ok(Parts(
            Refused("r1", "UNABLE_TO_LOCK_ROW"), Refused("r2", "PROCESSING_HALTED", "Invalid reference specified. No value for r1.id found in r1"),
            Part("r3", 300, """["/services/data/v62.0/sobjects/Account/1","/services/data/v62.0/sobjects/Account/2"]"""),
            Refused("r4", "INVALID_FIELD"), Refused("r5", "NOT_FOUND", "The requested resource does not exist", 404), Part("r6", 503, "null"))));
        using var client = new Client(org);

        CompositeResult result = await client.Rest.ExecuteCompositeAsync(Creates(6), Ct);

        result.Success.ShouldBeFalse();
        result.Results.Select(part => (int)part.Status).ShouldBe([400, 400, 300, 400, 404, 503]);
        result.Results.Select(part => part.Errors[0].Code).ShouldBe(
            ["UNABLE_TO_LOCK_ROW", "PROCESSING_HALTED", OwnCodes.MultipleChoices, "INVALID_FIELD", "NOT_FOUND", "HTTP_503"]);
        result.Results.Select(part => part.IsHalted).ShouldBe([false, true, false, false, false, false]);
        result.Results.Select(part => part.Class!.Blame).ShouldBe([Blame.Message, Blame.Message, Blame.Message, Blame.Lane, Blame.Message, Blame.Org]);
        result.Results.ShouldAllBe(part => part.Errors[0].Status == part.Status);
        result.Results[0].Class!.Remedy.ShouldBeOfType<Remedy.Retry>();
        SalesforceException refusal = Should.Throw<SalesforceException>(() => result.Results[4].Read(RowJson.Default.Row));
        (refusal.Code, refusal.Status).ShouldBe(("NOT_FOUND", HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task What_is_deleted_already_counts_as_deleted()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(CompositeRoute, Answer.Ok(Parts(Refused("r1", "ENTITY_IS_DELETED", "entity is deleted", 404), Refused("r2", "ENTITY_IS_DELETED", "entity is deleted", 404))));
        using var client = new Client(org);
        var request = new CompositeRequest();
        request.Add(Subrequest.Delete("Account", "001"));
        request.Add(Subrequest.Read("Account", "001"));

        CompositeResult result = await client.Rest.ExecuteCompositeAsync(request, Ct);

        result.Results.Select(part => (part.Success, part.Status)).ShouldBe([(true, HttpStatusCode.NotFound), (false, HttpStatusCode.NotFound)]);
    }

    [Theory]
    [InlineData("""{"compositeResponse":[]}""")]
    [InlineData("""{"compositeResponse":{}}""")]
    [InlineData("""{"compositeResponse":[null,null]}""")]
    [InlineData("""{}""")]
    [InlineData("""[]""")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("""{"compositeResponse":[{"body":null,"httpStatusCode":204,"referenceId":"r1"}]}""")]
    [InlineData("""{"compositeResponse":[{"body":null,"httpStatusCode":204,"referenceId":"r1"},{"body":null,"httpStatusCode":204,"referenceId":"r1"}]}""")]
    [InlineData("""{"compositeResponse":[{"body":null,"httpStatusCode":204,"referenceId":"r1"},{"body":null,"httpStatusCode":204,"referenceId":"r3"}]}""")]
    [InlineData("""{"compositeResponse":[{"body":null,"httpStatusCode":204,"referenceId":"r1"},{"body":null,"httpStatusCode":204,"referenceId":null}]}""")]
    [InlineData("""{"compositeResponse":[{"body":null,"httpStatusCode":204,"referenceId":"r1"},{"body":[],"httpStatusCode":400,"referenceId":null}]}""")]
    [InlineData("""{"compositeResponse":[{"body":null,"httpStatusCode":204,"referenceId":"r1"},{"body":null,"httpStatusCode":"204","referenceId":"r2"}]}""")]
    [InlineData("""{"compositeResponse":[{"body":null,"httpStatusCode":204,"referenceId":"r1"},{"httpStatusCode":204,"referenceId":"r2"}]}""")]
    [InlineData("""{"compositeResponse":[{"body":null,"httpStatusCode":204,"referenceId":"\ud800"},{"body":null,"httpStatusCode":204,"referenceId":"r2"}]}""")]
    [InlineData("<!DOCTYPE html><html><body>Down for maintenance</body></html>")]
    public async Task An_answer_that_does_not_tell_of_every_subrequest_is_none(string body)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(CompositeRoute, Answer.Ok(body));
        using var client = new Client(org);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.ExecuteCompositeAsync(Creates(2), Ct));

        (failure.Code, failure.Status, failure.InDoubt).ShouldBe((OwnCodes.UnusableReply, HttpStatusCode.OK, true));
        org.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("text/plain")]
    [InlineData("application/octet-stream")]
    public async Task A_whole_answer_under_a_wrong_content_type_is_not_lost(string contentType)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(CompositeRoute, Answer.Ok(Parts(Created("r1", "001"))) with { ContentType = contentType });
        using var client = new Client(org);

        (await client.Rest.ExecuteCompositeAsync(Creates(1), Ct)).Results.Single().Id.ShouldBe("001");
    }

    [Fact]
    public async Task More_than_the_org_takes_is_refused_as_a_whole_and_would_be_again()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(CompositeRoute, Answer.Ok("""
            {"compositeResponse":[{"body":[{"errorCode":"LIMIT_EXCEEDED","message":"The request can’t contain more than 25 operations."}],
             "httpHeaders":{},"httpStatusCode":400,"referenceId":null}]}
            """));
        using var client = new Client(org);

        SalesforceException refusal = await Should.ThrowAsync<SalesforceException>(client.Rest.ExecuteCompositeAsync(Creates(26), Ct));

        (refusal.Code, refusal.Status, refusal.InDoubt).ShouldBe(("LIMIT_EXCEEDED", HttpStatusCode.BadRequest, false));
        refusal.Class.ShouldBe(new ErrorClass(new Remedy.GiveUp(), Blame.Message));
        org.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_refusal_of_the_whole_is_an_exception()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(CompositeRoute, Answer.Error(400, "INVALID_INPUT", "Provided referenceId ('x') must start with a letter"));
        using var client = new Client(org);

        (await Should.ThrowAsync<SalesforceException>(client.Rest.ExecuteCompositeAsync(Creates(1), Ct))).Code.ShouldBe("INVALID_INPUT");
    }

    [Fact]
    public async Task A_composite_with_a_create_whose_answer_is_lost_is_in_doubt()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(CompositeRoute, Answer.Dropped());
        using var client = new Client(org);
        CompositeRequest request = Changes(allOrNone: false);
        request.Add(Subrequest.Create("Account", Named("A")));

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.ExecuteCompositeAsync(request, Ct));

        (failure.Code, failure.InDoubt).ShouldBe((OwnCodes.NoReply, true));
        org.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_composite_without_a_create_whose_answer_is_lost_is_sent_again(bool isHtml)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(CompositeRoute, isHtml ? Answer.Html(200) : Answer.Dropped(), Answer.Ok(Parts(Part("r1", 204, "null"), Part("r2", 201, "{}"), Part("r3", 204, "null"))));
        using var client = new Client(org);

        (await client.Rest.ExecuteCompositeAsync(Changes(allOrNone: false), Ct)).Success.ShouldBeTrue();

        org.Requests.Count.ShouldBe(2);
        org.Requests[1].Body.ShouldBe(org.Requests[0].Body);
    }

    [Fact]
    public async Task All_or_none_with_a_delete_is_not_sent_again_since_the_delete_would_undo_the_answer()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(CompositeRoute, Answer.Dropped());
        using var client = new Client(org);

        (await Should.ThrowAsync<SalesforceException>(client.Rest.ExecuteCompositeAsync(Changes(allOrNone: true), Ct))).InDoubt.ShouldBeTrue();

        org.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Nothing_to_do_calls_nobody()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var client = new Client(org);

        (await client.Rest.ExecuteCompositeAsync(new CompositeRequest(), Ct)).Results.ShouldBeEmpty();
        (await client.Rest.ExecuteGraphAsync([], Ct)).ShouldBeEmpty();
        (await client.Rest.ExecuteBatchAsync([], haltOnError: true, Ct)).ShouldBeEmpty();
        (await client.Rest.CreateMultipleAsync("Account", [], Ct)).Results.ShouldBeEmpty();

        org.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("a-b")]
    [InlineData("_a")]
    [InlineData("ä")]
    [InlineData("a\n")]
    [InlineData("r1")]
    public void A_name_that_the_org_does_not_take_is_refused_before(string referenceId)
    {
        CompositeRequest request = Creates(1);

        Should.Throw<ArgumentException>(() => request.Add(Subrequest.Delete("Account", "001"), referenceId));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    public void An_id_that_no_path_can_hold_is_refused_before(string id)
    {
        Should.Throw<ArgumentException>(() => Subrequest.Delete("Account", id));
        Should.Throw<ArgumentException>(() => Subrequest.Read("Account", default));
        Should.Throw<ArgumentException>(() => Subrequest.Upsert("Account", "Ext__c", id, Named("A")));
    }

    private static CompositeRequest Creates(int count)
    {
        var request = new CompositeRequest();
        for (int i = 0; i < count; i++)
            request.Add(Subrequest.Create("Account", Named($"A{i}")));
        return request;
    }

    private static CompositeRequest Changes(bool allOrNone)
    {
        var request = new CompositeRequest { AllOrNone = allOrNone };
        request.Add(Subrequest.Update("Account", "001", Named("A")));
        request.Add(Subrequest.Upsert("Account", "Ext__c", "x", Named("B")));
        request.Add(Subrequest.Delete("Account", "002"));
        return request;
    }
}
