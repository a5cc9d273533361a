using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest.Screens;

public sealed class LayoutTests
{
    [Fact]
    public async Task A_layout_has_the_fields_of_the_object_for_everybody()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        JsonElement layouts = (await driver.GetAsync("sobjects/Order__c/describe/layouts")).Json;
        JsonElement mapping = layouts.GetProperty("recordTypeMappings")[0];
        JsonElement alone = (await driver.GetAsync(mapping.GetProperty("urls").GetProperty("layout").GetString()!)).Json;

        FieldsOf(layouts.GetProperty("layouts")[0]).ShouldBe(
            ["Name", "External_Id__c", "Account__c", "Status__c", "Amount__c", "Quantity__c", "Ordered_On__c", "Accepted_At__c", "Express__c", "Discount__c", "Note__c"]);
        mapping.GetProperty("layoutId").GetString().ShouldBe(alone.GetProperty("id").GetString());
        FieldsOf(alone).ShouldContain("Status__c");
        Item(alone, 3).GetProperty("layoutComponents")[0].GetProperty("details").GetProperty("picklistValues").GetArrayLength().ShouldBe(6);
    }

    [Fact]
    public async Task A_hidden_field_is_on_no_layout()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Faults.Add(new Fault.HiddenField("Account", "Phone"));

        JsonElement layouts = (await driver.GetAsync("sobjects/Account/describe/layouts")).Json;

        FieldsOf(layouts.GetProperty("layouts")[0]).ShouldNotContain("Phone");
    }

    [Fact]
    public async Task Compact_layouts_show_the_name_and_approval_layouts_one_for_each_process()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        JsonElement compact = (await driver.GetAsync("sobjects/Account/describe/compactLayouts")).Json;
        JsonElement approvals = (await driver.GetAsync("sobjects/Opportunity/describe/approvalLayouts")).Json;

        compact.GetProperty("compactLayouts")[0].GetProperty("fieldItems")[0].GetProperty("label").GetString().ShouldBe("Name");
        compact.GetProperty("defaultCompactLayoutId").ValueKind.ShouldBe(JsonValueKind.Null);
        approvals.GetProperty("approvalLayouts").EnumerateArray().Select(layout => layout.GetProperty("name").GetString()).ShouldBe(["Discount_Approval"]);
    }

    [Theory]
    [InlineData("sobjects/Nope/describe/layouts")]
    [InlineData("sobjects/Order_Placed__e/describe/compactLayouts")]
    [InlineData("sobjects/Account/describe/layouts/012000000000001AAA")]
    [InlineData("sobjects/Account/describe/namedLayouts/UserAlt")]
    public async Task What_has_no_layout_is_not_found(string path)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.GetAsync(path);

        (answer.Status, answer.ErrorCode).ShouldBe((404, "NOT_FOUND"));
    }

    [Fact]
    public async Task Tabs_and_the_theme_name_the_objects_that_have_pages()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        JsonElement[] tabs = [.. (await driver.GetAsync("tabs")).Json.EnumerateArray()];
        JsonElement theme = (await driver.GetAsync("theme")).Json;

        tabs.Select(tab => tab.GetProperty("sobjectName").GetString())
            .ShouldBe(["Account", "Contact", "Opportunity", "Order__c", "ContentVersion", "Lead", "acme__Shipment__c"], ignoreOrder: true);
        tabs.Single(tab => tab.GetProperty("name").GetString() == "Order__c").GetProperty("custom").GetBoolean().ShouldBeTrue();
        theme.GetProperty("themeItems").GetArrayLength().ShouldBe(tabs.Length);
    }

    private static IEnumerable<string?> FieldsOf(JsonElement layout) => layout.GetProperty("detailLayoutSections")[0].GetProperty("layoutRows").EnumerateArray()
        .Select(row => row.GetProperty("layoutItems")[0].GetProperty("layoutComponents")[0].GetProperty("value").GetString());

    private static JsonElement Item(JsonElement layout, int row) => layout.GetProperty("detailLayoutSections")[0].GetProperty("layoutRows")[row].GetProperty("layoutItems")[0];
}
