using System.Text;
using System.Xml;
using SalesforceBridge.Simulator.Events;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Deliveries;

/// <summary>Writes the SOAP 1.1 envelope of an outbound message, prefix by prefix as an org does.</summary>
/// <param name="orgId">18 characters.</param>
/// <param name="actionId">The rule's id, 18 characters.</param>
/// <param name="sessionId">Of who the rule acts for, if it sends one.</param>
/// <param name="instance">Where the org's API answers.</param>
internal sealed class OutboundEnvelope(string orgId, string actionId, string? sessionId, Uri instance)
{
    private const string Start =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" " +
        "xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>" +
        "<notifications xmlns=\"http://soap.sforce.com/2005/09/outbound\">";

    private const string End = "</notifications></soapenv:Body></soapenv:Envelope>";

    private const string ApiVersion = "62.0";

    private readonly StringBuilder _soap = new();

    /// <param name="type">The API name of the records' object.</param>
    /// <param name="fields">In the order of the envelope; what a record lacks is left out.</param>
    /// <param name="notifications">Their ids, and the records they are about.</param>
    public string Write(string type, IReadOnlyList<Field> fields, IEnumerable<(string Id, Record Record)> notifications)
    {
        _soap.Append(Start);
        Element("OrganizationId", orgId);
        Element("ActionId", actionId);
        if (sessionId is null)
            _soap.Append("<SessionId xsi:nil=\"true\"/>");
        else
            Element("SessionId", sessionId);
        Element("EnterpriseUrl", SoapUrl("c"));
        Element("PartnerUrl", SoapUrl("u"));
        foreach ((string id, Record record) in notifications)
        {
            _soap.Append("<Notification>");
            Element("Id", id);
            Append(type, fields, record);
            _soap.Append("</Notification>");
        }
        return _soap.Append(End).ToString();
    }

    private void Append(string type, IReadOnlyList<Field> fields, Record record)
    {
        _soap.Append($"<sObject xsi:type=\"sf:{type}\" xmlns:sf=\"urn:sobject.enterprise.soap.sforce.com\">");
        foreach (Field field in fields)
        {
            if (record[field] is { } value)
                Element("sf:" + field.Name, FieldValue.ToText(field, value, PlatformEvents.UtcSuffix));
        }
        _soap.Append("</sObject>");
    }

    private string SoapUrl(string api) => new Uri(instance, $"/services/Soap/{api}/{ApiVersion}/{orgId[..15]}").ToString();

    private void Element(string name, string text)
    {
        _soap.Append('<').Append(name).Append('>');
        foreach (Rune rune in text.EnumerateRunes())
            Append(rune);
        _soap.Append("</").Append(name).Append('>');
    }

    private void Append(Rune rune)
    {
        switch (rune.Value)
        {
            case '&': _soap.Append("&amp;"); break;
            case '<': _soap.Append("&lt;"); break;
            case '>': _soap.Append("&gt;"); break;
            // A reader would take a bare one for a line break.
            case '\r': _soap.Append("&#13;"); break;
            // XML has no way to write the other control characters.
            case <= char.MaxValue when !XmlConvert.IsXmlChar((char)rune.Value): break;
            default: _soap.Append(rune.ToString()); break;
        }
    }
}
