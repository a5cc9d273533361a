using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest;

public sealed class DescribeTests
{
    [Theory]
    [InlineData("sobjects")]
    [InlineData("sobjects/Account/describe")]
    public async Task Who_knows_a_describe_already_is_not_told_it_again(string path)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer first = await driver.GetAsync(path);
        string modified = first.LastModified!;
        Answer known = await driver.SendAsync(HttpMethod.Get, path, null, ("If-Modified-Since", modified));
        Answer older = await driver.SendAsync(HttpMethod.Get, path, null, ("If-Modified-Since", "Mon, 01 Jan 2001 00:00:00 GMT"));
        Answer unreadable = await driver.SendAsync(HttpMethod.Get, path, null, ("If-Modified-Since", "yesterday"));

        (first.Status, known.Status, older.Status, unreadable.Status).ShouldBe((200, 304, 200, 200));
        known.Text.ShouldBeEmpty();
        older.Text.ShouldBe(first.Text);
    }

    [Fact]
    public async Task A_field_taken_away_changes_the_describe()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string modified = (await driver.GetAsync("sobjects/Account/describe")).LastModified!;
        driver.Org.Faults.Add(new Fault.HiddenField("Account", "Phone"));

        Answer answer = await driver.SendAsync(HttpMethod.Get, "sobjects/Account/describe", null, ("If-Modified-Since", modified));

        answer.Status.ShouldBe(200);
        answer.Text.ShouldNotContain("\"Phone\"");
        answer.LastModified.ShouldNotBe(modified);
    }

    [Fact]
    public async Task An_unknown_object_is_not_found_whatever_the_condition()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.SendAsync(HttpMethod.Get, "sobjects/Nope__c/describe", null, ("If-Modified-Since", "Mon, 01 Jan 2001 00:00:00 GMT"));

        (answer.Status, answer.ErrorCode).ShouldBe((404, "NOT_FOUND"));
    }
}
