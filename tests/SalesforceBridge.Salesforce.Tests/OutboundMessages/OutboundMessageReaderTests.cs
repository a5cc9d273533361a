using System.IO.Pipelines;
using System.Text;
using SalesforceBridge.Salesforce.OutboundMessages;
using SalesforceBridge.Testing.OutboundMessages;

namespace SalesforceBridge.Salesforce.Tests.OutboundMessages;

public sealed class OutboundMessageReaderTests
{
    [Fact]
    public async Task A_notification_has_its_ids_and_a_payload_of_its_fields()
    {
        OutboundMessageNotification read = (await Reading.AllAsync(SoapEnvelope.Simple)).ShouldHaveSingleItem();

        (read.Id, read.ObjectType, read.RecordId).ShouldBe(("04l7F000008aeAyQAI", "Opportunity", "0067F000003pmdWQAQ"));
        read.Header.ShouldBe(new OutboundMessageHeader("00D7F00000107XsUAI", "04k7F0000008V3hQAE")
        {
            EnterpriseUrl = "https://ap5.example.com/services/Soap/c/47.0/00D7F00000107Xs",
            PartnerUrl = "https://ap5.example.com/services/Soap/u/47.0/00D7F00000107Xs",
        });
        Encoding.UTF8.GetString(read.Payload.Span).ShouldBe(
            """{"Id":"0067F000003pmdWQAQ","Amount":"120000.0","CloseDate":"2017-04-03","Name":"Express Logistics SLA",""" + '"' +
            """notificationId":"04l7F000008aeAyQAI","organizationId":"00D7F00000107XsUAI","actionId":"04k7F0000008V3hQAE"}""");
    }

    [Fact]
    public async Task A_session_and_its_addresses_are_kept_apart_and_never_shown()
    {
        SoapEnvelope envelope = SoapEnvelope.Simple with { Header = SoapEnvelope.Simple.Header.Replace("""<SessionId xsi:nil="true"/>""", "<SessionId>00D!canary</SessionId>") };

        OutboundMessageNotification read = (await Reading.AllAsync(envelope)).Single();

        read.Header.SessionId.ShouldBe("00D!canary");
        $"{read} {read.Header} {Encoding.UTF8.GetString(read.Payload.Span)}".ShouldNotContain("canary");
        $"{read} {read.Header} {Encoding.UTF8.GetString(read.Payload.Span)}".ShouldNotContain("example.com");
        read.ToString().ShouldNotContain("Express");
    }

    [Fact]
    public async Task A_hundred_notifications_come_in_their_order() =>
        (await Reading.AllAsync(SoapEnvelope.OfMany(100))).Select(read => read.Id).ShouldBe(Enumerable.Range(0, 100).Select(n => $"04l{n:000000000000000}"));

    [Fact]
    public async Task A_notification_is_there_before_the_next_has_arrived()
    {
        byte[] envelope = SoapEnvelope.OfMany(100).Bytes;
        var body = new Pipe();
        await body.Writer.WriteAsync(envelope.AsMemory(0, envelope.Length / 2));
        await using IAsyncEnumerator<OutboundMessageNotification> reading =
            OutboundMessageReader.ReadAsync(body.Reader.AsStream(), 1 << 20, TestContext.Current.CancellationToken).GetAsyncEnumerator();

        (await reading.MoveNextAsync()).ShouldBeTrue();

        reading.Current.Id.ShouldBe("04l000000000000000");
        await body.Writer.WriteAsync(envelope.AsMemory(envelope.Length / 2));
        await body.Writer.CompleteAsync();
        int others = 0;
        while (await reading.MoveNextAsync())
            others++;
        others.ShouldBe(99);
    }

