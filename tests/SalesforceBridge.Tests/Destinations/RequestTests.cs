using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using SalesforceBridge.Configuration;
using SalesforceBridge.Destinations.Requests;
using SalesforceBridge.Messaging;
using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.Destinations;

public sealed class RequestTests
{
    private static readonly CircuitTimes Patient = new() { Failures = 1000 };

    [Fact]
    public async Task A_delivery_is_a_request_that_tells_its_repeats_and_its_trace()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        using RequestApis apis = Apis(api);

        DeliveryOutcome outcome = await SendAsync(apis, Delivery(7, """{"n":1}""", """{"_url":"orders/a%2Fb?x=1&y=%23","_method":"put","_headers":{"Accept":"text/csv","X-N":5}}""") with { TraceParent = "00-abc-def-01" });

        outcome.ShouldBeOfType<DeliveryOutcome.Delivered>();
        PartnerRequest request = api.Requests.ShouldHaveSingleItem();
        (request.Method, request.Url, request.Body).ShouldBe(("PUT", "/v1/orders/a%2Fb?x=1&y=%23", """{"n":1}"""));
        (request["Idempotency-Key"], request["User-Agent"], request["traceparent"]).ShouldBe(("lane/7", "SalesforceBridge/0.1.0", "00-abc-def-01"));
        (request["Accept"], request["X-N"], request["Content-Type"], request["Authorization"]).ShouldBe(("text/csv", "5", "application/json", null));
        request.Headers.Keys.ShouldNotContain(name => name.StartsWith("Sforce", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("{}", null, "POST", "{}", "application/json")]
    [InlineData("{}", """{"_method":"GET"}""", "GET", "", null)]
    [InlineData("{}", """{"_method":"DELETE"}""", "DELETE", "", null)]
    [InlineData("""{"a":1}""", """{"_method":"DELETE"}""", "DELETE", """{"a":1}""", "application/json")]
    [InlineData("{}", """{"_body":[1,2]}""", "POST", "[1,2]", "application/json")]
    [InlineData("{}", """{"_body":"a,b","_headers":{"Content-Type":"text/csv"}}""", "POST", "a,b", "text/csv")]
    [InlineData("{}", """{"_body":"hé"}""", "PATCH", "hé", "text/plain; charset=utf-8")]
    public async Task The_columns_or_the_body_column_are_what_is_sent(string body, string? metadata, string method, string sent, string? type)
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        using RequestApis apis = Apis(api);
        if (method == "PATCH")
            metadata = metadata!.Replace("{", """{"_method":"PATCH",""");

        (await SendAsync(apis, Delivery(1, body, metadata))).ShouldBeOfType<DeliveryOutcome.Delivered>();

        PartnerRequest request = api.Requests.ShouldHaveSingleItem();
        (request.Method, request.Url, request.Body, request["Content-Type"]).ShouldBe((method, "/v1", sent, type));
    }

