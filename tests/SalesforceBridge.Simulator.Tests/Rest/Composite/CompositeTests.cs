using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;
using static SalesforceBridge.Simulator.Tests.Drivers.CompositeDriver;

namespace SalesforceBridge.Simulator.Tests.Rest.Composite;

public sealed class CompositeTests
{
    private const string RolledBack = "The transaction was rolled back since another operation in the same transaction failed.";

    [Fact]
    public async Task Subrequests_of_every_verb_speak_of_what_earlier_ones_answered()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.CompositeAsync(false,
            Sub("POST", "sobjects/Account", "account", new { Name = "Acme" }),
            Sub("POST", "sobjects/Contact/", "contact", new { LastName = "Ann", AccountId = "@{account.id}", FirstName = "of @{account.id}" }),
            Sub("PATCH", "sobjects/Contact/@{contact.id}", "changed", new { Phone = "1" }),
            Sub("GET", "sobjects/Contact/@{contact.id}?fields=AccountId,Phone", "read"),
            Sub("PATCH", "sobjects/Order__c/External_Id__c/A%2F1%20%F0%9F%98%80", "order", new { Account__c = "@{read.AccountId}", Note__c = "@{read.Phone}" }),
            Sub("GET", "query?q=select+Id,Account__c+from+Order__c", "found"),
            Sub("DELETE", "sobjects/Order__c/@{found.records[0].Id}", "deleted"));