    [Theory]
    [InlineData(
        "numbers", """<sf:a xsi:type="xsd:double">120000.0</sf:a><sf:b xsi:type="xsd:int">-7</sf:b><sf:c xsi:type="xsd:decimal">+007.50</sf:c><sf:d xsi:type="xsd:double">.5E+3</sf:d><sf:e xsi:type="xsd:long"> 9007199254740993 </sf:e><sf:f xsi:type="xsd:decimal">-000</sf:f><sf:g xsi:type="xsd:decimal">5.</sf:g>""",
        """{"a":120000.0,"b":-7,"c":7.50,"d":0.5E+3,"e":9007199254740993,"f":-0,"g":5}""")]
    [InlineData(
        "booleans", """<sf:a xsi:type="xsd:boolean">true</sf:a><sf:b xsi:type="xsd:boolean">0</sf:b>""", """{"a":true,"b":false}""")]
    [InlineData(
        "dates", """<sf:a xsi:type="xsd:date">2017-04-03</sf:a><sf:b xsi:type="xsd:dateTime">2026-01-02T03:04:05.000Z</sf:b><sf:c xsi:type="xsd:time">03:04:05.000Z</sf:c>""",
        """{"a":"2017-04-03","b":"2026-01-02T03:04:05.000Z","c":"03:04:05.000Z"}""")]
    [InlineData(
        "what is not of its type", """<sf:a xsi:type="xsd:double">NaN</sf:a><sf:b xsi:type="xsd:int">1,5</sf:b><sf:c xsi:type="xsd:boolean">yes</sf:c><sf:d xsi:type="xsd:decimal">.</sf:d><sf:e xsi:type="xsd:int"/>""",
        """{"a":"NaN","b":"1,5","c":"yes","d":".","e":""}""")]
    [InlineData(
        "types of other schemas", """<sf:a xsi:type="sf:double">1</sf:a><sf:b xsi:type="nobody:double">1</sf:b><sf:c xsi:type="double">1</sf:c>""", """{"a":"1","b":"1","c":"1"}""")]
    [InlineData(
        "nothing", """<sf:a xsi:nil="true"/><sf:b xsi:nil="1">x</sf:b><sf:c xsi:nil="false">x</sf:c><sf:d/><sf:e></sf:e>""", """{"a":null,"b":null,"c":"x","d":"","e":""}""")]
    [InlineData(
        "text", """<sf:a> two  words </sf:a><sf:b>a&lt;b&amp;c&#x1F600;&quot;</sf:b><sf:c><![CDATA[<b>]]>&gt;<!-- no --><?no no?>!</sf:c><sf:d>00123</sf:d>""",
        """{"a":" two  words ","b":"a<b&c\uD83D\uDE00\"","c":"<b>>!","d":"00123"}""")]
    [InlineData(
        "records in records", """<sf:Owner xsi:type="sf:User"><sf:Id>005</sf:Id><sf:Manager><sf:Age xsi:type="xsd:int">50</sf:Age><sf:Id>006</sf:Id></sf:Manager></sf:Owner>""",
        """{"Owner":{"Id":"005","Manager":{"Age":50,"Id":"006"}}}""")]
    public async Task Fields_are_what_their_types_say(string what, string fields, string json)
    {
        string payload = (await Reading.PayloadAsync(fields)).GetRawText();

        payload.ShouldStartWith($$"""{"Id":"0067F000003pmdWQAQ",{{json[1..^1]}},"notificationId":""", customMessage: what);
    }

    [Fact]
    public async Task Any_prefixes_and_a_soap_header_are_accepted()
    {
        const string Envelope = """
            <!-- hello --><?hello?>
            <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
              <s:Header><security xmlns="urn:x"><deep><er/>text</deep></security></s:Header>
              <s:Body xmlns:n="http://soap.sforce.com/2005/09/outbound"><n:notifications>
                <n:OrganizationId> 00D7F00000107Xs </n:OrganizationId><n:ActionId>04k</n:ActionId><n:SessionId i:nil="1"/>
                <n:Notification><n:Id>04l1</n:Id><n:sObject i:type="Lead" xmlns="urn:sobject.enterprise.soap.sforce.com"><Id>00Q1</Id></n:sObject></n:Notification>
                <n:Notification><n:sObject xmlns:q="urn:sobject.enterprise.soap.sforce.com" i:type="q:Lead"><q:Id>00Q2</q:Id></n:sObject><n:Id>04l2</n:Id></n:Notification>
              </n:notifications></s:Body>
            </s:Envelope>
            """;

        List<OutboundMessageNotification> read = await Reading.AllAsync(Encoding.UTF8.GetBytes(Envelope));

        read.Select(one => (one.Id, one.ObjectType, one.RecordId, one.Header.OrganizationId))
            .ShouldBe([("04l1", "Lead", "00Q1", "00D7F00000107Xs"), ("04l2", "Lead", "00Q2", "00D7F00000107Xs")]);
    }

    [Fact]
    public async Task A_byte_order_mark_is_accepted() =>
        (await Reading.AllAsync([0xEF, 0xBB, 0xBF, .. SoapEnvelope.Simple.Bytes])).ShouldHaveSingleItem();

    [Theory]
    [InlineData("""<?xml version="1.0" encoding="utf-8"?>""")]
    [InlineData("""<?xml version="1.0" encoding="US-ASCII"?>""")]
    [InlineData("""<?xml version="1.0"?>""")]
    [InlineData("")]
    public async Task A_declaration_may_name_utf8_or_nothing(string declaration) =>
        (await Reading.AllAsync(SoapEnvelope.Simple with { Prolog = declaration })).ShouldHaveSingleItem();

    [Theory]
    [InlineData("00D7F00000107Xs", true)]
    [InlineData("00D7F00000107XsUAI", true)]
    [InlineData("00D7F00000107xs", false)]
    [InlineData("00D7F00000107XtUAI", false)]
    [InlineData("00D7F00000107XsU", false)]
    [InlineData("", false)]
    public void An_org_is_known_by_its_first_15_characters(string organizationId, bool isSame)
    {
        new OutboundMessageHeader("00D7F00000107XsUAI", "04k").IsFrom(organizationId).ShouldBe(isSame);
        new OutboundMessageHeader(organizationId, "04k").IsFrom("00D7F00000107Xs").ShouldBe(isSame);
    }

    [Fact]
    public async Task Reading_ends_when_it_is_told_to()
    {
        using var stop = new CancellationTokenSource();
        await using IAsyncEnumerator<OutboundMessageNotification> reading =
            OutboundMessageReader.ReadAsync(new Pipe().Reader.AsStream(), 1 << 20, stop.Token).GetAsyncEnumerator();
        ValueTask<bool> next = reading.MoveNextAsync();

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(next.AsTask());
    }
}
