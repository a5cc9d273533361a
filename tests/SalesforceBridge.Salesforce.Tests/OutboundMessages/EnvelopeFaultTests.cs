using System.Text;
using System.Text.Json;
using SalesforceBridge.Salesforce.OutboundMessages;
using SalesforceBridge.Testing.OutboundMessages;

namespace SalesforceBridge.Salesforce.Tests.OutboundMessages;

public sealed class EnvelopeFaultTests
{
    public static TheoryData<string, string> DocumentTypes => new()
    {
        { "an external entity", """<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>""" },
        { "an external document type", """<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">""" },
        { "a parameter entity", """<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;]>""" },
        { "a billion laughs", """<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;">]>""" },
        { "an empty document type", "<!DOCTYPE x>" },
    };

    [Theory]
    [MemberData(nameof(DocumentTypes))]
    public async Task A_document_type_is_refused(string what, string documentType)
    {
        SoapEnvelope envelope = new(SoapEnvelope.Opportunity("04l1", "<sf:Name>&e;&d;</sf:Name>")) { Prolog = documentType };

        (await Reading.FaultAsync(envelope)).ShouldBe(new EnvelopeFault.NoRoot(), what);
    }

    [Theory]
    [InlineData("<sf:Name>&unknown;</sf:Name>")]
    [InlineData("<sf:Name>&#0;</sf:Name>")]
    [InlineData("<sf:Name>&#xD800;</sf:Name>")]
    [InlineData("<sf:Name>a\u0001b</sf:Name>")]
    [InlineData("<sf:Name a='1' a='2'>x</sf:Name>")]
    [InlineData("<nobody:Name>x</nobody:Name>")]
    [InlineData("<sf:Name>x</sf:Nome>")]
    [InlineData("<sf:Name>]]></sf:Name>")]
    public async Task What_is_not_well_formed_is_refused(string field) =>
        (await Reading.FaultAsync(new SoapEnvelope(SoapEnvelope.Opportunity("04l1", field)))).ShouldBeOfType<EnvelopeFault.NotXml>();

    [Fact]
    public async Task Something_after_the_envelope_is_refused() =>
        (await Reading.FaultAsync($"{SoapEnvelope.Simple}<more/>")).ShouldBeOfType<EnvelopeFault.NotXml>();

