using System.Net.Http.Headers;
using System.Xml.Linq;
using SalesforceBridge.Configuration;
using SalesforceBridge.Http.OutboundMessages;
using SalesforceBridge.Testing.OutboundMessages;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.OutboundMessages;

/// <summary>An org that sends outbound messages to a web process.</summary>
internal sealed class Sender(TestHost web) : IDisposable
{
    public const string Secret = "outbound-canary-secret-1";

    private readonly Browser _browser = web.Browse();

    /// <summary>What its address ends with.</summary>
    public string Token { get; init; } = OutboundMessageTokens.Of(new Secret(Secret));

    /// <summary>A bridge that takes outbound messages, and a route that notes which opportunities it has seen.</summary>
    public static async Task<Bridge> StartBridgeAsync()
    {
        Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table won (opportunity text, amount numeric, notification text)");
        return bridge.WithVar("BRIDGE_CALLOUT_SECRETS", Secret).WithRoute("opportunity-won", """
            -- on: outbound-message Opportunity
            insert into won select payload->>'Id', (payload->>'Amount')::numeric, payload->>'notificationId' from message
            """);
    }

    public Task<SoapAnswer> SendAsync(SoapEnvelope envelope) => SendAsync(envelope.Bytes);

    public Task<SoapAnswer> SendAsync(byte[] body, Action<HttpRequestMessage>? change = null) => SendAsync(new ByteArrayContent(body), change);

    public async Task<SoapAnswer> SendAsync(HttpContent body, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/outbound-messages/{Token}") { Content = body };
        body.Headers.ContentType = MediaTypeHeaderValue.Parse("text/xml; charset=utf-8");
        request.Headers.Add("SOAPAction", "\"\"");
        change?.Invoke(request);
        using HttpResponseMessage response = await _browser.SendAsync(request);
        return new SoapAnswer(
            (int)response.StatusCode, $"{response.Content.Headers.ContentType}",
            response.Headers.RetryAfter?.Delta, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public void Dispose() => _browser.Dispose();
}

/// <summary>What an org is answered.</summary>
internal sealed record SoapAnswer(int Status, string ContentType, TimeSpan? RetryAfter, string Body)
{
    /// <summary>It takes the message off the org's queue: only this very answer does.</summary>
    public void ShouldTake() => this.ShouldBe(Acknowledgement("true"));

    /// <summary>It asks for the message again.</summary>
    public void ShouldNotTake() => this.ShouldBe(Acknowledgement("false"));

    /// <summary>It is a SOAP fault.</summary>
    public void ShouldRefuse(int status, string code, string text)
    {
        Status.ShouldBe(status, Body);
        ContentType.ShouldBe("text/xml; charset=utf-8");
        XElement fault = XElement.Parse(Body).Descendants("{http://schemas.xmlsoap.org/soap/envelope/}Fault").Single();
        fault.Element("faultcode")!.Value.ShouldBe($"soapenv:{code}");
        fault.Element("faultstring")!.Value.ShouldContain(text);
    }

    private static SoapAnswer Acknowledgement(string ack) => new(200, "text/xml; charset=utf-8", null,
        """<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound">"""
        + $"<Ack>{ack}</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>");
}
