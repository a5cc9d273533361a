using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Deliveries;

public sealed class OutboundEnvelopeTests
{
    private const string Rules = """
        outboundMessages:
          - { name: Rule, object: Opportunity, fields: [Name, Amount, CloseDate, Description, SystemModstamp, IsDeleted, Id, Probability] }
        """;

    private static readonly XNamespace Outbound = "http://soap.sforce.com/2005/09/outbound";
    private static readonly XNamespace Sf = "urn:sobject.enterprise.soap.sforce.com";
    private static readonly XNamespace Xsi = "http://www.w3.org/2001/XMLSchema-instance";

    [Fact]
    public async Task An_envelope_has_the_prefixes_and_the_order_of_a_real_one()
    {
        var clock = new SettableClock();
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, Rules, new SimulatorOptions { TimeProvider = clock });

        string id = org.Create("Opportunity", new { Name = "Logistics", StageName = "Closed Won", CloseDate = "2026-04-03", Amount = 120000 });

        SentDelivery delivery = (await org.WhenEndedAsync(1))[0];
        Received request = receiver.Requests[0];
        string modified = org.Read("Opportunity", id)!.Value.GetProperty("SystemModstamp").GetString()!;
        request.Text.ShouldBe(string.Concat(
            """<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" """,
            """xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>""",
            """<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00DSM00000000012AA</OrganizationId>""",
            """<ActionId>04kSM0000000001YAA</ActionId><SessionId xsi:nil="true"/>""",
            $"<EnterpriseUrl>{org.InstanceUrl}services/Soap/c/62.0/00DSM0000000001</EnterpriseUrl>",
            $"<PartnerUrl>{org.InstanceUrl}services/Soap/u/62.0/00DSM0000000001</PartnerUrl>",
            $"<Notification><Id>{delivery.Keys[0]}</Id>",
            """<sObject xsi:type="sf:Opportunity" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">""",
            $"<sf:Id>{id}</sf:Id><sf:Amount>120000.0</sf:Amount><sf:CloseDate>2026-04-03</sf:CloseDate><sf:IsDeleted>false</sf:IsDeleted>",
            $"<sf:Name>Logistics</sf:Name><sf:SystemModstamp>{modified.Replace("+0000", "Z", StringComparison.Ordinal)}</sf:SystemModstamp>",
            "</sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>"));
        delivery.Keys[0].ShouldMatch("^04l[0-9A-Za-z]{15}$");
        (request.Header("Content-Type"), request.Header("SOAPAction"), request.Header("Authorization"), request.Header("traceparent"))
            .ShouldBe(("text/xml; charset=utf-8", "\"\"", null, null));
    }

    [Fact]
    public async Task An_xml_reader_that_knows_the_wsdl_finds_every_character_again()
    {
        const string text = "a < b && c > \"d\" 'e' é 😀 ]]> \t\r\n\u00a0\u2028 &amp;";
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, Rules);

        org.Change(transaction => transaction.Create("Opportunity", new { Name = text, StageName = "Closed Won", CloseDate = "2026-04-03", Probability = 12.5 })
            + transaction.Create("Opportunity", new { Name = "bell \u0001\u0007\uffff rung", StageName = "Closed Lost", CloseDate = "2026-04-03" }));

        await org.WhenEndedAsync(1);
        XElement[] records = [.. Validated(receiver.Requests[0].Body).Descendants(Outbound + "sObject")];
        records[0].Attribute(Xsi + "type")!.Value.ShouldBe("sf:Opportunity");
        records[0].Element(Sf + "Name")!.Value.ShouldBe(text);
        records[0].Element(Sf + "Probability")!.Value.ShouldBe("12.5");
        records[0].Element(Sf + "Description").ShouldBeNull();
        records[1].Element(Sf + "Name")!.Value.ShouldBe("bell  rung");
    }

    [Fact]
    public async Task A_session_goes_along_if_the_rule_names_whose()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, """
            outboundMessages:
              - { name: Rule, object: Contact, sessionOf: ann@example.com }
            """);

        org.Create("Contact", new { LastName = "Ode" });

        await org.WhenEndedAsync(1);
        string session = Validated(receiver.Requests[0].Body).Descendants(Outbound + "SessionId").Single().Value;
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = org.InstanceUrl };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + session);
        (await client.GetStringAsync("/services/oauth2/userinfo", OrgDriver.Ct)).ShouldContain("ann@example.com");
    }

    // The types of the WSDL that an org generates for a rule about opportunities.
    private static XDocument Validated(byte[] envelope)
    {
        const string messages = """
            <schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:t="http://soap.sforce.com/2005/09/outbound"
                    targetNamespace="http://soap.sforce.com/2005/09/outbound" elementFormDefault="qualified">
              <simpleType name="ID"><restriction base="string"><length value="18"/><pattern value="[a-zA-Z0-9]{18}"/></restriction></simpleType>
              <element name="notifications"><complexType><sequence>
                <element name="OrganizationId" type="t:ID"/><element name="ActionId" type="t:ID"/>
                <element name="SessionId" type="string" nillable="true"/>
                <element name="EnterpriseUrl" type="string"/><element name="PartnerUrl" type="string"/>
                <element name="Notification" maxOccurs="100"><complexType><sequence>
                  <element name="Id" type="t:ID"/><element name="sObject" type="anyType"/>
                </sequence></complexType></element>
              </sequence></complexType></element>
            </schema>
            """;
        const string records = """
            <schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:sobject.enterprise.soap.sforce.com" elementFormDefault="qualified">
              <complexType name="Opportunity"><sequence>
                <element name="Id" type="string"/><element name="Amount" type="double" minOccurs="0"/><element name="CloseDate" type="date" minOccurs="0"/>
                <element name="Description" type="string" minOccurs="0"/><element name="IsDeleted" type="boolean" minOccurs="0"/>
                <element name="Name" type="string" minOccurs="0"/><element name="Probability" type="double" minOccurs="0"/>
                <element name="SystemModstamp" type="dateTime" minOccurs="0"/>
              </sequence></complexType>
              <complexType name="Contact"><sequence><element name="Id" type="string"/></sequence></complexType>
            </schema>
            """;
        var schemas = new XmlSchemaSet();
        schemas.Add(null, XmlReader.Create(new StringReader(messages)));
        schemas.Add(null, XmlReader.Create(new StringReader(records)));
        using var reader = XmlReader.Create(new MemoryStream(envelope), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        XDocument document = XDocument.Load(reader);
        XElement content = document.Root!.Elements().Single().Elements().Single();
        content.Name.ShouldBe(Outbound + "notifications");
        new XDocument(content).Validate(schemas, (_, fault) => Assert.Fail(fault.Message));
        return document;
    }
}
