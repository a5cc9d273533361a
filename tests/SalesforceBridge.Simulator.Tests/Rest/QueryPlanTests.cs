using System.Text.Json;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest;

public sealed class QueryPlanTests
{
    [Theory]
    [InlineData("select Id from Account", "TableScan", "", "")]
    [InlineData("select Id from Account where Phone = '1'", "TableScan", "", "Phone")]
    [InlineData("select Id from Account where External_Id__c = '1' and Phone = '1'", "Index", "External_Id__c", "Phone")]
    [InlineData("select Id from Account where External_Id__c = '1' or Phone = '1'", "TableScan", "", "")]
    public async Task A_plan_names_the_index_that_is_used(string soql, string operation, string fields, string unindexed)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Create("Account", new { Name = "A", External_Id__c = "1", Phone = "1" });
        driver.Org.Create("Account", new { Name = "B" });

        JsonElement answer = (await driver.GetAsync($"query/?explain={Uri.EscapeDataString(soql)}")).Json;

        JsonElement plan = answer.GetProperty("plans")[0];
        plan.GetProperty("leadingOperationType").GetString().ShouldBe(operation);
        string.Join(' ', plan.GetProperty("fields").EnumerateArray()).ShouldBe(fields);
        string.Join(' ', plan.GetProperty("notes").EnumerateArray().Select(note => note.GetProperty("fields")[0])).ShouldBe(unindexed);
        plan.GetProperty("sobjectCardinality").GetInt32().ShouldBe(2);
        (plan.GetProperty("relativeCost").GetDouble() < 1).ShouldBe(operation == "Index");
        answer.GetProperty("sourceQuery").GetString().ShouldBe(soql);
    }

    [Theory]
    [InlineData("select", "MALFORMED_QUERY")]
    [InlineData("00B000000000000AAA", "INVALID_ID")]
    public async Task What_is_no_query_has_no_plan(string asked, string code)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.GetAsync($"query?explain={asked}");

        (answer.Status, answer.ErrorCode).ShouldBe((400, code));
    }
}
