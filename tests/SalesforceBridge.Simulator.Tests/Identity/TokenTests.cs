using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Identity;

public sealed class TokenTests
{
    private const string JwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    [Theory]
    [InlineData("bridge-password")]
    [InlineData("bridge-passwordQ1w2E3r4")]
    public async Task A_password_with_or_without_the_security_token_gives_a_token(string password)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.GrantAsync(
            ("grant_type", "password"), ("client_id", OrgDriver.ConsumerKey), ("client_secret", OrgDriver.ConsumerSecret),
            ("username", "bridge@example.com"), ("password", password));

        answer.Status.ShouldBe(200);
        answer.Json.GetProperty("instance_url").GetString().ShouldBe(driver.Org.Url.ToString().TrimEnd('/'));
        answer.Json.GetProperty("token_type").GetString().ShouldBe("Bearer");
        answer.Json.TryGetProperty("expires_in", out _).ShouldBeFalse();
        string identity = answer.Json.GetProperty("id").GetString()!;
        string issuedAt = answer.Json.GetProperty("issued_at").GetString()!;
        byte[] signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(OrgDriver.ConsumerSecret), Encoding.UTF8.GetBytes(identity + issuedAt));
        answer.Json.GetProperty("signature").GetString().ShouldBe(Convert.ToBase64String(signature));
    }

    [Theory]
    [InlineData("password", "sandbox-consumer-key", "sandbox-consumer-secret", 400, "invalid_grant", "authentication failure")]
    [InlineData("client_credentials", "nobody", "sandbox-consumer-secret", 400, "invalid_client_id", "client identifier invalid")]
    [InlineData("client_credentials", "sandbox-consumer-key", "wrong", 401, "invalid_client", "invalid client credentials")]
    [InlineData("refresh_token", "sandbox-consumer-key", "sandbox-consumer-secret", 400, "invalid_grant", "expired access/refresh token")]
    [InlineData("device", "sandbox-consumer-key", "sandbox-consumer-secret", 400, "unsupported_grant_type", "grant type not supported")]
    [InlineData("urn:ietf:params:oauth:grant-type:jwt-bearer", "", "", 400, "invalid_grant", "invalid assertion")]
    public async Task A_wrong_grant_says_what_is_wrong(string grant, string key, string secret, int status, string error, string description)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.GrantAsync(
            ("grant_type", grant), ("client_id", key), ("client_secret", secret),
            ("username", "bridge@example.com"), ("password", "wrong"), ("refresh_token", "wrong"), ("assertion", "a.b.c"));

        answer.Status.ShouldBe(status);
        answer.Json.GetProperty("error").GetString().ShouldBe(error);
        answer.Json.GetProperty("error_description").GetString().ShouldBe(description);
    }

    [Theory]
    [InlineData("sandbox-consumer-key:sandbox-consumer-secret", 200)]
    [InlineData("sandbox-consumer-key:wrong", 401)]
    public async Task An_app_may_name_itself_in_a_basic_header(string pair, int status)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));

        (await driver.GrantAsync(("grant_type", "client_credentials"))).Status.ShouldBe(status);
    }

    [Fact]
    public async Task A_refresh_token_works_without_a_secret_until_it_is_revoked()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        (string, string)[] refresh = [("grant_type", "refresh_token"), ("client_id", OrgDriver.ConsumerKey), ("refresh_token", "sandbox-refresh-token")];

        (await driver.GrantAsync(refresh)).Status.ShouldBe(200);
        (await driver.PostFormAsync("/services/oauth2/revoke", ("token", "sandbox-refresh-token"))).Status.ShouldBe(200);
        (await driver.GrantAsync(refresh)).Status.ShouldBe(400);
    }

    [Fact]
    public async Task A_signed_assertion_gives_a_token_once()
    {
        using var signer = new AssertionSigner();
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { JwtCertificate = signer.Certificate });
        string assertion = signer.Sign(new { iss = OrgDriver.ConsumerKey, sub = "bridge@example.com", aud = "https://login.salesforce.com", exp = InSeconds(120).ToString(), jti = "1" });

        Answer answer = await driver.GrantAsync(("grant_type", JwtGrant), ("assertion", assertion));
        Answer again = await driver.GrantAsync(("grant_type", JwtGrant), ("assertion", assertion));

        answer.Status.ShouldBe(200, answer.Text);
        answer.Json.TryGetProperty("refresh_token", out _).ShouldBeFalse();
        (again.Status, again.Json.GetProperty("error_description").GetString()).ShouldBe((400, "invalid assertion"));
    }

    [Fact]
    public async Task An_assertion_for_the_org_itself_is_accepted_with_a_bare_public_key()
    {
        using var signer = new AssertionSigner();
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { JwtCertificate = signer.PublicKey });
        string assertion = signer.Sign(new { iss = OrgDriver.ConsumerKey, sub = "ann@example.com", aud = driver.Org.Url.ToString(), exp = InSeconds(120) });

        (await driver.GrantAsync(("grant_type", JwtGrant), ("assertion", assertion))).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("nobody", "bridge@example.com", "https://login.salesforce.com", 120, "client identifier invalid")]
    [InlineData("sandbox-consumer-key", "nobody@example.com", "https://login.salesforce.com", 120, "user hasn't approved this consumer")]
    [InlineData("sandbox-consumer-key", "bridge@example.com", "https://elsewhere.example.com", 120, "audience is invalid")]
    [InlineData("sandbox-consumer-key", "bridge@example.com", "https://login.salesforce.com", -60, "invalid assertion")]
    [InlineData("sandbox-consumer-key", "bridge@example.com", "https://login.salesforce.com", 3600, "invalid assertion")]
    public async Task A_wrong_assertion_says_what_is_wrong(string iss, string sub, string aud, int seconds, string description)
    {
        using var signer = new AssertionSigner();
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { JwtCertificate = signer.Certificate });

        Answer answer = await driver.GrantAsync(("grant_type", JwtGrant), ("assertion", signer.Sign(new { iss, sub, aud, exp = InSeconds(seconds) })));

        answer.Status.ShouldBe(400);
        answer.Json.GetProperty("error_description").GetString().ShouldBe(description);
    }

    [Fact]
    public async Task An_assertion_signed_by_another_key_is_refused()
    {
        using var signer = new AssertionSigner();
        using var stranger = new AssertionSigner();
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { JwtCertificate = signer.Certificate });
        string assertion = stranger.Sign(new { iss = OrgDriver.ConsumerKey, sub = "bridge@example.com", aud = "https://login.salesforce.com", exp = InSeconds(120) });

        (await driver.GrantAsync(("grant_type", JwtGrant), ("assertion", assertion))).Json.GetProperty("error_description").GetString().ShouldBe("invalid assertion");
    }

    [Fact]
    public async Task A_token_that_is_missing_wrong_or_too_old_is_refused()
    {
        var clock = new SettableClock();
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { TimeProvider = clock, TokenLifetime = TimeSpan.FromMinutes(15) });

        (await driver.GetAsync("limits")).Status.ShouldBe(200);
        clock.Advance(TimeSpan.FromMinutes(16));
        Answer tooOld = await driver.GetAsync("limits");
        using HttpResponseMessage missing = await driver.Client.GetAsync(OrgDriver.Root + "/limits", OrgDriver.Ct);

        (tooOld.Status, tooOld.ErrorCode, tooOld.Message).ShouldBe((401, "INVALID_SESSION_ID", "Session expired or invalid"));
        ((int)missing.StatusCode).ShouldBe(401);
    }

    [Fact]
    public async Task Identity_user_info_and_introspection_tell_who_the_token_speaks_for()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string identityUrl = (await driver.GetAsync(OrgDriver.Root)).Json.GetProperty("identity").GetString()!;

        JsonElement identity = (await driver.GetAsync(new Uri(identityUrl).AbsolutePath)).Json;
        JsonElement userInfo = (await driver.GetAsync("/services/oauth2/userinfo")).Json;
        JsonElement introspection = (await driver.PostFormAsync(
            "/services/oauth2/introspect", ("token", driver.Token), ("client_id", OrgDriver.ConsumerKey), ("client_secret", OrgDriver.ConsumerSecret))).Json;

        identity.GetProperty("username").GetString().ShouldBe("bridge@example.com");
        identity.GetProperty("organization_id").GetString().ShouldBe(driver.Org.OrgId);
        userInfo.GetProperty("user_id").GetString().ShouldBe(identity.GetProperty("user_id").GetString());
        introspection.GetProperty("active").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task A_soap_login_gives_a_session_and_logout_ends_it()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer login = await SoapAsync(driver, "<login><username>ann@example.com</username><password>ann-password</password></login>");
        string session = login.Text.Split("<sessionId>")[1].Split('<')[0];
        Answer logout = await SoapAsync(driver, $"<sessionId>{session}</sessionId><logout/>");
        Answer wrong = await SoapAsync(driver, "<login><username>ann@example.com</username><password>x</password></login>");

        login.Status.ShouldBe(200);
        login.Text.ShouldContain($"<organizationId>{driver.Org.OrgId}</organizationId>");
        logout.Status.ShouldBe(200);
        wrong.Status.ShouldBe(500);
        wrong.Text.ShouldContain("<faultstring>INVALID_LOGIN: Invalid username, password, security token; or user locked out.</faultstring>");
        (await SoapAsync(driver, "<logout/>")).Text.ShouldContain("<faultcode>sf:INVALID_SESSION_ID</faultcode>");
        (await SoapAsync(driver, "<!DOCTYPE x>")).Status.ShouldBe(500);
    }

    private static async Task<Answer> SoapAsync(OrgDriver driver, string body)
    {
        using var content = new StringContent($"<Envelope><Body>{body}</Body></Envelope>", Encoding.UTF8, "text/xml");
        using HttpResponseMessage response = await driver.Client.PostAsync("/services/Soap/u/62.0", content, OrgDriver.Ct);
        return await Answer.ReadAsync(response);
    }

    private static long InSeconds(int seconds) => TimeProvider.System.GetUtcNow().AddSeconds(seconds).ToUnixTimeSeconds();

    private sealed class AssertionSigner : IDisposable
    {
        private readonly RSA _key = RSA.Create(2048);

        public string PublicKey => _key.ExportSubjectPublicKeyInfoPem();

        public string Certificate
        {
            get
            {
                var request = new CertificateRequest("CN=test", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
                DateTimeOffset now = TimeProvider.System.GetUtcNow();
                using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
                return certificate.ExportCertificatePem();
            }
        }

        public string Sign(object claims)
        {
            string signed = $"{Encode(new { alg = "RS256" })}.{Encode(claims)}";
            byte[] signature = _key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            return $"{signed}.{Base64Url.EncodeToString(signature)}";
        }

        public void Dispose() => _key.Dispose();

        private static string Encode(object part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));
    }
}