        answer.Status.ShouldBe(200);
        JsonElement[] parts = answer.Parts();
        parts.Select(part => part.Status()).ShouldBe([201, 201, 204, 200, 201, 200, 204]);
        parts.Select(part => part.GetProperty("referenceId").GetString()).ShouldBe(["account", "contact", "changed", "read", "order", "found", "deleted"]);
        string account = parts[0].Id()!;
        parts[0].GetProperty("httpHeaders").GetProperty("Location").GetString().ShouldBe($"{OrgDriver.Root}/sobjects/Account/{account}");
        parts[2].Body().ValueKind.ShouldBe(JsonValueKind.Null);
        parts[5].Body().GetProperty("records")[0].GetProperty("Account__c").GetString().ShouldBe(account);
        JsonElement contact = driver.Org.Read("Contact", parts[1].Id()!)!.Value;
        contact.GetProperty("FirstName").GetString().ShouldBe($"of {account}");
        driver.Org.Query("select Id from Order__c").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("A/1")]
    [InlineData("a+b #1? 100% & 'é\"\\ [x]{y}|^`;,:@=<>")]
    [InlineData("😀 𝒳")]
    public async Task An_external_id_of_any_characters_arrives_in_urls_and_bodies(string value)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.CompositeAsync(true,
            Sub("PATCH", $"sobjects/Account/External_Id__c/{Uri.EscapeDataString(value)}", "a", new { Name = "A" }),
            Sub("GET", $"sobjects/Account/External_Id__c/{Uri.EscapeDataString(value)}", "b"),
            Sub("POST", "sobjects/Order__c", "c", new { Account__r = new { External_Id__c = value } }));

        answer.Parts().Select(part => part.Status()).ShouldBe([201, 200, 201]);
        answer.Parts()[1].Body().GetProperty("External_Id__c").GetString().ShouldBe(value);
    }

    [Fact]
    public async Task What_fails_halts_those_that_speak_of_it_and_no_others()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.CompositeAsync(false,
            Sub("POST", "sobjects/Account", "refA", new { }),
            Sub("POST", "sobjects/Contact", "refC", new { LastName = "Ann", AccountId = "@{refA.id}" }),
            Sub("POST", "sobjects/Account", "refB", new { Name = "B" }));

        JsonElement[] parts = answer.Parts();
        parts.Select(part => part.Status()).ShouldBe([400, 400, 201]);
        (parts[0].Code(), parts[1].Code()).ShouldBe(("REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"));
        parts[1].Message().ShouldBe("Invalid reference specified. No value for refA.id found in refA");
        driver.Org.Query("select Id from Account").Count.ShouldBe(1);
        driver.Org.Query("select Id from Contact").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("@{nobody.id}", "nobody.id found in nobody")]
    [InlineData("@{refA.nope}", "refA.nope found in refA")]
    [InlineData("@{refA.errors[0].message}", "refA.errors[0].message found in refA")]
    [InlineData("@{refA.errors}", "refA.errors found in refA")]
    public async Task A_reference_to_what_does_not_exist_halts(string reference, string told)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.CompositeAsync(false,
            Sub("POST", "sobjects/Account", "refA", new { Name = "A" }), Sub("GET", $"sobjects/Account/{reference}", "refB"));

        (answer.Parts()[1].Code(), answer.Parts()[1].Message()).ShouldBe(("PROCESSING_HALTED", $"Invalid reference specified. No value for {told}"));
    }

    [Fact]
    public async Task A_reference_to_a_field_without_a_value_gives_none()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string account = driver.Org.Create("Account", new { Name = "A" });

        Answer answer = await driver.CompositeAsync(false,
            Sub("GET", $"sobjects/Account/{account}", "a"), Sub("POST", "sobjects/Contact", "c", new { LastName = "Ann", Phone = "@{a.Phone}" }));

        driver.Org.Read("Contact", answer.Parts()[1].Id()!)!.Value.GetProperty("Phone").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task All_or_none_keeps_none_and_nobody_hears_of_it()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string kept = driver.Org.Create("Account", new { Name = "Kept" });
        using var stream = new BayeuxDriver(driver);
        await stream.HandshakeAsync();
        await stream.SubscribeAsync("/data/AccountChangeEvent");

        Answer answer = await driver.CompositeAsync(true,
            Sub("POST", "sobjects/Account", "a", new { Name = "A" }),
            Sub("POST", "sobjects/Order_Placed__e", "e", new { Amount__c = 1 }),
            Sub("DELETE", $"sobjects/Account/{kept}", "d"),
            Sub("POST", "sobjects/Contact", "c", new { }),
            Sub("POST", "sobjects/Account", "b", new { Name = "B" }));

        answer.Parts().Select(part => part.Status()).ShouldAllBe(status => status == 400);
        answer.Parts().Select(part => part.Code()).ShouldBe(
            ["PROCESSING_HALTED", "PROCESSING_HALTED", "PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]);
        answer.Parts()[0].Message().ShouldBe(RolledBack);
        driver.Org.Query("select Name from Account").Single().GetProperty("Name").GetString().ShouldBe("Kept");
        driver.Org.Ledger.EventCount.ShouldBe(0);
        driver.Org.Ledger.Writes.ShouldAllBe(write => write.Error != null);

        driver.Org.Create("Account", new { Name = "Next" });
        (await stream.ReceiveAsync(1))[0].Payload().GetProperty("Name").GetString().ShouldBe("Next");
    }

    [Fact]
    public async Task Triggers_tell_of_what_stays_and_not_of_what_was_undone()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Accepted);
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions
        {
            RulesYaml = """
                apexTriggers:
                  - { name: Rule, object: Contact, on: [insert] }
                """,
        });
        driver.Org.PointRule("Rule", receiver.Url);
        object bad = Sub("POST", "sobjects/Account", "bad", new { });

        await driver.CompositeAsync(true, Sub("POST", "sobjects/Contact", "undone", new { LastName = "Undone" }), bad);
        Answer kept = await driver.CompositeAsync(false, Sub("POST", "sobjects/Contact", "kept", new { LastName = "Kept" }), bad);

        (await driver.Org.WhenEndedAsync(1)).Single().RecordIds.ShouldBe([kept.Parts()[0].Id()!]);
    }

    [Fact]
    public async Task All_or_none_is_one_transaction()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var stream = new BayeuxDriver(driver);
        await stream.HandshakeAsync();
        await stream.SubscribeAsync("/data/AccountChangeEvent");

        await driver.CompositeAsync(true,
            Sub("POST", "sobjects/Account", "a", new { Name = "A" }), Sub("PATCH", "sobjects/Account/@{a.id}", "b", new { Phone = "1" }));

        JsonElement[] headers = [.. (await stream.ReceiveAsync(2)).Select(change => change.Payload().GetProperty("ChangeEventHeader"))];
        headers.Select(header => header.GetProperty("sequenceNumber").GetInt32()).ShouldBe([1, 2]);
        headers.Select(header => header.GetProperty("transactionKey").GetString()).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task All_or_none_makes_its_collections_all_or_none()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        object records = new { allOrNone = false, records = new object[] { Account("A"), Account(null) } };

        Answer outer = await driver.CompositeAsync(true,
            Sub("POST", "sobjects/Account", "a", new { Name = "B" }), Sub("POST", "composite/sobjects", "many", records));
        Answer alone = await driver.CompositeAsync(false, Sub("POST", "composite/sobjects", "many", records));

        outer.Parts().Select(part => part.Status()).ShouldBe([400, 200]);
        outer.Parts()[1].Body().EnumerateArray().Select(item => item.GetProperty("errors")[0].GetProperty("statusCode").GetString())
            .ShouldBe(["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]);
        alone.Parts()[0].Body().EnumerateArray().Select(item => item.GetProperty("success").GetBoolean()).ShouldBe([true, false]);
        driver.Org.Query("select Name from Account").Single().GetProperty("Name").GetString().ShouldBe("A");
    }

    [Fact]
    public async Task A_collection_that_is_refused_as_a_whole_leaves_nothing()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        object unknownField = new Dictionary<string, object> { ["attributes"] = new { type = "Account" }, ["Name"] = "B", ["Nope__c"] = 1 };

        Answer answer = await driver.CompositeAsync(false, Sub("POST", "composite/sobjects", "many", new { records = new[] { Account("A"), unknownField } }));

        answer.Parts()[0].Code().ShouldBe("INVALID_FIELD");
        driver.Org.Query("select Id from Account").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_composite_is_one_call_whatever_it_holds()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.CompositeAsync(false, [.. Enumerable.Range(0, 25).Select(number => Sub("POST", "sobjects/Account", $"a{number}", new { Name = "A" }))]);

        answer.Headers.GetValues("Sforce-Limit-Info").Single().ShouldStartWith("api-usage=1/");
        driver.Org.Ledger.Count(ApiCallKind.Composite).ShouldBe(1);
        driver.Org.Ledger.Writes.Count.ShouldBe(25);
    }

    [Fact]
    public async Task A_query_takes_its_page_size_from_the_headers_of_its_subrequest()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Change(transaction => Enumerable.Range(0, 300).Select(number => transaction.Create("Account", new { Name = $"A{number}" })).ToArray());

        Answer answer = await driver.CompositeAsync(false, Sub("GET", "queryAll/?q=select+Id+from+Account", "q", headers: new Dictionary<string, string>
        {
            ["Sforce-Query-Options"] = "batchSize=200",
        }));

        JsonElement page = answer.Parts()[0].Body();
        page.GetProperty("records").GetArrayLength().ShouldBe(200);
        (await driver.GetAsync(page.GetProperty("nextRecordsUrl").GetString()!)).Json.GetProperty("records").GetArrayLength().ShouldBe(100);
    }

    [Theory]
    [InlineData(26, "sobjects/Account/001000000000001")]
    [InlineData(6, "query?q=select+Id+from+Account")]
    [InlineData(6, "composite/sobjects/Account?ids=001000000000001&fields=Name")]
    public async Task More_than_the_limit_is_refused_by_an_answer_of_no_subrequest(int count, string path)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.CompositeAsync(false, [.. Enumerable.Range(0, count).Select(number => Sub("GET", path, $"r{number}"))]);

        JsonElement only = answer.Parts().Single();
        (answer.Status, only.Status(), only.Code()).ShouldBe((200, 400, "LIMIT_EXCEEDED"));
        only.GetProperty("referenceId").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("""{}""", "JSON_PARSER_ERROR")]
    [InlineData("""[]""", "JSON_PARSER_ERROR")]
    [InlineData("""{"compositeRequest":[{}]}""", "JSON_PARSER_ERROR")]
    [InlineData("""{"compositeRequest":[1]}""", "JSON_PARSER_ERROR")]
    [InlineData("""{"compositeRequest":[{"method":"GET","url":"/services/data/v62.0/sobjects"}]}""", "JSON_PARSER_ERROR")]
    [InlineData("""{"compositeRequest":[{"method":"GET","url":"/services/data/v62.0/sobjects","referenceId":"a-b"}]}""", "INVALID_INPUT")]
    [InlineData("""{"compositeRequest":[{"method":"PUT","url":"/services/data/v62.0/sobjects","referenceId":"a"}]}""", "INVALID_INPUT")]
    [InlineData("""{"compositeRequest":[{"method":"GET","url":"/x","referenceId":"a"},{"method":"GET","url":"/x","referenceId":"a"}]}""", "INVALID_INPUT")]
    [InlineData("""{"compositeRequest":[{"method":"GET","url":"/x","referenceId":"a","httpHeaders":{"authorization":"x"}}]}""", "INVALID_INPUT")]
    public async Task What_cannot_be_read_is_refused_as_a_whole(string body, string code)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.PostAsync("composite", body);

        (answer.Status, answer.ErrorCode).ShouldBe((400, code));
    }

    [Theory]
    [InlineData("GET", "/services/data/v62.0/nope", 404, "NOT_FOUND")]
    [InlineData("GET", "/services/data/v62.0/search?q=x", 404, "NOT_FOUND")]
    [InlineData("GET", "/services/data/v20.0/sobjects/Account/1", 410, "GONE")]
    [InlineData("GET", "/services/data/v62.0/limits", 404, "NOT_FOUND")]
    [InlineData("GET", "/services/apexrest/x", 404, "NOT_FOUND")]
    [InlineData("GET", "nope", 404, "NOT_FOUND")]
    [InlineData("POST", "/services/data/v62.0/query?q=x", 405, "METHOD_NOT_ALLOWED")]
    [InlineData("POST", "/services/data/v62.0/sobjects/Nope__c", 404, "NOT_FOUND")]
    [InlineData("POST", "/services/data/v62.0/sobjects/Account", 400, "JSON_PARSER_ERROR")]
    public async Task A_subrequest_that_no_resource_answers_fails_alone(string method, string url, int status, string code)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.PostAsync("composite", new { compositeRequest = new[] { new { method, url, referenceId = "a" } } });

        (answer.Parts()[0].Status(), answer.Parts()[0].Code()).ShouldBe((status, code));
    }

    [Fact]
    public async Task An_ambiguous_external_id_lists_the_records()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Create("Contact", new { LastName = "A", Badge__c = "7" });
        driver.Org.Create("Contact", new { LastName = "B", Badge__c = "7" });

        Answer answer = await driver.CompositeAsync(false, Sub("PATCH", "sobjects/Contact/Badge__c/7", "a", new { LastName = "C" }));

        (answer.Parts()[0].Status(), answer.Parts()[0].Body().GetArrayLength()).ShouldBe((300, 2));
    }

    [Fact]
    public async Task Faults_strike_composites()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Faults.Add(new Fault.LockedRow { Times = 1 });
        driver.Org.Faults.Add(new Fault.CutApiReply { Call = ApiCallKind.Composite, Times = 1 });

        await Should.ThrowAsync<HttpRequestException>(driver.CompositeAsync(false, Sub("POST", "sobjects/Contact", "c", new { LastName = "Ann" })));
        Answer answer = await driver.CompositeAsync(false, Sub("POST", "sobjects/Account", "a", new { Name = "A" }));

        answer.Parts()[0].Status().ShouldBe(201);
        driver.Org.Ledger.Writes[0].Error.ShouldBe("UNABLE_TO_LOCK_ROW");
    }

    private static Dictionary<string, object?> Account(string? name) => new() { ["attributes"] = new { type = "Account" }, ["Name"] = name };
}
