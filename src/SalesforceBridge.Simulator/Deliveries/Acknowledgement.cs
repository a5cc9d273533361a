using System.Xml;
using System.Xml.Linq;

namespace SalesforceBridge.Simulator.Deliveries;

/// <summary>Reads the answer to an outbound message: anything but status 200 with Ack true is a failure.</summary>
internal static class Acknowledgement
{
    private static readonly XNamespace Soap = "http://schemas.xmlsoap.org/soap/envelope/";
    private static readonly XNamespace Outbound = "http://soap.sforce.com/2005/09/outbound";

    private static readonly XmlReaderSettings Safe = new() { DtdProcessing = DtdProcessing.Prohibit };

    public static Verdict Read(int status, string body)
    {
        XElement? content = Content(body);
        if (content?.Name == Soap + "Fault")
            return new Verdict.Failed(status, $"({status}) {content.Element("faultstring")?.Value}");
        if (status != StatusCodes.Status200OK)
            return new Verdict.Failed(status, $"({status}) The answer is no acknowledgement");
        string? ack = content?.Name == Outbound + "notificationsResponse" ? content.Element(Outbound + "Ack")?.Value.Trim() : null;
        return ack switch
        {
            "true" or "1" => new Verdict.Delivered(status),
            "false" or "0" => new Verdict.Failed(status, "The answer is Ack false"),
            _ => new Verdict.Failed(status, "The answer is no notificationsResponse"),
        };
    }

    private static XElement? Content(string body)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(body), Safe);
            XElement root = XElement.Load(reader);
            return root.Name == Soap + "Envelope" ? root.Element(Soap + "Body")?.Elements().FirstOrDefault() : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
