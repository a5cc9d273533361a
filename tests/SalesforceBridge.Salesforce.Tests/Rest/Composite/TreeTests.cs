using System.Net;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Rest.Composite;
using SalesforceBridge.Salesforce.Tests.Drivers;
using static SalesforceBridge.Salesforce.Tests.Drivers.CompositeDriver;

namespace SalesforceBridge.Salesforce.Tests.Rest.Composite;

public sealed class TreeTests
{
    private const string Tree = "POST composite/tree/Account";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_are_sent_with_their_children_and_each_has_its_id()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Tree, new Answer(201, """{"hasErrors":false,"results":[{"referenceId":"a","id":"001"},{"referenceId":"b","id":"003"},{"referenceId":"c","id":"002"}]}"""));
        using var client = new Client(org);

        TreeOutcome outcome = await client.Rest.CreateMultipleAsync("Account", AccountWithContact(), Ct);

        org.Requests.Single().Body.ShouldBe(
            """{"records":[{"attributes":{"type":"Account","referenceId":"a"},"Name":"A","Contacts":{"records":["""
            + """{"attributes":{"type":"Contact","referenceId":"b"},"LastName":"é😀"}]}},{"attributes":{"type":"Account","referenceId":"c"}}]}""");
        (outcome.Success, outcome.Status).ShouldBe((true, HttpStatusCode.Created));
        outcome.Results.Select(each => (each.Key, each.Value.Id, each.Value.Created)).ShouldBe([("a", "001", true), ("b", "003", true), ("c", "002", true)]);
        outcome.Results.Values.ShouldAllBe(result => result.Status == HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_refused_tree_is_an_answer_that_tells_the_guilty_from_the_others()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Tree, new Answer(400, """
            {"hasErrors":true,"results":[{"referenceId":"b","errors":[{"statusCode":"INVALID_EMAIL_ADDRESS","message":"Email: invalid","fields":["Email"]}]}]}
            """));
        using var client = new Client(org);

        TreeOutcome outcome = await client.Rest.CreateMultipleAsync("Account", AccountWithContact(), Ct);

        (outcome.Success, outcome.Status).ShouldBe((false, HttpStatusCode.BadRequest));
        outcome.Results.Keys.ShouldBe(["a", "b", "c"], ignoreOrder: true);
        SalesforceError error = outcome.Results["b"].Errors.Single();
        (error.Code, error.Status, error.Fields.Single()).ShouldBe(("INVALID_EMAIL_ADDRESS", HttpStatusCode.BadRequest, "Email"));
        outcome.Results["a"].Class.ShouldBe(new ErrorClass(new Remedy.Retry(), Blame.Message));
        outcome.Results["b"].Class.ShouldBe(new ErrorClass(new Remedy.GiveUp(), Blame.Message));
        org.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("""[{"errorCode":"JSON_PARSER_ERROR","message":"no"}]""", "JSON_PARSER_ERROR")]
    [InlineData("""{"hasErrors":true,"results":[{"referenceId":"","errors":[{"statusCode":"INVALID_INPUT","message":"no","fields":[]}]}]}""", "INVALID_INPUT")]
    [InlineData("""{"hasErrors":true,"results":[]}""", "HTTP_400")]
    [InlineData("""{"hasErrors":true,"results":[{"referenceId":"a","errors":[]}]}""", "HTTP_400")]
    [InlineData("<html></html>", "HTTP_400")]
    [InlineData("", "HTTP_400")]
    public async Task A_refusal_that_names_no_record_is_one_of_the_whole(string body, string code)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Tree, new Answer(400, body));
        using var client = new Client(org);

        SalesforceException refusal = await Should.ThrowAsync<SalesforceException>(client.Rest.CreateMultipleAsync("Account", AccountWithContact(), Ct));

        (refusal.Code, refusal.Status, refusal.InDoubt).ShouldBe((code, HttpStatusCode.BadRequest, false));
        org.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"hasErrors":false,"results":[{"referenceId":"a","id":"001"}]}""")]
    [InlineData("""{"hasErrors":false,"results":[{"referenceId":"a","id":"1"},{"referenceId":"b","id":"2"},{"referenceId":"b","id":"3"}]}""")]
    [InlineData("""{"hasErrors":false,"results":[{"referenceId":"a","id":"1"},{"referenceId":"b","id":"2"},{"referenceId":"c"}]}""")]
    [InlineData("<html></html>")]
    [InlineData("")]
    public async Task An_answer_that_does_not_tell_of_every_record_is_none(string body)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Tree, new Answer(201, body));
        using var client = new Client(org);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.CreateMultipleAsync("Account", AccountWithContact(), Ct));

        (failure.Code, failure.InDoubt).ShouldBe((OwnCodes.UnusableReply, true));
        org.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Two_records_with_one_name_are_a_mistake_of_the_caller()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var client = new Client(org);

        await Should.ThrowAsync<ArgumentException>(client.Rest.CreateMultipleAsync("Account", [new TreeRecord("a", Named("A")), new TreeRecord("a", Named("B"))], Ct));

        org.Requests.ShouldBeEmpty();
    }

    private static TreeRecord[] AccountWithContact() =>
    [
        new TreeRecord("a", new RecordJson(Client.Json("""{"attributes":{"type":"Old"},"Name":"A"}""")))
        {
            Children = [new TreeChildren("Contacts", "Contact", [new TreeRecord("b", new RecordJson(Client.Json("""{"LastName":"é😀"}""")))])],
        },
        new TreeRecord("c", new RecordJson(Client.Json("{}"))),
    ];
}
