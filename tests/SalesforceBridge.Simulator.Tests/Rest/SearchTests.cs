using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest;

public sealed class SearchTests
{
    [Theory]
    [InlineData("FIND {acme} RETURNING Account(Name)", "Acme Ltd", "Acme, Inc")]
    [InlineData("FIND {acme ltd} RETURNING Account(Name)", "Acme Ltd")]
    [InlineData("FIND {\"acme ltd\"} IN NAME FIELDS RETURNING Account(Name)", "Acme Ltd")]
    [InlineData("FIND {acm*} RETURNING Account(Name order by Name desc limit 1)", "Acme, Inc")]
    [InlineData("FIND {acme} RETURNING Account(Name where Name = 'Acme, Inc')", "Acme, Inc")]
    [InlineData("FIND {acme} RETURNING Account(Name), Contact(LastName)", "Acme Ltd", "Acme, Inc", "Acme")]
    [InlineData("FIND {acme} RETURNING Account(Name), Contact(LastName) LIMIT 1", "Acme Ltd")]
    [InlineData("FIND {a@shop.example} IN EMAIL FIELDS RETURNING Account(Name), Contact(LastName)", "Smith")]
    [InlineData("FIND {acm} RETURNING Account(Name)")]
    public async Task Words_are_found_in_the_fields_of_the_objects_named(string sosl, params string[] names)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Create("Account", new { Name = "Acme Ltd" });
        driver.Org.Create("Account", new { Name = "Acme, Inc" });
        driver.Org.Create("Account", new { Name = "Other" });
        driver.Org.Create("Contact", new { LastName = "Acme" });
        driver.Org.Create("Contact", new { LastName = "Smith", Email = "a@shop.example" });

        Answer answer = await driver.GetAsync("search?q=" + Uri.EscapeDataString(sosl));

        answer.Status.ShouldBe(200);
        answer.Json.GetProperty("searchRecords").EnumerateArray()
            .Select(record => record.GetProperty(record.TryGetProperty("Name", out _) ? "Name" : "LastName").GetString()).ShouldBe(names, ignoreOrder: true);
        driver.Org.Ledger.Calls.ShouldContain(call => call.Kind == ApiCallKind.Search);
    }

    [Fact]
    public async Task Neither_deleted_records_nor_hidden_fields_are_searched()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string gone = driver.Org.Create("Account", new { Name = "Acme" });
        driver.Org.Delete("Account", gone);
        driver.Org.Create("Account", new { Name = "Other", BillingCity = "Acme" });
        driver.Org.Faults.Add(new Fault.HiddenField("Account", "BillingCity"));

        Answer answer = await driver.GetAsync("search?q=" + Uri.EscapeDataString("FIND {Acme} RETURNING Account"));

        answer.Json.GetProperty("searchRecords").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("", "MALFORMED_SEARCH")]
    [InlineData("FIND Acme RETURNING Account", "MALFORMED_SEARCH")]
    [InlineData("FIND {A} RETURNING Account", "MALFORMED_SEARCH")]
    [InlineData("FIND {Acme} RETURNING Account Id", "MALFORMED_SEARCH")]
    [InlineData("FIND {Acme} RETURNING Nope__c(Id)", "INVALID_TYPE")]
    [InlineData("FIND {Acme} RETURNING Account(Nope__c)", "INVALID_FIELD")]
    public async Task A_wrong_search_says_what_is_wrong(string sosl, string code)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.GetAsync("search?q=" + Uri.EscapeDataString(sosl));

        (answer.Status, answer.ErrorCode).ShouldBe((400, code));
    }
}
