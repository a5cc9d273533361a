using System.Text;
using System.Xml.Linq;
using SalesforceBridge.Salesforce.OutboundMessages;

namespace SalesforceBridge.Salesforce.Tests.OutboundMessages;

public sealed class OutboundMessageReplyTests
{
    [Theory]
    [InlineData(true, "true")]
    [InlineData(false, "false")]
    public void An_acknowledgement_is_the_body_that_orgs_take(bool isTaken, string ack) =>
        Text(OutboundMessageReply.Ack(isTaken)).ShouldBe(
            """<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>"""
            + $"""<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>{ack}</Ack></notificationsResponse>"""
            + "</soapenv:Body></soapenv:Envelope>");

    [Fact]
    public void A_fault_says_whose_it_is_and_what_it_is()
    {
        const string Why = """A record has <x> & "y" more than once.""";

        XElement fault = XElement.Parse(Text(OutboundMessageReply.Fault(SoapFaultCode.VersionMismatch, Why)))
            .Descendants("{http://schemas.xmlsoap.org/soap/envelope/}Fault").Single();

        fault.Element("faultcode")!.Value.ShouldBe("soapenv:VersionMismatch");
        fault.Element("faultstring")!.Value.ShouldBe(Why);
    }

    private static string Text(ReadOnlyMemory<byte> reply) => Encoding.UTF8.GetString(reply.Span);
}
