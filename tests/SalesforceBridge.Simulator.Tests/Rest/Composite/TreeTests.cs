using System.Text.Json;
using System.Text.Json.Nodes;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest.Composite;

public sealed class TreeTests
{
    [Fact]
    public async Task Records_are_created_with_their_children()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.PostAsync("composite/tree/Account", """
            {"records":[
              {"attributes":{"type":"Account","referenceId":"r1"},"Name":"A",
               "Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"r2"},"LastName":"Ann"}]},
               "Orders__r":{"records":[{"attributes":{"type":"Order__c","referenceId":"r3"},"Amount__c":1}]},
               "ChildAccounts":{"records":[{"attributes":{"type":"Account","referenceId":"r4"},"Name":"B"}]}},
              {"attributes":{"type":"account","referenceId":"r5"},"Name":"C"}]}
            """);

        answer.Status.ShouldBe(201);
        answer.Json.GetProperty("hasErrors").GetBoolean().ShouldBeFalse();
        Dictionary<string, string> ids = Results(answer).ToDictionary(Name, result => result.GetProperty("id").GetString()!);
        ids.Keys.ShouldBe(["r1", "r2", "r3", "r4", "r5"]);
        driver.Org.Read("Contact", ids["r2"])!.Value.GetProperty("AccountId").GetString().ShouldBe(ids["r1"]);
        driver.Org.Read("Order__c", ids["r3"])!.Value.GetProperty("Account__c").GetString().ShouldBe(ids["r1"]);
        driver.Org.Read("Account", ids["r4"])!.Value.GetProperty("ParentId").GetString().ShouldBe(ids["r1"]);
        driver.Org.Ledger.Count(ApiCallKind.CompositeTree).ShouldBe(1);
    }

    [Fact]
    public async Task One_bad_record_keeps_all_away_and_is_the_only_one_named()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.PostAsync("composite/tree/Account", """
            {"records":[
              {"attributes":{"type":"Account","referenceId":"r1"},"Name":"A",
               "Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"r2"},"Email":"a@example.com"}]}},
              {"attributes":{"type":"Account","referenceId":"r3"},"Name":"B","Nope__c":1,
               "Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"r4"}}]}}]}
            """);

        answer.Status.ShouldBe(400);
        answer.Json.GetProperty("hasErrors").GetBoolean().ShouldBeTrue();
        Results(answer).Select(result => (Name(result), Code(result))).ShouldBe([("r2", "REQUIRED_FIELD_MISSING"), ("r3", "INVALID_FIELD")]);
        driver.Org.Query("select Id from Account").ShouldBeEmpty();
        driver.Org.Ledger.Writes.ShouldAllBe(write => write.Error != null);
    }

    [Theory]
    [InlineData("""{"records":[{"attributes":{"type":"Account"},"Name":"A"}]}""", "INVALID_INPUT")]
    [InlineData("""{"records":[{"Name":"A"}]}""", "INVALID_INPUT")]
    [InlineData("""{"records":[1]}""", "INVALID_INPUT")]
    [InlineData("""{"records":[{"attributes":{"type":"Contact","referenceId":"r"},"LastName":"A"}]}""", "INVALID_INPUT")]
    [InlineData("""{"records":[{"attributes":{"type":"Account","referenceId":"r"},"Name":"A"},{"attributes":{"type":"Account","referenceId":"r"},"Name":"B"}]}""", "INVALID_INPUT")]
    [InlineData("""{"records":[{"attributes":{"type":"Account","referenceId":"r"},"Name":"A","Nopes":{"records":[]}}]}""", "INVALID_FIELD")]
    public async Task A_wrong_tree_says_what_is_wrong(string body, string code)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.PostAsync("composite/tree/Account", body);

        answer.Status.ShouldBe(400);
        Code(Results(answer)[0]).ShouldBe(code);
        driver.Org.Query("select Id from Account").ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_hundred_records_and_five_levels_are_the_most()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer most = await driver.PostAsync("composite/tree/Account", Accounts(200));
        Answer tooMany = await driver.PostAsync("composite/tree/Account", Accounts(201));
        Answer tooDeep = await driver.PostAsync("composite/tree/Account", new JsonObject { ["records"] = new JsonArray(Chain(6)) }.ToJsonString());

        most.Status.ShouldBe(201);
        new[] { tooMany, tooDeep }.Select(answer => (answer.Status, Code(Results(answer)[0]))).ShouldBe([(400, "INVALID_INPUT"), (400, "INVALID_INPUT")]);
        driver.Org.Query("select Id from Account").Count.ShouldBe(200);
    }

    [Fact]
    public async Task What_is_no_tree_at_all_is_refused_in_the_usual_shape()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        (await driver.PostAsync("composite/tree/Account", "{}")).ErrorCode.ShouldBe("JSON_PARSER_ERROR");
        (await driver.PostAsync("composite/tree/Nope__c", """{"records":[]}""")).ErrorCode.ShouldBe("NOT_FOUND");
    }

    private static object Accounts(int count) => new
    {
        records = Enumerable.Range(0, count).Select(number => new { attributes = new { type = "Account", referenceId = $"r{number}" }, Name = $"A{number}" }),
    };

    private static JsonObject Chain(int levels)
    {
        var record = new JsonObject { ["attributes"] = new JsonObject { ["type"] = "Account", ["referenceId"] = $"r{levels}" }, ["Name"] = "A" };
        if (levels > 1)
            record["ChildAccounts"] = new JsonObject { ["records"] = new JsonArray(Chain(levels - 1)) };
        return record;
    }

    private static JsonElement[] Results(Answer answer) => [.. answer.Json.GetProperty("results").EnumerateArray()];

    private static string Name(JsonElement result) => result.GetProperty("referenceId").GetString()!;

    private static string? Code(JsonElement result) => result.GetProperty("errors")[0].GetProperty("statusCode").GetString();
}
