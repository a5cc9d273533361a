using System.Security;
using System.Text;

namespace SalesforceBridge.Salesforce.OutboundMessages;

/// <summary>
/// The answers that an org understands. It takes only the true acknowledgement, character by character in meaning, with status 200;
/// after anything else it sends the whole message again, for 24 hours.
/// </summary>
public static class OutboundMessageReply
{
    /// <summary>The content type of every answer.</summary>
    public const string ContentType = "text/xml; charset=utf-8";

    private static readonly byte[] True = Acknowledgement("true");
    private static readonly byte[] False = Acknowledgement("false");

    /// <summary>The acknowledgement, in UTF-8, to be sent with status 200.</summary>
    /// <param name="isTaken">Whether every notification is taken; false asks for all of them again.</param>
    public static ReadOnlyMemory<byte> Ack(bool isTaken) => isTaken ? True : False;

    /// <summary>A SOAP 1.1 fault, in UTF-8, whose text the org shows in its delivery status.</summary>
    /// <param name="code">Whose fault it is.</param>
    /// <param name="text">What is wrong and what to do; no secrets.</param>
    public static ReadOnlyMemory<byte> Fault(SoapFaultCode code, string text) => Enveloped(
        $"<soapenv:Fault><faultcode>soapenv:{code}</faultcode><faultstring>{SecurityElement.Escape(text)}</faultstring></soapenv:Fault>");

    private static byte[] Acknowledgement(string isTaken) => Enveloped(
        $"""<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>{isTaken}</Ack></notificationsResponse>""");

    private static byte[] Enveloped(string body) => Encoding.UTF8.GetBytes(
        $"""<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>""");
}

/// <summary>Whose fault it is, in the words of SOAP 1.1.</summary>
public enum SoapFaultCode
{
    /// <summary>The message is wrong or not allowed: the same again gets the same answer.</summary>
    Client,

    /// <summary>The receiver cannot take it now: the same again may succeed.</summary>
    Server,

    /// <summary>The envelope is of another version of SOAP.</summary>
    VersionMismatch,
}
