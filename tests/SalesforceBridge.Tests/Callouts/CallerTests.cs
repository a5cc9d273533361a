using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.Callouts;

/// <summary>Who is let in, and who is not.</summary>
public sealed class CallerTests
{
    private static readonly RSA Key = RSA.Create(2048);
    private static readonly string Certificate = MakeCertificate(Key);

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    [Fact]
    public async Task Each_secret_admits_in_each_way()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();
        foreach (string secret in (string[])[CalloutCaller.Secret, CalloutCaller.OtherSecret])
        {
            string basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"anybody:{secret}"));
            (await apex.SendAsync(CalloutCaller.Request("{}").With("X-Api-Key", secret))).Status.ShouldBe(202);
            (await apex.SendAsync(CalloutCaller.Request("{}").With("Authorization", $"Bearer {secret}"))).Status.ShouldBe(202);
            (await apex.SendAsync(CalloutCaller.Request("{}").With("Authorization", $"Basic {basic}"))).Status.ShouldBe(202);
            (await apex.SendAsync(Signed("{}", secret, Now))).Status.ShouldBe(202);
        }

        (await apex.CountAsync()).ShouldBe(8);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("X-Api-Key", "")]
    [InlineData("X-Api-Key", "a-secret-of-the-test-012345678")]
    [InlineData("X-Api-Key", "A-secret-of-the-test-0123456789")]
    [InlineData("Authorization", "Bearer nonsense")]
    [InlineData("Authorization", "Bearer bridge.x.y")]
    [InlineData("Authorization", "Bearer bridge..")]
    [InlineData("Authorization", "Basic a-secret-of-the-test-0123456789")]
    [InlineData("Authorization", "Basic bm9ib2R5")]
    [InlineData("Authorization", "Digest a-secret-of-the-test-0123456789")]
    [InlineData("Authorization", "a-secret-of-the-test-0123456789")]
    [InlineData("X-Bridge-Signature", "0011")]
    [InlineData("x-client-context", "eyJvcmdJZCI6IjAwRCJ9")]
    public async Task Whoever_knows_no_secret_is_refused_and_leaves_nothing(string? header, string? value)
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();
        HttpRequestMessage request = CalloutCaller.Request("{}");

        CalloutAnswer answer = await apex.SendAsync(header is null ? request : request.With(header, value!));

        (answer.Status, answer.Error).ShouldBe((401, "unauthorized"));
        answer.Body.ShouldNotContain("secret-of-the-test");
        (await apex.CountAsync()).ShouldBe(0);
        apex.Log.ShouldNotContain(line => line.Contains("secret-of-the-test", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_any_secret_nobody_is_admitted_and_the_start_says_so()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(vars => vars.Remove("BRIDGE_CALLOUT_SECRETS"));

        (await apex.PostAsync("{}")).Status.ShouldBe(401);
        (await apex.SendAsync(CalloutCaller.Request("{}").With("X-Api-Key", ""))).Status.ShouldBe(401);
        (await apex.SendAsync(Signed("{}", "", Now))).Status.ShouldBe(401);
        apex.Log.ShouldContain(line => line.Contains("at=warn", StringComparison.Ordinal) && line.Contains("BRIDGE_CALLOUT_SECRETS", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(-301)]
    [InlineData(301)]
    [InlineData(-100_000_000)]
    public async Task A_signature_of_another_time_is_refused(int seconds)
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();

        (await apex.SendAsync(Signed("{}", CalloutCaller.Secret, Now + seconds))).Status.ShouldBe(401);
    }

    [Fact]
    public async Task A_signature_covers_time_key_and_body()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();
        string signature = CalloutCaller.Sign(CalloutCaller.Secret, $"{Now}.{{}}");
        HttpRequestMessage With(string body, long time) => CalloutCaller.Request(body).With("X-Bridge-Timestamp", $"{time}").With("X-Bridge-Signature", signature);

        (await apex.SendAsync(With("{ }", Now))).Status.ShouldBe(401);
        (await apex.SendAsync(With("{}", Now + 1))).Status.ShouldBe(401);
        (await apex.SendAsync(With("{}", Now).With("Idempotency-Key", "another"))).Status.ShouldBe(401);
        (await apex.SendAsync(CalloutCaller.Request("{}").With("X-Bridge-Timestamp", "soon").With("X-Bridge-Signature", signature))).Status.ShouldBe(401);
        (await apex.SendAsync(CalloutCaller.Request("{}").With("X-Bridge-Timestamp", "99999999999999999").With("X-Bridge-Signature", signature))).Status.ShouldBe(401);
        (await apex.CountAsync()).ShouldBe(0);

        string keyed = CalloutCaller.Sign(CalloutCaller.Secret, $"{Now}.key 1.{{}}");
        (await apex.SendAsync(CalloutCaller.Request("{}").With("X-Bridge-Timestamp", $"{Now}").With("X-Bridge-Signature", $"sha256={keyed}").With("Idempotency-Key", "key 1")))
            .Status.ShouldBe(202);
    }

    [Fact]
    public async Task A_signed_request_that_is_replayed_stores_nothing()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();
        long now = Now;
        string base64 = Convert.ToBase64String(Convert.FromHexString(CalloutCaller.Sign(CalloutCaller.Secret, $"{now}.{{}}")));
        HttpRequestMessage Replay() => CalloutCaller.Request("{}").With("X-Bridge-Timestamp", $"{now}").With("X-Bridge-Signature", base64);

        CalloutAnswer first = await apex.SendAsync(Replay());
        CalloutAnswer second = await apex.SendAsync(Replay());

        second.ShouldBe(first);
        (await apex.CountAsync()).ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_named_credential_gets_a_token_and_calls_with_it(bool inHeader)
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();

        CalloutAnswer token = await apex.SendAsync(TokenRequest("mes", CalloutCaller.Secret, inHeader));

        token.Status.ShouldBe(200);
        token.Json.GetProperty("token_type").GetString().ShouldBe("Bearer");
        token.Json.GetProperty("expires_in").GetInt32().ShouldBe(3600);
        string bearer = $"Bearer {token.Json.GetProperty("access_token").GetString()}";
        (await apex.SendAsync(CalloutCaller.Request("{}").With("Authorization", bearer).With("Idempotency-Key", "1"))).Status.ShouldBe(202);
        (await apex.Bridge.Database.ScalarAsync<string>("select dedupe_key from bridge.inbox")).ShouldBe("mes/1#0");
        (await apex.SendAsync(CalloutCaller.Request("{}").With("Authorization", bearer + "x"))).Status.ShouldBe(401);
    }

    [Fact]
    public async Task A_token_admits_only_as_long_as_its_hour_and_its_secret_last()
    {
        var clock = new OffsetClock();
        await using CalloutCaller apex = await CalloutCaller.StartAsync(change: services => clock.Replace(services));
        string token = (await apex.SendAsync(TokenRequest("mes", CalloutCaller.Secret))).Json.GetProperty("access_token").GetString()!;
        await using CalloutCaller rotated = await CalloutCaller.StartAsync(vars => vars.With("BRIDGE_CALLOUT_SECRETS", $"mes={CalloutCaller.OtherSecret}"));

        (await rotated.SendAsync(CalloutCaller.Request("{}").With("Authorization", $"Bearer {token}"))).Status.ShouldBe(401);
        (await apex.SendAsync(CalloutCaller.Request("{}").With("Authorization", $"Bearer {token}"))).Status.ShouldBe(202);
        clock.Offset = TimeSpan.FromMinutes(61);
        (await apex.SendAsync(CalloutCaller.Request("{}").With("Authorization", $"Bearer {token}"))).Status.ShouldBe(401);
    }

    [Theory]
    [InlineData("grant_type=client_credentials&client_id=mes&client_secret=wrong", 401, "invalid_client")]
    [InlineData("grant_type=client_credentials&client_id=erp&client_secret=" + CalloutCaller.Secret, 401, "invalid_client")]
    [InlineData("grant_type=client_credentials", 401, "invalid_client")]
    [InlineData("grant_type=password&client_id=mes&client_secret=" + CalloutCaller.Secret, 400, "unsupported_grant_type")]
    [InlineData("", 400, "unsupported_grant_type")]
    public async Task A_token_is_refused_in_the_words_of_OAuth(string form, int status, string error)
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();

        CalloutAnswer answer = await apex.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/oauth/token") { Content = new StringContent(form) });

        (answer.Status, answer.Error).ShouldBe((status, error));
    }

    [Fact]
    public async Task A_token_signed_with_a_certificates_key_admits_and_its_replay_stores_nothing()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(WithCertificate);
        HttpRequestMessage Call(string body) => CalloutCaller.Request(body).With("Authorization", $"Bearer {Jwt(Claims(jti: "j1"))}");

        CalloutAnswer first = await apex.SendAsync(Call("""{"n":1}"""));
        CalloutAnswer replay = await apex.SendAsync(Call("""{"n":1}"""));
        CalloutAnswer next = await apex.SendAsync(Call("""{"n":2}"""));

        first.Status.ShouldBe(202, first.Body);
        replay.ShouldBe(first);
        next.Status.ShouldBe(202);
        (await apex.CountAsync()).ShouldBe(2);
    }

    public static TheoryData<string, string> ForgedTokens => new()
    {
        { "alg none", $"{Part("""{"alg":"none"}""")}.{Part(Claims())}." },
        { "alg none with a signature", $"{Part("""{"alg":"none"}""")}.{Part(Claims())}.{Part("x")}" },
        { "HS256 with the certificate as key", Hs256() },
        { "another key", Jwt(Claims(), RSA.Create(2048)) },
        { "tampered", Jwt(Claims()).Replace(Part(Claims()), Part(Claims(iss: "evil"))) },
        { "expired", Jwt(Claims(expires: -120)) },
        { "no exp", Jwt($$"""{"iss":"org","aud":"salesforce-bridge"}""") },
        { "future", Jwt(Claims(notBefore: 3600)) },
        { "another audience", Jwt(Claims(aud: "somebody")) },
        { "no issuer", Jwt($$"""{"aud":"salesforce-bridge","exp":{{Now + 60}}}""") },
        { "no base64", "a.b!.c" },
        { "no object", Jwt("[]") },
        { "huge exp", Jwt("""{"iss":"org","aud":"salesforce-bridge","exp":1e300}""") },
    };

    [Theory]
    [MemberData(nameof(ForgedTokens), DisableDiscoveryEnumeration = true)]
    public async Task A_forged_token_admits_nobody(string what, string token)
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(WithCertificate);

        CalloutAnswer answer = await apex.SendAsync(CalloutCaller.Request("{}").With("Authorization", $"Bearer {token}"));

        (answer.Status, answer.Error).ShouldBe((401, "unauthorized"), what);
        (await apex.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_caller_from_elsewhere_is_refused_whatever_it_knows()
    {
        await using CalloutCaller far = await CalloutCaller.StartAsync(vars => vars.With("BRIDGE_TRUSTED_RANGES", "13.108.0.0/14, 2620:10a::/32"));
        await using CalloutCaller near = await CalloutCaller.StartAsync(vars => vars.With("BRIDGE_TRUSTED_RANGES", "127.0.0.0/8"));

        CalloutAnswer answer = await far.PostAsync("{}");

        (answer.Status, answer.Error).ShouldBe((403, "untrusted_address"));
        (await far.SendAsync(CalloutCaller.Request("{}").With("X-Api-Key", CalloutCaller.Secret).With("X-Forwarded-For", "13.108.1.1"))).Status.ShouldBe(403);
        (await far.SendAsync(TokenRequest("mes", CalloutCaller.Secret))).Status.ShouldBe(403);
        (await near.PostAsync("{}")).Status.ShouldBe(202);
        (await near.SendAsync(CalloutCaller.Request("{}"))).Status.ShouldBe(401);
    }

    [Fact]
    public async Task On_Heroku_the_hop_that_the_router_wrote_counts()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(vars => vars.With("BRIDGE_TRUSTED_RANGES", "13.108.0.0/14").With("DYNO", "web.1"));
        HttpRequestMessage From(string hops) => CalloutCaller.Request("{}").With("X-Api-Key", CalloutCaller.Secret).With("X-Forwarded-For", hops);

        (await apex.SendAsync(From("198.51.100.1, 13.108.1.1"))).Status.ShouldBe(202);
        (await apex.SendAsync(From("13.108.1.1, 198.51.100.1"))).Status.ShouldBe(403);
    }

    [Fact]
    public async Task A_caller_through_AppLink_is_admitted_on_the_orgs_own_word_and_the_org_is_asked_once()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();
        string token = await TokenOfOrgAsync(apex.Bridge.Org);
        string context = Context(token, apex.Bridge.Org.OrgId[..15], "https://evil.example.com");
        await apex.SendAsync(CalloutCaller.Request("{}").With("x-client-context", context));
        int asked = apex.Bridge.Org.Ledger.Calls.Count;

        CalloutAnswer answer = await apex.SendAsync(CalloutCaller.Request("{}").With("x-client-context", context).With("Idempotency-Key", "1"));

        answer.Status.ShouldBe(202, answer.Body);
        apex.Bridge.Org.Ledger.Calls.Count.ShouldBe(asked);
        (await apex.Bridge.Database.ScalarAsync<string>("select dedupe_key from bridge.inbox where dedupe_key is not null")).ShouldMatch("^005[^/]+/1#0$");
    }

    [Fact]
    public async Task A_forged_AppLink_context_admits_nobody()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();
        string orgId = apex.Bridge.Org.OrgId, token = await TokenOfOrgAsync(apex.Bridge.Org), url = apex.Bridge.Org.InstanceUrl.ToString();

        foreach (string context in (string[])
        [
            Context("no-token-of-the-org", orgId, url), Context(token, "00D000000000009AAA", url), Context("line\nbreak", orgId, url),
            "not base64", Convert.ToBase64String("[]"u8), Convert.ToBase64String("{"u8), Convert.ToBase64String("{}"u8),
        ])
            (await apex.SendAsync(CalloutCaller.Request("{}").With("x-client-context", context))).Status.ShouldBe(401, context);
        (await apex.CountAsync()).ShouldBe(0);
        apex.Log.ShouldNotContain(line => line.Contains(token, StringComparison.Ordinal));
    }

    private static string Context(string token, string orgId, string url) => Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(new
    {
        accessToken = token,
        apiVersion = "62.0",
        requestId = "r1",
        orgId,
        orgDomainUrl = url,
        userContext = new { userId = "0051", username = "u" },
    }));

    private static async Task<string> TokenOfOrgAsync(Simulator.SimulatedOrg org)
    {
        using var http = new HttpClient(new SocketsHttpHandler());
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = "sandbox-consumer-key",
            ["client_secret"] = "sandbox-consumer-secret",
        });
        using HttpResponseMessage response = await http.PostAsync(new Uri(org.Url, "/services/oauth2/token"), form, TestContext.Current.CancellationToken);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).GetProperty("access_token").GetString()!;
    }

    private static void WithCertificate(Infrastructure.ConfigVars vars) => vars["BRIDGE_CALLOUT_CERTIFICATES"] = Certificate;

    private static HttpRequestMessage Signed(string body, string secret, long time) => CalloutCaller.Request(body)
        .With("X-Bridge-Timestamp", $"{time}").With("X-Bridge-Signature", CalloutCaller.Sign(secret, $"{time}.{body}"));

    private static HttpRequestMessage TokenRequest(string name, string secret, bool inHeader = false)
    {
        string credentials = inHeader ? "" : $"&client_id={name}&client_secret={secret}";
        var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token")
        {
            Content = new StringContent($"grant_type=client_credentials{credentials}", Encoding.UTF8, "application/x-www-form-urlencoded"),
        };
        if (inHeader)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{secret}")));
        return request;
    }

    private static string Claims(string iss = "org", string aud = "salesforce-bridge", int expires = 60, int notBefore = -10, string? jti = null) =>
        JsonSerializer.Serialize(new { iss, aud, exp = Now / 10 * 10 + expires + 10, nbf = Now / 10 * 10 + notBefore, jti });

    private static string Jwt(string claims, RSA? key = null)
    {
        string signed = $"{Part("""{"alg":"RS256","typ":"JWT"}""")}.{Part(claims)}";
        return $"{signed}.{Base64Url((key ?? Key).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Hs256()
    {
        string signed = $"{Part("""{"alg":"HS256"}""")}.{Part(Claims())}";
        return $"{signed}.{Base64Url(HMACSHA256.HashData(Encoding.ASCII.GetBytes(Certificate), Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Part(string text) => Base64Url(Encoding.UTF8.GetBytes(text));

    private static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static string MakeCertificate(RSA key) =>
        new CertificateRequest("CN=org", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1)).ExportCertificatePem();
}
