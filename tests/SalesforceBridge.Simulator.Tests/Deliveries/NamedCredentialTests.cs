using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Deliveries;

public sealed class NamedCredentialTests
{
    private const string Rules = """
        apexTriggers:
          - { name: Rule, object: Contact, on: [insert], namedCredential: { tokenUrl: /oauth/token, clientId: default, clientSecret: a&b } }
        """;

    [Fact]
    public async Task A_token_is_fetched_once_and_goes_with_every_callout()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Accepted, Token("t1"));
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, Rules);

        org.Create("Contact", new { LastName = "Ode" });
        org.Create("Contact", new { LastName = "Poe" });

        await org.WhenEndedAsync(2);
        receiver.Requests.Select(request => (request.Path, request.Header("Authorization"))).ShouldBe([("/oauth/token", null), ("/in", "Bearer t1"), ("/in", "Bearer t1")]);
        receiver.Requests[0].Text.ShouldBe("grant_type=client_credentials&client_id=default&client_secret=a%26b");
    }

    [Fact]
    public async Task A_refused_token_is_renewed_within_the_attempt()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Accepted, Token("t1"), new Reply(401, ""), Token("t2"));
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, Rules);

        org.Create("Contact", new { LastName = "Ode" });

        (await org.WhenEndedAsync(1))[0].Attempts.Count.ShouldBe(1);
        receiver.Requests.Where(request => request.Path == "/in").Select(request => request.Header("Authorization")).ShouldBe(["Bearer t1", "Bearer t2"]);
        receiver.Requests[3].Text.ShouldBe(receiver.Requests[1].Text);
    }

    [Theory]
    [InlineData(401, "{}", "The token endpoint answers 401")]
    [InlineData(200, "{}", "The token endpoint answers without an access_token")]
    [InlineData(200, """{"access_token":null}""", "The token endpoint answers without an access_token")]
    [InlineData(200, "<html/>", "The token endpoint answers without an access_token")]
    public async Task Without_a_token_the_callout_fails_and_is_tried_again(int status, string body, string error)
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Accepted, new Reply(status, body), Token("t1"));
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, Rules);

        org.Create("Contact", new { LastName = "Ode" });

        SentDelivery delivery = (await org.WhenEndedAsync(1))[0];
        delivery.Attempts.Select(attempt => attempt.Error).ShouldBe([error, null]);
        delivery.Attempts[0].Status.ShouldBeNull();
    }

    private static Reply Token(string token) => new(200, $$"""{"access_token":"{{token}}","token_type":"Bearer","expires_in":3600}""");
}
