using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.Callouts;

/// <summary>What is not as it should be: a clear answer, nothing stored, and nothing of what was sent in answer or log.</summary>
public sealed class BadCalloutTests
{
    private const string Marked = "not-to-be-seen";

    public static TheoryData<string, byte[], int, string> BadBodies => new()
    {
        { "empty", [], 400, "bad_json" },
        { "blank", Bytes("  "), 400, "bad_json" },
        { "malformed", Bytes($"{{\"{Marked}\": }}"), 400, "bad_json" },
        { "cut off", Bytes($"{{\"{Marked}\": [1,2"), 400, "bad_json" },
        { "two values", Bytes("{} {}"), 400, "bad_json" },
        { "a comment", Bytes($"{{}} // {Marked}"), 400, "bad_json" },
        { "a trailing comma", Bytes("[{},]"), 400, "bad_json" },
        { "XML", Bytes("<a/>"), 400, "bad_json" },
        { "100 deep", Bytes($"{new string('[', 100)}{new string(']', 100)}"), 400, "bad_json" },
        { "100 deep within", Bytes($"{{\"a\":{new string('[', 100)}{new string(']', 100)}}}"), 400, "bad_json" },
        { "UTF-16", Encoding.Unicode.GetBytes("{}"), 400, "not_utf8" },
        { "UTF-16 with a mark", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes("{}")], 400, "not_utf8" },
        { "an empty array", Bytes("[]"), 400, "no_record" },
        { "an empty trigger", Bytes("""{"new":[],"old":null}"""), 400, "no_record" },
        { "empty records", Bytes("""{"records":[]}"""), 400, "no_record" },
        { "a number", Bytes("7"), 400, "no_record" },
        { "two lists by one name", Bytes("""{"new":[{"n":1}],"new":[{"n":2}]}"""), 400, "duplicate_key" },
        { "50,001 records", Bytes($"[{string.Join(',', Enumerable.Repeat("1", 50_001))}]"), 413, "too_many_records" },
        { "much beside many", Bytes($$"""{"records":[{{string.Join(',', Enumerable.Repeat("1", 1000))}}],"beside":"{{new string('x', 100_000)}}"}"""), 413, "too_large" },
        { "too large", new byte[(12 << 20) + 1], 413, "too_large" },
    };

    [Theory]
    [MemberData(nameof(BadBodies), DisableDiscoveryEnumeration = true)]
    public async Task A_bad_body_is_refused_with_a_reason_and_stores_nothing(string what, byte[] body, int status, string error)
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();

        CalloutAnswer answer = await apex.PostAsync(body, key: "1");

        (answer.Status, answer.Error).ShouldBe((status, error), what);
        answer.Message!.Length.ShouldBeGreaterThan(20);
        answer.Body.ShouldNotContain(Marked);
        apex.Log.ShouldNotContain(line => line.Contains(Marked, StringComparison.Ordinal));
        (await apex.CountAsync()).ShouldBe(0);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("nonsense")]
    public async Task Another_content_type_is_refused(string type)
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();
        HttpRequestMessage request = CalloutCaller.Request("{}").With("X-Api-Key", CalloutCaller.Secret);
        request.Content!.Headers.Remove("Content-Type");

        CalloutAnswer answer = await apex.SendAsync(request.With("Content-Type", type));

        (answer.Status, answer.Error).ShouldBe((415, "content_type"));
    }

    [Theory]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("application/vnd.api+json")]
    [InlineData(null)]
    public async Task What_is_JSON_or_says_nothing_is_taken(string? type)
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();
        HttpRequestMessage request = CalloutCaller.Request("{}").With("X-Api-Key", CalloutCaller.Secret);
        request.Content!.Headers.Remove("Content-Type");

        (await apex.SendAsync(type is null ? request : request.With("Content-Type", type))).Status.ShouldBe(202);
    }

    [Theory]
    [InlineData("gzip", 400, "bad_gzip")]
    [InlineData("br", 415, "content_encoding")]
    public async Task A_body_packed_wrongly_is_refused(string encoding, int status, string error)
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();

        CalloutAnswer answer = await apex.SendAsync(CalloutCaller.Request("{}").With("Content-Encoding", encoding).With("X-Api-Key", CalloutCaller.Secret));

        (answer.Status, answer.Error).ShouldBe((status, error));
        (await apex.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Twelve_megabytes_are_taken_and_a_small_body_that_unpacks_to_more_is_not()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();
        byte[] bomb = Pack(new byte[13 << 20]);

        CalloutAnswer large = await apex.PostAsync($$"""{"Body":"{{new string('x', (12 << 20) - 20)}}"}""");
        CalloutAnswer unpacked = await apex.SendAsync(CalloutCaller.Request(bomb).With("Content-Encoding", "gzip").With("X-Api-Key", CalloutCaller.Secret));
        CalloutAnswer cut = await apex.SendAsync(CalloutCaller.Request(bomb[..^200]).With("Content-Encoding", "gzip").With("X-Api-Key", CalloutCaller.Secret));

        large.Status.ShouldBe(202, large.Body);
        (unpacked.Status, unpacked.Error).ShouldBe((413, "too_large"));
        cut.Status.ShouldBeInRange(400, 413);
        (await apex.CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_smaller_limit_can_be_set()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(vars => vars.With("BRIDGE_LARGEST_CALLOUT", "1MB"));
        HttpRequestMessage chunked = CalloutCaller.Request($"\"{new string('x', 1 << 20)}\"").With("X-Api-Key", CalloutCaller.Secret).With("Transfer-Encoding", "chunked");

        (await apex.PostAsync($"[\"{new string('x', 1 << 20)}\"]")).Status.ShouldBe(413);
        (await apex.SendAsync(chunked)).Status.ShouldBe(413);
        (await apex.PostAsync($"[\"{new string('x', 1000)}\"]")).Status.ShouldBe(202);
    }

    [Fact]
    public async Task A_chunked_body_that_breaks_off_stores_nothing()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();
        await apex.PostAsync("{}");
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, apex.Http.Port, TestContext.Current.CancellationToken);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(Bytes(
                $"POST /callouts/orders HTTP/1.1\r\nHost: x\r\nX-Api-Key: {CalloutCaller.Secret}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n"),
                TestContext.Current.CancellationToken);
            client.Client.Shutdown(SocketShutdown.Send);
            (await ReadUntilClosedAsync(stream)).ShouldNotContain(" 202 ");
        }

        (await apex.PostAsync("{}")).Status.ShouldBe(202);
        (await apex.CountAsync()).ShouldBe(2);
        apex.Log.ShouldNotContain(line => line.Contains("at=error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Other_methods_are_not_answered_as_if_they_were_callouts()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();

        (await apex.Http.GetAsync("/callouts/orders")).Status.ShouldBe(405);
        (await apex.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/callouts/orders/more") { Content = new StringContent("{}", new MediaTypeHeaderValue("application/json")) }))
            .Status.ShouldBe(404);
    }

    // However it is closed: politely, or since nobody will read on.
    private static async Task<string> ReadUntilClosedAsync(NetworkStream stream)
    {
        var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // It was reset.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest))
            gzip.Write(bytes);
        return packed.ToArray();
    }
}
