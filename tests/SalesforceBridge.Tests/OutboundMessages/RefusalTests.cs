using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Configuration;
using SalesforceBridge.Http;
using SalesforceBridge.Http.OutboundMessages;
using SalesforceBridge.Testing.OutboundMessages;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.OutboundMessages;

/// <summary>What is refused is refused with a SOAP fault, and nothing of it is stored or logged.</summary>
public sealed class RefusalTests
{
    private const string Canary = "canary";

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData(Sender.Secret)]
    [InlineData("%20")]
    public async Task Whoever_does_not_know_the_address_is_refused(string token)
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using var stranger = new Sender(web) { Token = token };
        using var almost = new Sender(web) { Token = OutboundMessageTokens.Of(new Secret(Sender.Secret)) + "A" };

        (await stranger.SendAsync(SoapEnvelope.Simple)).ShouldRefuse(403, "Client", "This address is not known here");
        (await almost.SendAsync(SoapEnvelope.Simple)).ShouldRefuse(403, "Client", "This address is not known here");

        await ShouldHaveLeftNothingAsync(bridge, web);
        web.Lines.Count(line => line.Contains("refused")).ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_secret_everybody_is_refused()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.WithVar("BRIDGE_CALLOUT_SECRETS", "").RunAsync(ProcessRole.Web);
        using var org = new Sender(web);
        using var empty = new Sender(web) { Token = OutboundMessageTokens.Of(new Secret("")) };

        (await org.SendAsync(SoapEnvelope.Simple)).ShouldRefuse(403, "Client", "This address is not known here");
        (await empty.SendAsync(SoapEnvelope.Simple)).ShouldRefuse(403, "Client", "This address is not known here");

        await ShouldHaveLeftNothingAsync(bridge, web);
    }

    [Theory]
    [InlineData("application/json", "The content type is not text/xml")]
    [InlineData("application/soap+xml", "The content type is not text/xml")]
    [InlineData("text/xml; charset=utf-16", "The charset is not utf-8")]
    [InlineData(null, "The content type is not text/xml")]
    public async Task Another_content_type_is_refused(string? contentType, string why)
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using var org = new Sender(web);

        SoapAnswer answer = await org.SendAsync(SoapEnvelope.Simple.Bytes, request =>
            request.Content!.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType));

        answer.ShouldRefuse(415, "Client", why);
        await ShouldHaveLeftNothingAsync(bridge, web);
    }

    [Fact]
    public async Task A_compressed_body_is_refused()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using var org = new Sender(web);
        using var body = new MemoryStream();
        await using (var gzip = new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(SoapEnvelope.Simple.Bytes);

        (await org.SendAsync(body.ToArray(), request => request.Content!.Headers.ContentEncoding.Add("gzip"))).ShouldRefuse(415, "Client", "The body is compressed");

        await ShouldHaveLeftNothingAsync(bridge, web);
    }

    public static TheoryData<string, string, string, string> BadEnvelopes => new()
    {
        { "no XML", "{\"new\":[]}", "Client", "not well-formed XML" },
        { "nothing", "", "Client", "is empty" },
        { "an entity from a file", $"""<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>{Bare(SoapEnvelope.Opportunity("04l1", "<sf:Name>&e;</sf:Name>"))}""", "Client", "document type" },
        { "a billion laughs", $"""<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>{Bare(SoapEnvelope.Opportunity("04l1", "<sf:Name>&b;</sf:Name>"))}""", "Client", "document type" },
        { "no notification", new SoapEnvelope().ToString(), "Client", "has no notification" },
        { "101 notifications", SoapEnvelope.OfMany(101).ToString(), "Client", "more than 100 notifications" },
        { "two object types", new SoapEnvelope(SoapEnvelope.Opportunity("04l1"), SoapEnvelope.Notification("04l2", "sf:Lead", "<sf:Id>00Q</sf:Id>")).ToString(), "Client", "records of two types, Opportunity and Lead" },
        { "a hundred levels", new SoapEnvelope(SoapEnvelope.Opportunity("04l1", string.Concat(Enumerable.Repeat("<sf:x>", 100)))).ToString(), "Client", "elements within each other" },
        { "a broken end", SoapEnvelope.OfMany(3).ToString()[..^5], "Client", "not well-formed XML" },
        { "SOAP 1.2", SoapEnvelope.Simple.ToString().Replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"), "VersionMismatch", "not one of SOAP 1.1" },
    };

    [Theory]
    [MemberData(nameof(BadEnvelopes))]
    public async Task An_envelope_that_is_no_outbound_message_is_refused(string what, string body, string code, string why)
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using var org = new Sender(web);

        (await org.SendAsync(Encoding.UTF8.GetBytes(body))).ShouldRefuse(500, code, why);

        await ShouldHaveLeftNothingAsync(bridge, web);
        (await web.LogLineAsync("event=outbound_message_refused")).ShouldContain(why, customMessage: what);
        (await org.SendAsync(SoapEnvelope.Simple)).ShouldTake();
    }

    [Fact]
    public async Task Another_encoding_is_refused()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using var org = new Sender(web);

        (await org.SendAsync([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(SoapEnvelope.Simple.ToString())])).ShouldRefuse(500, "Client", "not UTF-8");

        await ShouldHaveLeftNothingAsync(bridge, web);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_that_is_too_long_is_refused(bool isChunked)
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.WithVar("BRIDGE_LARGEST_OUTBOUND_MESSAGE", "3MB").RunAsync(ProcessRole.Web);
        using var org = new Sender(web);

        (await org.SendAsync(Sized(3 << 20))).ShouldTake();
        SoapAnswer answer = await org.SendAsync(Sized((3 << 20) + 1), request => request.Headers.TransferEncodingChunked = isChunked);

        answer.ShouldRefuse(413, "Client", "longer than 3145728 bytes");
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(1);
    }

    [Fact]
    public async Task A_sender_of_a_message_that_is_too_long_hears_why_even_if_it_listens_only_afterwards()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.WithVar("BRIDGE_LARGEST_OUTBOUND_MESSAGE", "3MB").RunAsync(ProcessRole.Web);
        byte[] envelope = Sized(8 << 20);
        using TcpClient org = await ConnectAsync(web, $"Content-Length: {envelope.Length}");
        using var answer = new StreamReader(org.GetStream());

        await org.GetStream().WriteAsync(envelope, TestContext.Current.CancellationToken);

        (await answer.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("HTTP/1.1 413 Payload Too Large");
    }

    [Fact]
    public async Task A_body_that_breaks_off_leaves_nothing()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using TcpClient org = await SendHalfAsync(web);
        await web.LogLineAsync("event=request_body_start");

        org.Close();

        await web.LogLineAsync("event=connection_stop");
        await ShouldHaveLeftNothingAsync(bridge, web);
    }

    [Fact]
    public async Task A_sender_who_takes_too_long_is_refused()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web, services => services.AddSingleton(new RequestLimits { Patience = TimeSpan.FromMilliseconds(200) }));
        using TcpClient org = await SendHalfAsync(web);
        using var answer = new StreamReader(org.GetStream());

        (await answer.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("HTTP/1.1 408 Request Timeout");

        (await web.LogLineAsync("event=outbound_message_refused")).ShouldContain("did not come within 0.2 s");
        await ShouldHaveLeftNothingAsync(bridge, web);
    }

    [Fact]
    public async Task Whoever_is_outside_of_the_trusted_ranges_is_refused()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.WithVar("BRIDGE_TRUSTED_RANGES", "203.0.113.0/24").RunAsync(ProcessRole.Web);
        using var org = new Sender(web);

        (await org.SendAsync(SoapEnvelope.Simple)).ShouldRefuse(403, "Client", "not in BRIDGE_TRUSTED_RANGES");

        await ShouldHaveLeftNothingAsync(bridge, web);
    }

    [Fact]
    public async Task Only_post_is_answered()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using Browser browser = web.Browse();

        (await browser.GetAsync("/outbound-messages/x")).Status.ShouldBe(405);
    }

    [Fact]
    public async Task Neither_the_address_nor_what_is_sent_is_logged()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using var org = new Sender(web);
        using var stranger = new Sender(web) { Token = "canary-of-a-stranger" };
        SoapEnvelope envelope = new(SoapEnvelope.Opportunity("04l1", "<sf:Name>canary</sf:Name>"))
        {
            Header = SoapEnvelope.Simple.Header.Replace("""<SessionId xsi:nil="true"/>""", "<SessionId>canary</SessionId>"),
        };

        (await org.SendAsync(envelope)).ShouldTake();
        (await org.SendAsync(new SoapEnvelope(envelope.Notifications[0].Replace("</sObject>", "")))).Status.ShouldBe(500);
        (await stranger.SendAsync(envelope)).Status.ShouldBe(403);

        web.Lines.ShouldContain(line => line.Contains("event=outbound_message_taken"));
        web.Lines.Where(line => line.Contains(Canary) || line.Contains(org.Token)).ShouldBeEmpty();
        (await bridge.Database.ScalarAsync<string>("select payload->>'Name' from bridge.inbox")).ShouldBe(Canary);
        (await bridge.Database.ScalarAsync<bool>("select payload::text like '%SessionId%' from bridge.inbox")).ShouldBeFalse();
    }

    /// <summary>A connection on which the first half of a message has been sent.</summary>
    private static async Task<TcpClient> SendHalfAsync(TestHost web)
    {
        byte[] envelope = SoapEnvelope.OfMany(50).Bytes;
        TcpClient socket = await ConnectAsync(web, "Transfer-Encoding: chunked");
        await socket.GetStream().WriteAsync(
            (byte[])[.. Encoding.ASCII.GetBytes($"{envelope.Length:x}\r\n"), .. envelope[..(envelope.Length / 2)]], TestContext.Current.CancellationToken);
        return socket;
    }

    /// <summary>A connection on which the head of a request has been sent.</summary>
    private static async Task<TcpClient> ConnectAsync(TestHost web, string lengthHeader)
    {
        string head = $"""
            POST /outbound-messages/{OutboundMessageTokens.Of(new Secret(Sender.Secret))} HTTP/1.1
            Host: bridge
            Content-Type: text/xml
            {lengthHeader}


            """.ReplaceLineEndings("\r\n");
        var socket = new TcpClient();
        await socket.ConnectAsync(web.Address.Host, web.Address.Port, TestContext.Current.CancellationToken);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        return socket;
    }

    private static string Bare(string notification) => (new SoapEnvelope(notification) with { Prolog = "" }).ToString();

    private static byte[] Sized(int length)
    {
        int around = new SoapEnvelope(SoapEnvelope.Opportunity("04l1", "<sf:Name></sf:Name>")).Bytes.Length;
        return new SoapEnvelope(SoapEnvelope.Opportunity("04l1", $"<sf:Name>{new string('x', length - around)}</sf:Name>")).Bytes;
    }

    private static async Task ShouldHaveLeftNothingAsync(Bridge bridge, TestHost web)
    {
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(0);
        web.Lines.Where(line => line.Contains(Canary) || line.Contains("   at ") || line.Contains("at=error")).ShouldBeEmpty();
    }
}
