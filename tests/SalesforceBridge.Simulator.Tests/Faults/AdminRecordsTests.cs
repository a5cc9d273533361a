using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Faults;

public sealed class AdminRecordsTests
{
    [Fact]
    public async Task People_in_the_org_create_change_and_delete_records_without_an_API_call()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer some = await driver.PostAsync("/_admin/records/Account?as=ann@example.com", new object[] { new { Name = "A" }, new { Name = "B" } });
        string[] ids = [.. some.Json.EnumerateArray().Select(id => id.GetString()!)];
        await driver.PatchAsync($"/_admin/records/Account/{ids[0]}", new { Name = "C" });
        await driver.DeleteAsync($"/_admin/records/Account/{ids[1]}");

        driver.Org.Query("select Name, CreatedBy.Username from Account").Select(row => row.GetProperty("Name").GetString() + row.GetProperty("CreatedBy").GetProperty("Username").GetString())
            .ShouldBe(["Cann@example.com"]);
        driver.Org.Ledger.Counts.Keys.ShouldBe([ApiCallKind.Token]);
    }

    [Fact]
    public async Task An_event_is_published_and_its_uuid_told()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.PostAsync("/_admin/events/Order_Placed__e", new { Amount__c = 5 });

        driver.Org.Ledger.Events.Single().Uuid.ShouldBe(answer.Json[0].GetString());
    }

    [Theory]
    [InlineData("records/Account", """[{"Name":"A"},{}]""", "The org refuses: REQUIRED_FIELD_MISSING")]
    [InlineData("records/Account", """{"Nope__c":1}""", "The org refuses: INVALID_FIELD")]
    [InlineData("records/Order_Placed__e", "{}", "The org's schema declares no object 'Order_Placed__e'.")]
    [InlineData("events/Account", "{}", "The org's schema declares no event 'Account'.")]
    [InlineData("records/Account?as=nobody", """{"Name":"A"}""", "The org's schema declares no user 'nobody'.")]
    [InlineData("records/Account", "Name=A", "The body is no JSON.")]
    public async Task What_the_org_refuses_is_told_and_nothing_is_kept(string path, string body, string why)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.SendAsync(HttpMethod.Post, $"/_admin/{path}", body);

        answer.Status.ShouldBe(400);
        answer.Text.ShouldStartWith(why);
        driver.Org.Query("select Id from Account").ShouldBeEmpty();
    }
}
