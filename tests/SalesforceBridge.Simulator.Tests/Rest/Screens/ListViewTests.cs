using System.Text.Json;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest.Screens;

public sealed class ListViewTests
{
    [Fact]
    public async Task An_object_has_one_list_view_with_all_its_records()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        foreach (string name in new[] { "C", "A", "B" })
            driver.Org.Create("Account", new { Name = name, Type = "Customer" });

        JsonElement list = (await driver.GetAsync("sobjects/Account/listviews")).Json;
        JsonElement view = list.GetProperty("listviews")[0];
        JsonElement results = (await driver.GetAsync(view.GetProperty("resultsUrl").GetString()!)).Json;

        list.GetProperty("size").GetInt32().ShouldBe(1);
        view.GetProperty("developerName").GetString().ShouldBe("AllAccount");
        (results.GetProperty("size").GetInt32(), results.GetProperty("done").GetBoolean()).ShouldBe((3, true));
        results.GetProperty("records").EnumerateArray().Select(row => Value(row, "Name")).ShouldBe(["A", "B", "C"]);
        Value(results.GetProperty("records")[0], "CreatedDate")!.ShouldEndWith("+0000");
    }

    [Fact]
    public async Task Its_query_can_be_run_and_explained()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Create("Contact", new { LastName = "Roe" });
        JsonElement view = (await driver.GetAsync("sobjects/Contact/listviews")).Json.GetProperty("listviews")[0];

        JsonElement described = (await driver.GetAsync(view.GetProperty("describeUrl").GetString()!)).Json;
        string query = described.GetProperty("query").GetString()!;
        JsonElement explained = (await driver.GetAsync($"query?explain={view.GetProperty("id").GetString()}")).Json;

        (await driver.QueryAsync(query)).Json.GetProperty("totalSize").GetInt32().ShouldBe(1);
        described.GetProperty("columns").EnumerateArray().Count(column => column.GetProperty("hidden").GetBoolean()).ShouldBe(4);
        explained.GetProperty("sourceQuery").GetString().ShouldBe(query);
    }

    [Fact]
    public async Task Results_come_in_pages()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        foreach (int number in Enumerable.Range(10, 30))
            driver.Org.Create("Account", new { Name = $"A{number}" });
        string url = (await driver.GetAsync("sobjects/Account/listviews")).Json.GetProperty("listviews")[0].GetProperty("resultsUrl").GetString()!;

        JsonElement usual = (await driver.GetAsync(url)).Json;
        JsonElement rest = (await driver.GetAsync($"{url}?limit=10&offset=26")).Json;

        (usual.GetProperty("size").GetInt32(), usual.GetProperty("done").GetBoolean()).ShouldBe((25, false));
        (rest.GetProperty("size").GetInt32(), rest.GetProperty("done").GetBoolean()).ShouldBe((5, true));
        Value(rest.GetProperty("records")[0], "Name").ShouldBe("A35");
    }

    [Theory]
    [InlineData("sobjects/Account/listviews/00B000000000000AAA")]
    [InlineData("sobjects/Account/listviews/nope/results")]
    [InlineData("sobjects/Nope/listviews")]
    public async Task What_is_not_there_is_not_found(string path)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        (await driver.GetAsync(path)).Status.ShouldBe(404);
    }

    private static string? Value(JsonElement row, string field) =>
        row.GetProperty("columns").EnumerateArray().Single(column => column.GetProperty("fieldNameOrPath").GetString() == field).GetProperty("value").GetString();
}