    [Theory]
    [InlineData("{\"new\":[]}")]
    [InlineData("Ack")]
    public async Task What_is_no_xml_is_refused(string body) => (await Reading.FaultAsync(body)).ShouldBeOfType<EnvelopeFault.NotXml>();

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("<!-- nothing -->")]
    public async Task An_empty_body_is_refused(string body) => (await Reading.FaultAsync(body)).ShouldBe(new EnvelopeFault.NoRoot());

    [Fact]
    public async Task Other_encodings_are_refused()
    {
        string envelope = SoapEnvelope.Simple.ToString();

        (await Reading.FaultAsync([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(envelope)])).ShouldBeOfType<EnvelopeFault.NotUtf8>();
        (await Reading.FaultAsync([.. Encoding.UTF32.GetPreamble(), .. Encoding.UTF32.GetBytes(envelope)])).ShouldBeOfType<EnvelopeFault.NotUtf8>();
        (await Reading.FaultAsync(Encoding.BigEndianUnicode.GetBytes(envelope))).ShouldBeOfType<EnvelopeFault.NotXml>();
        (await Reading.FaultAsync(Encoding.Latin1.GetBytes(envelope.Replace("SLA", "Größe")))).ShouldBeOfType<EnvelopeFault.NotUtf8>();
        (await Reading.FaultAsync(SoapEnvelope.Simple with { Prolog = """<?xml version="1.0" encoding="UTF-16"?>""" })).ShouldBeOfType<EnvelopeFault.NotUtf8>();
        (await Reading.FaultAsync(SoapEnvelope.Simple with { Prolog = """<?xml version="1.0" encoding="ISO-8859-1"?>""" })).ShouldBeOfType<EnvelopeFault.NotUtf8>();
        (await Reading.FaultAsync(SoapEnvelope.Simple with { Prolog = """<?xml version="1.0" encoding="utf-7"?>""" })).ShouldBeOfType<EnvelopeFault.NotUtf8>();
    }

    [Theory]
    [InlineData("<sf:x>")]
    [InlineData("<x xmlns='urn:deep'>")]
    public async Task A_hundred_elements_within_each_other_are_refused(string start)
    {
        string end = $"</{start[1..].Split(' ', '>')[0]}>";
        string deep = string.Concat(Enumerable.Repeat(start, 100)) + string.Concat(Enumerable.Repeat(end, 100));

        (await Reading.FaultAsync(new SoapEnvelope(SoapEnvelope.Opportunity("04l1", deep)))).ShouldBe(new EnvelopeFault.TooDeep());
        (await Reading.FaultAsync(SoapEnvelope.Simple with { SoapHeader = $"<soapenv:Header xmlns:sf='urn:x'>{deep}</soapenv:Header>" })).ShouldBe(new EnvelopeFault.TooDeep());
    }

    [Fact]
    public async Task Records_may_be_in_records_up_to_the_limit()
    {
        string deep = string.Concat(Enumerable.Repeat("<sf:x>", 27)) + string.Concat(Enumerable.Repeat("</sf:x>", 27));

        (await Reading.AllAsync(new SoapEnvelope(SoapEnvelope.Opportunity("04l1", deep)))).ShouldHaveSingleItem();
        (await Reading.FaultAsync(new SoapEnvelope(SoapEnvelope.Opportunity("04l1", $"<sf:x>{deep}</sf:x>")))).ShouldBe(new EnvelopeFault.TooDeep());
    }

    [Fact]
    public async Task An_envelope_longer_than_allowed_is_refused_without_reading_on()
    {
        byte[] envelope = SoapEnvelope.Simple.Bytes;
        var endless = new EndlessStream(Encoding.UTF8.GetBytes($"{SoapEnvelope.Simple.ToString().Replace("</soapenv:Body>", "</soapenv:Body><!--")}"));

        (await Reading.AllAsync(new MemoryStream(envelope), envelope.Length)).ShouldHaveSingleItem();
        (await Should.ThrowAsync<EnvelopeException>(() => Reading.AllAsync(new MemoryStream(envelope), envelope.Length - 1)))
            .Fault.ShouldBe(new EnvelopeFault.TooLong(envelope.Length - 1));
        (await Should.ThrowAsync<EnvelopeException>(() => Reading.AllAsync(endless, 100_000))).Fault.ShouldBe(new EnvelopeFault.TooLong(100_000));
        endless.Given.ShouldBeLessThan(200_000);
    }

    [Theory]
    [InlineData("http://www.w3.org/2003/05/soap-envelope", true)]
    [InlineData("urn:x", true)]
    public async Task Another_version_of_soap_is_refused(string version, bool isOtherVersion)
    {
        EnvelopeFault fault = await Reading.FaultAsync(SoapEnvelope.Simple.ToString().Replace("http://schemas.xmlsoap.org/soap/envelope/", version));

        fault.ShouldBe(new EnvelopeFault.NotSoap11("Envelope", version));
        ((EnvelopeFault.NotSoap11)fault).IsOtherVersion.ShouldBe(isOtherVersion);
    }

    [Fact]
    public async Task Another_document_is_refused() => (await Reading.FaultAsync("<html/>")).ShouldBe(new EnvelopeFault.NotSoap11("html", ""));

    [Fact]
    public async Task A_message_without_notifications_is_refused()
    {
        (await Reading.FaultAsync(new SoapEnvelope())).ShouldBe(new EnvelopeFault.Missing("notification"));
        (await Reading.FaultAsync(SoapEnvelope.Simple.ToString().Replace("Body", "Header"))).ShouldBe(new EnvelopeFault.Missing("body"));
        (await Reading.FaultAsync("""<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"/>""")).ShouldBe(new EnvelopeFault.Missing("body"));
        (await Reading.FaultAsync("""<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>""")).ShouldBe(new EnvelopeFault.Missing("notifications"));
        (await Reading.FaultAsync("""<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><login/></e:Body></e:Envelope>""")).ShouldBe(new EnvelopeFault.Unexpected("login"));
    }

    [Fact]
    public async Task More_than_a_hundred_notifications_are_refused() => (await Reading.FaultAsync(SoapEnvelope.OfMany(101))).ShouldBe(new EnvelopeFault.TooMany());

    [Fact]
    public async Task Two_object_types_are_refused() =>
        (await Reading.FaultAsync(new SoapEnvelope(SoapEnvelope.Opportunity("04l1"), SoapEnvelope.Notification("04l2", "sf:Account", "<sf:Id>001</sf:Id>"))))
            .ShouldBe(new EnvelopeFault.MixedObjects("Opportunity", "Account"));

    [Theory]
    [InlineData("", "sf:Lead", "<sf:Id>00Q</sf:Id>", "notification Id")]
    [InlineData("04l1", "sf:Lead", "", "Id of its record")]
    [InlineData("04l1", "sf:Lead", "<sf:Id/>", "Id of its record")]
    [InlineData("04l1", "sf:Lead", "<sf:Id xsi:nil='true'/>", "Id of its record")]
    [InlineData("04l1", "", "<sf:Id>00Q</sf:Id>", "xsi:type of its record that names an object")]
    [InlineData("04l1", "nobody:Lead", "<sf:Id>00Q</sf:Id>", "xsi:type of its record that names an object")]
    [InlineData("04l1", "sf:Le ad", "<sf:Id>00Q</sf:Id>", "xsi:type of its record that names an object")]
    [InlineData("04l1", "sf:Lead;drop", "<sf:Id>00Q</sf:Id>", "xsi:type of its record that names an object")]
    public async Task What_every_notification_has_must_be_there(string id, string type, string fields, string missing) =>
        (await Reading.FaultAsync(new SoapEnvelope(SoapEnvelope.Notification(id, type, fields)))).ShouldBe(new EnvelopeFault.Missing(missing));

    [Fact]
    public async Task What_every_message_has_must_be_there()
    {
        string header = SoapEnvelope.Simple.Header;

        foreach (string organization in new[] { "", SoapEnvelope.HeaderOf(""), SoapEnvelope.HeaderOf("00D7F00000107X"), SoapEnvelope.HeaderOf("00D7F00000107X!") })
            (await Reading.FaultAsync(SoapEnvelope.Simple with { Header = organization })).ShouldBe(new EnvelopeFault.Missing("OrganizationId of 15 or 18 characters before its notifications"));
        (await Reading.FaultAsync(SoapEnvelope.Simple with { Header = header.Replace("ActionId", "SessionId") })).ShouldBe(new EnvelopeFault.Missing("ActionId before its notifications"));
        (await Reading.FaultAsync(SoapEnvelope.Simple with { Header = header.Replace("ActionId", "Bogus") })).ShouldBe(new EnvelopeFault.Unexpected("Bogus"));
        (await Reading.FaultAsync(new SoapEnvelope("<Notification><Id>04l1</Id></Notification>"))).ShouldBe(new EnvelopeFault.Missing("sObject"));
    }

    [Theory]
    [InlineData("<sf:Name>a</sf:Name><sf:Name>b</sf:Name>", "Name")]
    [InlineData("<sf:Id>006</sf:Id>", "Id")]
    [InlineData("<sf:Owner><sf:Id>1</sf:Id><sf:Id>2</sf:Id></sf:Owner>", "Id")]
    [InlineData("<sf:organizationId>00Dforged</sf:organizationId>", "organizationId")]
    public async Task A_field_that_is_there_twice_is_refused(string fields, string field) =>
        (await Reading.FaultAsync(new SoapEnvelope(SoapEnvelope.Opportunity("04l1", fields)))).ShouldBe(new EnvelopeFault.Repeated(field));

    [Theory]
    [InlineData("stray")]
    [InlineData("<sf:Owner>stray<sf:Id>1</sf:Id></sf:Owner>")]
    [InlineData("<sf:Owner><sf:Id>1</sf:Id>stray</sf:Owner>")]
    public async Task Text_between_fields_is_refused(string fields) =>
        (await Reading.FaultAsync(new SoapEnvelope(SoapEnvelope.Opportunity("04l1", fields)))).ShouldBe(new EnvelopeFault.Unexpected("text"));

    [Fact]
    public async Task An_envelope_cut_at_any_byte_is_refused()
    {
        byte[] envelope = (SoapEnvelope.Simple with { Header = SoapEnvelope.Simple.Header + "<!-- é -->" }).Bytes;

        for (int length = 0; length < envelope.Length; length++)
            (await Reading.FaultAsync(envelope[..length])).ShouldNotBeNull();
        (await Reading.AllAsync(envelope)).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_done_to_its_bytes_an_envelope_is_read_whole_or_refused(int seed)
    {
        var chance = new Random(seed);
        byte[] envelope = new SoapEnvelope(SoapEnvelope.Opportunity("04l1", """<sf:A xsi:type="xsd:double">-1.5</sf:A><sf:B xsi:nil="true"/><sf:C><sf:D><![CDATA[x]]></sf:D></sf:C>""")).Bytes;
        int refused = 0;

        for (int n = 0; n < 3_000; n++)
        {
            byte[] broken = [.. envelope];
            for (int change = chance.Next(1, 4); change > 0; change--)
                broken[chance.Next(broken.Length)] = n % 2 == 0 ? (byte)chance.Next(256) : envelope[chance.Next(envelope.Length)];
            try
            {
                foreach (OutboundMessageNotification read in await Reading.AllAsync(broken))
                    JsonElement.Parse(read.Payload.Span).GetProperty("notificationId").GetString().ShouldBe(read.Id);
            }
            catch (EnvelopeException fault)
            {
                fault.Message.ShouldNotBeEmpty();
                refused++;
            }
        }

        refused.ShouldBeGreaterThan(1_000);
    }

    [Fact]
    public async Task Random_bytes_are_refused()
    {
        var chance = new Random(4);
        for (int n = 0; n < 500; n++)
        {
            byte[] noise = new byte[chance.Next(300)];
            chance.NextBytes(noise);
            (await Reading.FaultAsync(noise)).ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task Many_pieces_of_text_cost_no_more_than_their_length()
    {
        string pieces = string.Concat(Enumerable.Repeat("<![CDATA[a]]>", 100_000));

        OutboundMessageNotification read = (await Reading.AllAsync(
            new MemoryStream(new SoapEnvelope(SoapEnvelope.Opportunity("04l1", $"<sf:Name>{pieces}</sf:Name>")).Bytes), 4 << 20)).Single();

        JsonElement.Parse(read.Payload.Span).GetProperty("Name").GetString().ShouldBe(new string('a', 100_000));
    }

    [Fact]
    public void A_fault_shows_no_more_of_a_name_than_helps() =>
        new EnvelopeFault.Unexpected(new string('x', 1_000)).Text.Length.ShouldBeLessThan(200);

    /// <summary>Gives a beginning and then blanks for ever.</summary>
    private sealed class EndlessStream(byte[] beginning) : Stream
    {
        public int Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => Given; set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            ReadOnlySpan<byte> rest = beginning.AsSpan(Math.Min(Given, beginning.Length));
            int count = rest.IsEmpty ? buffer.Length : Math.Min(rest.Length, buffer.Length);
            if (rest.IsEmpty)
                buffer.Span.Fill((byte)' ');
            else
                rest[..count].CopyTo(buffer.Span);
            Given += count;
            return ValueTask.FromResult(count);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Reading must not block.");

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
