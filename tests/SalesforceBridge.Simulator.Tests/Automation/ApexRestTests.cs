using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Automation;

public sealed class ApexRestTests
{
    [Theory]
    [InlineData("POST", """{"a":1}""")]
    [InlineData("PUT", """{"a":1}""")]
    [InlineData("PATCH", """{"a":1}""")]
    [InlineData("GET", null)]
    [InlineData("DELETE", null)]
    public async Task An_echo_answers_every_verb(string verb, string? body)
    {
        await using OrgDriver org = await OrgDriver.StartAsync();

        Answer answer = await org.SendAsync(new HttpMethod(verb), "/services/apexrest/echo/17?x=y", body);

        answer.Text.ShouldBe($$"""{"verb":"{{verb}}","path":"/echo/17","query":"?x=y","body":{{body ?? "null"}}}""");
        answer.Headers.GetValues("Sforce-Limit-Info").Single().ShouldBe("api-usage=1/1000000");
        org.Org.Ledger.Count(ApiCallKind.ApexRest).ShouldBe(1);
    }

    [Fact]
    public async Task A_class_answers_what_it_is_declared_to()
    {
        await using OrgDriver org = await OrgDriver.StartAsync();

        Answer answer = await org.PostAsync("/services/apexrest/orders/17", new { });
        Answer broken = await org.GetAsync("/services/apexrest/orders/broken");
        Answer verb = await org.DeleteAsync("/services/apexrest/orders/17");
        Answer nowhere = await org.GetAsync("/services/apexrest/invoices");

        (answer.Status, answer.Text).ShouldBe((201, """{"accepted":true}"""));
        (broken.Status, broken.ErrorCode, broken.Message).ShouldBe((500, "APEX_ERROR", "System.NullPointerException: Attempt to de-reference a null object"));
        (verb.Status, verb.ErrorCode, verb.Message).ShouldBe((405, "METHOD_NOT_ALLOWED", "HTTP Method 'DELETE' not allowed. Allowed are POST"));
        (nowhere.Status, nowhere.ErrorCode).ShouldBe((404, "NOT_FOUND"));
    }

    [Fact]
    public async Task Classes_stand_behind_the_same_gate_as_the_API()
    {
        await using OrgDriver org = await OrgDriver.StartAsync();
        org.Org.Faults.Add(new Fault.ExpiredToken { Times = 1 });

        Answer expired = await org.GetAsync("/services/apexrest/echo/1");
        await org.LogInAsync();
        org.Org.Faults.Add(new Fault.QuotaExceeded(QuotaKind.Daily) { Times = 1 });
        Answer refused = await org.GetAsync("/services/apexrest/echo/1");

        (expired.Status, expired.ErrorCode, refused.Status, refused.ErrorCode).ShouldBe((401, "INVALID_SESSION_ID", 403, "REQUEST_LIMIT_EXCEEDED"));
    }
}
