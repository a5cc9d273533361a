using System.Text.Json;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest.Screens;

public sealed class QuickActionTests
{
    private const string NewContact = "sobjects/Account/quickActions/NewContact";

    [Fact]
    public async Task There_is_one_for_each_object_and_on_a_page_one_for_each_child()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Names(await driver.GetAsync("quickActions")).ShouldBe(
            ["NewAccount", "NewContact", "NewOpportunity", "NewOrder", "NewContentVersion", "NewLead", "Newacme_Shipment"], ignoreOrder: true);
        Names(await driver.GetAsync("sobjects/Account/quickActions")).ShouldBe(["NewAccount", "NewContact", "NewOpportunity", "NewOrder", "Newacme_Shipment"], ignoreOrder: true);
        (await driver.GetAsync($"{NewContact}/describe")).Json.GetProperty("targetParentField").GetString().ShouldBe("AccountId");
        (await driver.GetAsync("quickActions/NewContact")).Json.GetProperty("type").GetString().ShouldBe("Create");
    }

    [Fact]
    public async Task A_record_made_on_a_page_belongs_to_the_record_of_the_page()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string account = driver.Org.Create("Account", new { Name = "A" });

        JsonElement defaults = (await driver.GetAsync($"{NewContact}/defaultValues/{account}")).Json;
        Answer made = await driver.PostAsync(NewContact, new { contextId = account, record = new { LastName = "Roe" } });
        Answer refused = await driver.PostAsync(NewContact, new { contextId = account, record = new { } });

        defaults.GetProperty("AccountId").GetString().ShouldBe(account);
        (made.Status, made.Json.GetProperty("success").GetBoolean()).ShouldBe((201, true));
        driver.Org.Read("Contact", made.Id)!.Value.GetProperty("AccountId").GetString().ShouldBe(account);
        (refused.Status, refused.ErrorCode).ShouldBe((400, "REQUIRED_FIELD_MISSING"));
    }

    [Fact]
    public async Task One_that_is_everywhere_needs_no_page_and_knows_the_defaults()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        JsonElement defaults = (await driver.GetAsync("quickActions/NewOrder/defaultValues")).Json;
        Answer made = await driver.PostAsync("quickActions/NewOrder", new { record = new { Amount__c = 5 } });

        defaults.GetProperty("Status__c").GetString().ShouldBe("New");
        driver.Org.Read("Order__c", made.Id)!.Value.GetProperty("Amount__c").GetDecimal().ShouldBe(5);
    }

    [Theory]
    [InlineData("quickActions/Nope", """{"record":{}}""", 404, "NOT_FOUND")]
    [InlineData("quickActions/NewOrder", "{}", 400, "JSON_PARSER_ERROR")]
    [InlineData(NewContact, """{"record":{"LastName":"Roe"}}""", 400, "MALFORMED_ID")]
    [InlineData(NewContact, """{"contextId":"003000000000001AAA","record":{"LastName":"Roe"}}""", 400, "MALFORMED_ID")]
    public async Task One_that_makes_no_sense_is_refused(string path, string body, int status, string code)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.SendAsync(HttpMethod.Post, path, body);

        (answer.Status, answer.ErrorCode).ShouldBe((status, code));
    }

    private static IEnumerable<string?> Names(Answer answer) => answer.Json.EnumerateArray().Select(action => action.GetProperty("name").GetString());
}
