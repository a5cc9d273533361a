using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest;

public sealed class QueryTests
{
    [Fact]
    public async Task Pages_follow_one_another_until_all_is_read()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        foreach (int number in Enumerable.Range(1, 450))
            driver.Org.Create("Account", new { Name = $"A{number:000}" });

        (string, string) pages = ("Sforce-Query-Options", "batchSize=200");
        Answer first = await driver.SendAsync(HttpMethod.Get, "query?q=select+Name+from+Account+order+by+Name", null, pages);
        Answer second = await driver.SendAsync(HttpMethod.Get, first.Json.GetProperty("nextRecordsUrl").GetString()!, null, pages);
        Answer third = await driver.SendAsync(HttpMethod.Get, second.Json.GetProperty("nextRecordsUrl").GetString()!, null, pages);

        first.Json.GetProperty("totalSize").GetInt32().ShouldBe(450);
        first.Json.GetProperty("done").GetBoolean().ShouldBeFalse();
        second.Json.GetProperty("records")[0].GetProperty("Name").GetString().ShouldBe("A201");
        third.Json.GetProperty("done").GetBoolean().ShouldBeTrue();
        third.Json.GetProperty("records").GetArrayLength().ShouldBe(50);
        third.Json.TryGetProperty("nextRecordsUrl", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Count_answers_with_a_number_and_no_records()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Create("Account", new { Name = "A" });

        Answer answer = await driver.QueryAsync("SELECT COUNT() FROM Account");

        answer.Json.GetProperty("totalSize").GetInt32().ShouldBe(1);
        answer.Json.GetProperty("records").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Deleted_records_are_found_by_queryAll_only()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string id = driver.Org.Create("Account", new { Name = "A" });
        driver.Org.Delete("Account", id);

        (await driver.QueryAsync("select Id from Account")).Json.GetProperty("totalSize").GetInt32().ShouldBe(0);
        (await driver.QueryAsync("select Id from Account where IsDeleted = true", "queryAll")).Json.GetProperty("totalSize").GetInt32().ShouldBe(1);
    }

    [Theory]
    [InlineData("select Nope__c from Account", "INVALID_FIELD", "No such column 'Nope__c' on entity 'Account'")]
    [InlineData("select Id from Nope__c", "INVALID_TYPE", "sObject type 'Nope__c' is not supported.")]
    [InlineData("select Id from Order_Placed__e", "INVALID_TYPE", "sObject type 'Order_Placed__e' is not supported.")]
    [InlineData("select Boss.Name from Account", "INVALID_FIELD", "Didn't understand relationship 'Boss'")]
    [InlineData("select Id from Account where", "MALFORMED_QUERY", "unexpected token: '<EOF>'")]
    [InlineData("select Id from Account where Name = 'a", "MALFORMED_QUERY", "mismatched character")]
    [InlineData("select Id from Account where Name ~ 'a'", "MALFORMED_QUERY", "no viable alternative")]
    [InlineData("select Id from Account limit x", "MALFORMED_QUERY", "unexpected token: 'x'")]
    [InlineData("select Id from Account where Id = 'nope'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: nope")]
    [InlineData("select Id from Account where AnnualRevenue = '1'", "INVALID_FIELD", "should not be enclosed in quotes")]
    [InlineData("select Id from Account where Name = 1", "INVALID_FIELD", "should be enclosed in quotes")]
    [InlineData("select Id from Account where CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type datetime")]
    [InlineData("select Id from Account offset 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset")]
    public async Task A_wrong_query_says_what_is_wrong(string soql, string code, string message)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.QueryAsync(soql);

        answer.Status.ShouldBe(400);
        answer.ErrorCode.ShouldBe(code);
        answer.Message.ShouldContain(message);
    }

    [Fact]
    public async Task An_unknown_locator_is_refused()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.GetAsync("query/0r8SM0000000099AAA-2000");

        answer.Status.ShouldBe(400);
        answer.ErrorCode.ShouldBe("INVALID_QUERY_LOCATOR");
    }
}
