using System.Text;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest;

public sealed class AbsentApiTests
{
    [Fact]
    public async Task The_first_bulk_API_is_not_enabled_and_says_so_in_its_own_xml()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        (await BulkAsync(driver, driver.Token)).ShouldBe("FeatureNotEnabled");
        (await BulkAsync(driver, "gone")).ShouldBe("InvalidSessionId");
    }

    [Theory]
    [InlineData("tooling/query?q=select+Id+from+ApexClass")]
    [InlineData("analytics/reports")]
    [InlineData("chatter/users/me")]
    [InlineData("connect/organization")]
    [InlineData("/services/Soap/m/62.0")]
    public async Task Others_are_not_found_in_the_form_of_REST_errors(string path)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.GetAsync(path);

        (answer.Status, answer.ErrorCode).ShouldBe((404, "NOT_FOUND"));
    }

    private static async Task<string> BulkAsync(OrgDriver driver, string session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/services/async/62.0/job") { Content = new StringContent("<jobInfo/>", Encoding.UTF8, "application/xml") };
        request.Headers.Add("X-SFDC-Session", session);
        using HttpResponseMessage response = await driver.Client.SendAsync(request, OrgDriver.Ct);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/xml");
        Answer answer = await Answer.ReadAsync(response);
        answer.Status.ShouldBe(400);
        return answer.Text.Split("<exceptionCode>")[1].Split('<')[0];
    }
}