    [Theory]
    [InlineData("""{"_url":"https://evil.example.com/"}""", "begins like an absolute address")]
    [InlineData("""{"_url":"javascript:alert"}""", "begins like an absolute address")]
    [InlineData("""{"_url":"//evil.example.com/"}""", "holds `//`")]
    [InlineData("""{"_url":"/a//b"}""", "holds `//`")]
    [InlineData("""{"_url":"/../admin"}""", "holds a segment `.` or `..`")]
    [InlineData("""{"_url":"a/../../admin"}""", "holds a segment `.` or `..`")]
    [InlineData("""{"_url":"/%2e%2e/admin"}""", "holds a segment `.` or `..`")]
    [InlineData("""{"_url":"/.%2E/admin"}""", "holds a segment `.` or `..`")]
    [InlineData("""{"_url":"/%252e%252e/admin"}""", "holds a segment `.` or `..`")]
    [InlineData("""{"_url":"/a%2f..%2fadmin"}""", "holds a segment `.` or `..`")]
    [InlineData("""{"_url":"/..;x/admin"}""", "holds a segment `.` or `..`")]
    [InlineData("""{"_url":"/%25252525252525252e"}""", "is encoded again and again")]
    [InlineData("""{"_url":"/a\\b"}""", "holds a backslash")]
    [InlineData("""{"_url":"/a?b=\\"}""", "holds a backslash")]
    [InlineData("""{"_url":"/%5c..%5cadmin"}""", "holds an encoded backslash")]
    [InlineData("""{"_url":"/a#b"}""", "holds a `#`")]
    [InlineData("""{"_url":"/a\r\nHost: evil"}""", "holds a blank or another character that no address has")]
    [InlineData("""{"_url":"/a%0d%0ab"}""", "holds an encoded control character")]
    [InlineData("""{"_url":7}""", "`_url` is no text")]
    [InlineData("""{"_method":"CONNECT"}""", "`_method` is none of")]
    [InlineData("""{"_method":"GET","_body":{}}""", "a GET has no body")]
    [InlineData("""{"_headers":"x"}""", "`_headers` is no JSON object")]
    [InlineData("""{"_headers":{"Host":"evil"}}""", "`_headers` holds Host, which the bridge sets itself")]
    [InlineData("""{"_headers":{"authorization":"Bearer x"}}""", "`_headers` holds authorization")]
    [InlineData("""{"_headers":{"idempotency-key":"x"}}""", "`_headers` holds idempotency-key")]
    [InlineData("""{"_headers":{"Transfer-Encoding":"chunked"}}""", "`_headers` holds Transfer-Encoding")]
    [InlineData("""{"_headers":{"Connection":"close"}}""", "`_headers` holds Connection")]
    [InlineData("""{"_headers":{"client_secret":"x"}}""", "`_headers` holds client_secret")]
    [InlineData("""{"_headers":{"X-A":"b\r\nX-C: d"}}""", "`_headers` holds for X-A what no header can")]
    [InlineData("""{"_headers":{"X A":"b"}}""", "`_headers` holds a name that no header has")]
    public async Task What_would_lead_elsewhere_or_say_something_in_the_bridges_name_is_refused_and_not_sent(string metadata, string why)
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        using RequestApis apis = Apis(api);

        var refused = (await SendAsync(apis, Delivery(1, "{}", metadata))).ShouldBeOfType<DeliveryOutcome.Refused>();

        refused.Permanent.ShouldBeTrue();
        refused.Error.ShouldContain(why);
        refused.Error.ShouldNotContain("evil");
        api.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_body_is_said_once()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        using RequestApis apis = Apis(api);

