using System.Net;
using System.Text;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class ApexTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_class_is_posted_to_and_its_answer_is_read()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        Echoed? echo = await client.Rest.ExecuteApexPostAsync("echo/17?x=y", new OrderPlaced("a1"), ApexJson.Default.OrderPlaced, ApexJson.Default.Echoed, Ct);

        echo.ShouldNotBeNull();
        (echo.Verb, echo.Path, echo.Query, echo.Body.GetRawText()).ShouldBe(("POST", "/echo/17", "?x=y", """{"orderId":"a1"}"""));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    public async Task A_class_is_called_by_any_verb(string verb)
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        Echoed? echo = await client.Rest.ExecuteApexAsync(new HttpMethod(verb), "/echo/17", ApexJson.Default.Echoed, Ct);

        echo.ShouldNotBeNull();
        (echo.Verb, echo.Path).ShouldBe((verb, "/echo/17"));
        client.Org.Ledger.Count(ApiCallKind.ApexRest).ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_is_told_as_it_is_with_its_status()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        SalesforceReply reply = await client.Rest.ExecuteApexAsync(HttpMethod.Post, "orders/1", "{}"u8.ToArray(), Ct);

        (reply.Status, Encoding.UTF8.GetString(reply.Body.Span)).ShouldBe((HttpStatusCode.Created, """{"accepted":true}"""));
    }

    [Fact]
    public async Task An_exception_in_a_class_is_told_with_its_status_and_leaves_a_doubt()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(
            client.Rest.With(new CallOptions()).ExecuteApexAsync(HttpMethod.Get, "orders/broken", ApexJson.Default.Echoed, Ct));

        failure.Message.ShouldBe("call Apex orders failed: APEX_ERROR: System.NullPointerException: Attempt to de-reference a null object (HTTP 500)");
        (failure.Code, failure.Status, failure.InDoubt).ShouldBe(("APEX_ERROR", HttpStatusCode.InternalServerError, true));
    }

    [Fact]
    public async Task A_class_may_answer_nothing_at_all()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST /services/apexrest/orders", Answer.Ok("null"));
        using var client = new Client(org);

        (await client.Rest.ExecuteApexPostAsync("orders", new OrderPlaced("a1"), ApexJson.Default.OrderPlaced, ApexJson.Default.Echoed, Ct)).ShouldBeNull();
    }

    [Fact]
    public async Task A_refusal_in_a_classs_own_words_is_kept()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST /services/apexrest/orders", new Answer(422, """{"reasons":["out of stock"]}"""));
        using var client = new Client(org);

        SalesforceException refusal = await Should.ThrowAsync<SalesforceException>(client.Rest.ExecuteApexAsync(HttpMethod.Post, "orders", "{}"u8.ToArray(), Ct));

        (refusal.Status, refusal.Code, refusal.InDoubt).ShouldBe((HttpStatusCode.UnprocessableEntity, "HTTP_422", false));
        Encoding.UTF8.GetString(refusal.Body.Span).ShouldBe("""{"reasons":["out of stock"]}""");
        refusal.ToString().ShouldNotContain("stock");
    }

    [Fact]
    public async Task A_post_whose_answer_is_lost_is_in_doubt_and_not_sent_again()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        client.Org.Faults.Add(new Fault.CutApiReply { Call = ApiCallKind.ApexRest, Times = 1 });

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(
            client.Rest.ExecuteApexPostAsync("echo/1", new OrderPlaced("a1"), ApexJson.Default.OrderPlaced, ApexJson.Default.Echoed, Ct));

        (failure.InDoubt, client.Org.Ledger.Count(ApiCallKind.ApexRest)).ShouldBe((true, 1));
    }

    [Fact]
    public async Task A_get_whose_answer_is_lost_is_sent_again()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        client.Org.Faults.Add(new Fault.CutApiReply { Call = ApiCallKind.ApexRest, Times = 1 });

        await client.Rest.ExecuteApexAsync(HttpMethod.Get, "echo/1", ApexJson.Default.Echoed, Ct);

        client.Org.Ledger.Count(ApiCallKind.ApexRest).ShouldBe(2);
    }

    [Fact]
    public async Task A_path_that_no_class_is_mapped_to_is_not_found()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.ExecuteApexAsync(HttpMethod.Get, "invoices", null, Ct));

        (failure.Code, failure.Status, failure.InDoubt).ShouldBe(("NOT_FOUND", HttpStatusCode.NotFound, false));
    }
}