        (await SendAsync(apis, Delivery(1, """{"a":1}""", """{"_body":{"b":2}}"""))).ShouldBeOfType<DeliveryOutcome.Refused>().Error.ShouldContain("`_body` is the whole body");
    }

    [Theory]
    [InlineData(200, "Delivered")]
    [InlineData(204, "Delivered")]
    [InlineData(302, "Refused for good")]
    [InlineData(400, "Refused for good")]
    [InlineData(401, "LaneRefused")]
    [InlineData(403, "LaneRefused")]
    [InlineData(404, "Refused for good")]
    [InlineData(408, "Refused")]
    [InlineData(409, "Refused for good")]
    [InlineData(410, "Refused for good")]
    [InlineData(422, "Refused for good")]
    [InlineData(425, "Refused")]
    [InlineData(429, "Refused")]
    [InlineData(500, "Refused")]
    [InlineData(503, "Refused")]
    public async Task The_status_says_what_became_of_it_and_no_text_of_the_answer_is_told(int status, string expected)
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        api.Answering((status, """{"code":"E-17","message":"the secret is hunter2","sent":"4711"}"""));
        using RequestApis apis = Apis(api);

        DeliveryOutcome outcome = await SendAsync(apis, Delivery(1, """{"n":4711}"""));

        (outcome is DeliveryOutcome.Refused { Permanent: true } ? "Refused for good" : outcome.GetType().Name).ShouldBe(expected);
        string error = outcome switch
        {
            DeliveryOutcome.Refused refused => refused.Error,
            DeliveryOutcome.LaneRefused refused => refused.Error,
            _ => $"ERP answered {status} (E-17)",
        };
        error.ShouldStartWith($"ERP answered {status} (E-17)");
        error.ShouldNotContain("hunter2");
        error.ShouldNotContain("4711");
        api.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task When_the_api_asks_to_wait_everything_of_it_waits(int status)
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        api.Answer = (_, context) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "30";
            return Task.CompletedTask;
        };
        using RequestApis apis = Apis(api);

        (await SendAsync(apis, Delivery(1, "{}"))).ShouldBeOfType<DeliveryOutcome.NotNow>().Wait.ShouldBe(TimeSpan.FromSeconds(30));
        (await SendAsync(apis, Delivery(2, "{}"))).ShouldBeOfType<DeliveryOutcome.NotNow>().Wait!.Value.ShouldBeInRange(TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(30));

        api.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_api_that_asks_for_years_is_asked_again_within_the_hour()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        api.Answer = (_, context) =>
        {
            context.Response.StatusCode = api.Requests.Count > 1 ? 200 : 503;
            context.Response.Headers.RetryAfter = $"{int.MaxValue}";
            return Task.CompletedTask;
        };
        var time = new OffsetClock();
        using var apis = new RequestApis([new("ERP", Base(api), new RequestAuth.None(), 4)], Patient, time);

        (await SendAsync(apis, Delivery(1, "{}"))).ShouldBeOfType<DeliveryOutcome.NotNow>();
        time.Offset += TimeSpan.FromHours(1);

        (await SendAsync(apis, Delivery(1, "{}"))).ShouldBeOfType<DeliveryOutcome.Delivered>();
    }

    [Fact]
    public async Task A_connection_that_was_never_made_is_tried_again_and_one_that_was_lost_is_in_doubt_unless_it_only_reads()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using RequestApis apis = Apis(new Uri($"http://127.0.0.1:{port}/v1"), new RequestAuth.None());

        Task lost = LoseAsync(listener, []);
        (await SendAsync(apis, Delivery(1, """{"n":1}"""))).ShouldBeOfType<DeliveryOutcome.InDoubt>().Error.ShouldContain("after the request was sent");
        (await SendAsync(apis, Delivery(2, "{}", """{"_method":"GET"}"""))).ShouldBeOfType<DeliveryOutcome.Refused>().Permanent.ShouldBeFalse();
        listener.Stop();
        await lost;
        var refused = (await SendAsync(apis, Delivery(3, """{"n":1}"""))).ShouldBeOfType<DeliveryOutcome.Refused>();

        (refused.Code, refused.Permanent).ShouldBe(("unreachable", false));
    }

    [Theory]
    [InlineData("""{"n":2}""", "POST")]
    [InlineData("{}", "DELETE")]
    public async Task A_request_that_a_kept_connection_lost_is_not_sent_again_behind_our_back(string body, string method)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using RequestApis apis = Apis(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1"), new RequestAuth.None());

        Task<int> requests = LoseAsync(listener, [], "HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray());
        (await SendAsync(apis, Delivery(1, """{"n":1}"""))).ShouldBeOfType<DeliveryOutcome.Delivered>();
        (await SendAsync(apis, Delivery(2, body, $$"""{"_method":"{{method}}"}"""))).ShouldBeOfType<DeliveryOutcome.InDoubt>();
        listener.Stop();

        (await requests).ShouldBe(2);
    }

    [Fact]
    public async Task A_request_without_an_answer_in_time_is_in_doubt_and_its_neighbours_are_not()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        api.Answer = (request, context) => request.Body.Contains('2') ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted) : Task.CompletedTask;
        using RequestApis apis = Apis(api);
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(500), TimeProvider.System);

        CallOutcome outcome = await apis.Find("erp")!.DeliverAsync([.. Enumerable.Range(1, 3).Select(n => Delivery(n, $$"""{"n":{{n}}}"""))], limit.Token);

        outcome.ShouldBeOfType<CallOutcome.Answered>().Outcomes.Select(one => one.GetType().Name).ShouldBe(["Delivered", "InDoubt", "Delivered"]);
    }

    [Fact]
    public async Task As_many_are_under_way_at_once_as_the_configuration_says_for_all_lanes_together()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        var full = new TaskCompletionSource();
        int here = 0;
        api.Answer = async (_, _) =>
        {
            if (Interlocked.Increment(ref here) == 3)
                full.SetResult();
            await full.Task.WaitAsync(TimeSpan.FromSeconds(10));
        };
        using RequestApis apis = Apis(api, concurrency: 3);
        apis.Find("ERP")!.CallSize.ShouldBe(3);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(lane => apis.Find("erp")!.DeliverAsync([.. Enumerable.Range(1, 3).Select(n => Delivery((lane * 10) + n, "{}"))], TestContext.Current.CancellationToken)));

        (api.Requests.Count, api.MostUnderWay).ShouldBe((12, 3));
    }

    [Fact]
    public async Task An_api_that_keeps_failing_is_left_alone_and_then_one_request_tries()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        var time = new OffsetClock();
        api.Answering((500, ""), (500, ""), (500, ""), (500, ""), (200, ""));
        using var apis = new RequestApis([new("ERP", Base(api), new RequestAuth.None(), 4)], new CircuitTimes { Failures = 3 }, time);

        for (int n = 1; n <= 3; n++)
            (await SendAsync(apis, Delivery(n, "{}"))).ShouldBeOfType<DeliveryOutcome.Refused>();
        TimeSpan first = (await SendAsync(apis, Delivery(4, "{}"))).ShouldBeOfType<DeliveryOutcome.NotNow>().Wait!.Value;
        apis.Find("erp")!.CallSize.ShouldBe(1);
        time.Offset += TimeSpan.FromSeconds(2);
        (await SendAsync(apis, Delivery(4, "{}"))).ShouldBeOfType<DeliveryOutcome.Refused>();
        TimeSpan second = (await SendAsync(apis, Delivery(4, "{}"))).ShouldBeOfType<DeliveryOutcome.NotNow>().Wait!.Value;
        time.Offset += TimeSpan.FromSeconds(5);
        (await SendAsync(apis, Delivery(4, "{}"))).ShouldBeOfType<DeliveryOutcome.Delivered>();

        second.ShouldBeGreaterThan(first);
        apis.Find("erp")!.CallSize.ShouldBe(4);
        api.Requests.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Each_way_to_prove_who_sends_it_is_in_the_headers()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();

        (await HeadersAsync(api, new RequestAuth.Basic("ann", new Secret("pä:ss"))))["Authorization"].ShouldBe($"Basic {Convert.ToBase64String("ann:pä:ss"u8)}");
        (await HeadersAsync(api, new RequestAuth.Bearer(new Secret("t0ken"))))["Authorization"].ShouldBe("Bearer t0ken");
        PartnerRequest mule = await HeadersAsync(api, new RequestAuth.Anypoint("an-id", new Secret("a-secret")));
        (mule["client_id"], mule["client_secret"], mule["Authorization"]).ShouldBe(("an-id", "a-secret", null));
        PartnerRequest signed = await HeadersAsync(api, new RequestAuth.Hmac(new Secret("a key of sixteen")));
        byte[] expected = HMACSHA256.HashData("a key of sixteen"u8, Encoding.UTF8.GetBytes($"{signed["X-Bridge-Timestamp"]}.{signed["Idempotency-Key"]}.{signed.Body}"));
        signed["X-Bridge-Signature"].ShouldBe($"sha256={Convert.ToHexStringLower(expected)}");
    }

    [Fact]
    public async Task A_token_is_asked_for_once_kept_until_it_ends_and_renewed_once_when_it_is_refused()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        var time = new OffsetClock();
        api.Answer = (request, context) =>
        {
            context.Response.StatusCode = request["Authorization"] == "Bearer token-2" ? 401 : 200;
            return Task.CompletedTask;
        };
        using var apis = new RequestApis([new("ERP", Base(api), Credentials(api), 4)], Patient, time);

        await apis.Find("erp")!.DeliverAsync([.. Enumerable.Range(1, 4).Select(n => Delivery(n, "{}"))], TestContext.Current.CancellationToken);
        time.Offset += TimeSpan.FromHours(1);
        (await SendAsync(apis, Delivery(5, "{}"))).ShouldBeOfType<DeliveryOutcome.Delivered>();

        api.Requests.Select(request => request["Authorization"]).ShouldBe(["Bearer token-1", "Bearer token-1", "Bearer token-1", "Bearer token-1", "Bearer token-2", "Bearer token-3"]);
        PartnerRequest asked = api.TokenRequests[0];
        (asked["Authorization"], asked.Body).ShouldBe(($"Basic {Convert.ToBase64String("an%20id:s%3Acret"u8)}", "grant_type=client_credentials"));
    }

    [Fact]
    public async Task A_second_refusal_of_a_token_stops_the_lane()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        api.Answering((401, "{}"));
        using RequestApis apis = Apis(Base(api), Credentials(api));

        (await SendAsync(apis, Delivery(1, "{}"))).ShouldBeOfType<DeliveryOutcome.LaneRefused>().Error.ShouldContain("BRIDGE_REQUEST_ERP_");

        (api.Requests.Count, api.TokenRequests.Count).ShouldBe((2, 2));
    }

    [Theory]
    [InlineData(401, """{"error":"invalid_client","error_description":"s:cret is wrong"}""", "LaneRefused", "it answered 401 (invalid_client)")]
    [InlineData(503, "", "NotNow", "it answered 503")]
    [InlineData(200, "<html>", "NotNow", "it answered 200")]
    public async Task Without_a_token_nothing_is_sent(int status, string body, string expected, string why)
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        api.Token = _ => (status, body);
        using RequestApis apis = Apis(Base(api), Credentials(api));

        DeliveryOutcome outcome = await SendAsync(apis, Delivery(1, "{}"));

        outcome.GetType().Name.ShouldBe(expected);
        outcome.ToString().ShouldContain(why);
        outcome.ToString().ShouldNotContain("s:cret");
        api.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_answer_is_told_with_its_status_its_named_headers_and_its_body()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        api.Answer = async (_, context) =>
        {
            context.Response.StatusCode = 201;
            context.Response.ContentType = "application/json";
            context.Response.Headers.Location = "/v1/orders/9";
            context.Response.Headers.SetCookie = "a=b";
            await context.Response.WriteAsync("""{"id":9}""");
        };
        using RequestApis apis = Apis(api);

        JsonNode told = await ToldAsync(apis);

        told.ToJsonString().ShouldBe("""{"status":201,"headers":{"Content-Type":"application/json","Location":"/v1/orders/9"},"body":{"id":9}}""");
    }

    [Theory]
    [InlineData("\"a\\u0000b\"", "\"a\\u0000b\"")]
    [InlineData("not json", "not json")]
    [InlineData("", null)]
    public async Task A_body_that_Postgres_does_not_take_as_JSON_is_told_as_text(string body, string? told)
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        api.Answering((200, body));
        using RequestApis apis = Apis(api);

        ((string?)(await ToldAsync(apis))["body"]).ShouldBe(told);
    }

    [Fact]
    public async Task What_is_nested_deep_is_sent_and_told_like_anything_else()
    {
        string deep = $"{new string('[', 200)}{new string(']', 200)}";
        await using PartnerApi api = await PartnerApi.StartAsync();
        api.Answering((200, $$"""{"said":{{deep}}}"""));
        using RequestApis apis = Apis(api);

        var delivered = (await SendAsync(apis, Delivery(1, $$"""{"a":{{deep}}}"""))).ShouldBeOfType<DeliveryOutcome.Delivered>();
        (await SendAsync(apis, Delivery(2, "{}", $$"""{"_body":{{deep}}}"""))).ShouldBeOfType<DeliveryOutcome.Delivered>();

        Encoding.UTF8.GetString(delivered.Response!.Value.Span).ShouldContain($$"""{"said":{{deep}}}""");
        api.Requests.Select(request => request.Body).ShouldBe([$$"""{"a":{{deep}}}""", deep]);
    }

    [Fact]
    public async Task A_body_of_more_than_256_KB_is_cut_and_that_is_said()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        api.Answering((200, $"\"{new string('x', 300_000)}\""));
        using RequestApis apis = Apis(api);

        JsonNode told = await ToldAsync(apis);

        ((string?)told["body"])!.Length.ShouldBe(256 * 1024);
        ((bool?)told["cut"]).ShouldBe(true);
    }

    [Fact]
    public async Task A_body_that_breaks_off_does_not_undo_what_its_status_said()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using RequestApis apis = Apis(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1"), new RequestAuth.None());

        Task broken = LoseAsync(listener, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":"u8.ToArray());
        JsonNode told = await ToldAsync(apis);
        listener.Stop();
        await broken;

        ((string?)told["body"], (bool?)told["cut"]).ShouldBe(("""{"id":""", true));
    }

    [Fact]
    public async Task A_callers_session_is_never_shown_to_another_api()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        using RequestApis apis = Apis(api);

        CallOutcome outcome = await apis.Find("erp")!.As(new CallerToken("005", "session")).DeliverAsync([Delivery(1, "{}")], TestContext.Current.CancellationToken);

        outcome.ShouldBeOfType<CallOutcome.Answered>().Outcomes.ShouldHaveSingleItem().ShouldBeOfType<DeliveryOutcome.Refused>().Permanent.ShouldBeTrue();
        api.Requests.ShouldBeEmpty();
    }

    private static RequestApis Apis(PartnerApi api, int concurrency = 4) => new([new("ERP", Base(api), new RequestAuth.None(), concurrency)], Patient, TimeProvider.System);

    private static RequestApis Apis(Uri url, RequestAuth auth) => new([new("ERP", url, auth, 4)], Patient, TimeProvider.System);

    private static Uri Base(PartnerApi api) => new(api.Url, "/v1");

    private static RequestAuth.ClientCredentials Credentials(PartnerApi api) => new("an id", new Secret("s:cret"), new Uri(api.Url, "/token"));

    private static Delivery Delivery(long id, string body, string? metadata = null) =>
        new("lane", id, null, "request ERP", Encoding.UTF8.GetBytes(body), metadata is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(metadata), 1);

    private static async Task<DeliveryOutcome> SendAsync(RequestApis apis, Delivery delivery) =>
        (await apis.Find("erp")!.DeliverAsync([delivery], TestContext.Current.CancellationToken)).ShouldBeOfType<CallOutcome.Answered>().Outcomes.ShouldHaveSingleItem();

    private static async Task<PartnerRequest> HeadersAsync(PartnerApi api, RequestAuth auth)
    {
        using RequestApis apis = Apis(Base(api), auth);
        (await SendAsync(apis, Delivery(1, """{"n":1}"""))).ShouldBeOfType<DeliveryOutcome.Delivered>();
        return api.Requests[^1];
    }

    private static async Task<JsonNode> ToldAsync(RequestApis apis) =>
        JsonNode.Parse((await SendAsync(apis, Delivery(1, "{}"))).ShouldBeOfType<DeliveryOutcome.Delivered>().Response!.Value.Span)!;

    // Takes requests until it is stopped: those of a connection are answered in turn, the last one with so much, and then it hangs up.
    private static async Task<int> LoseAsync(TcpListener listener, byte[] last, params byte[][] first)
    {
        int requests = 0;
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
                foreach (byte[] says in (byte[][])[.. first, last])
                {
                    if (await client.GetStream().ReadAsync(new byte[4096], TestContext.Current.CancellationToken) > 0)
                        requests++;
                    await client.GetStream().WriteAsync(says, TestContext.Current.CancellationToken);
                }
            }
        }
        catch (Exception stopped) when (stopped is SocketException or InvalidOperationException)
        {
            // The one while it listened, the other before it listened again.
            return requests;
        }
    }
}
