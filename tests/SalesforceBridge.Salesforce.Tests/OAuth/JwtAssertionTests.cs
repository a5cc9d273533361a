using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.OAuth;

public sealed class JwtAssertionTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static TheoryData<string, string> KeyForms => new()
    {
        { "PEM", OAuthDriver.Key.ExportPkcs8PrivateKeyPem() },
        { "PEM of the old kind", OAuthDriver.Key.ExportRSAPrivateKeyPem() },
        { "PEM with written line ends", OAuthDriver.Key.ExportPkcs8PrivateKeyPem().Replace("\n", "\\n") },
        { "PEM with Windows line ends", OAuthDriver.Key.ExportPkcs8PrivateKeyPem().Replace("\n", "\r\n") },
        { "PEM on one line", OAuthDriver.Key.ExportPkcs8PrivateKeyPem().Replace('\n', ' ') },
        { "base64 of PEM", Convert.ToBase64String(Encoding.ASCII.GetBytes(OAuthDriver.Key.ExportPkcs8PrivateKeyPem())) },
        { "base64 of DER", Convert.ToBase64String(OAuthDriver.Key.ExportPkcs8PrivateKey()) },
    };

    public static TheoryData<string, string> Unreadable => new()
    {
        { "words", "canary words" },
        { "nothing", "" },
        { "a public key", OAuthDriver.Key.ExportSubjectPublicKeyInfoPem() },
        { "a key under a passphrase", EncryptedKey() },
        { "half a key", OAuthDriver.Key.ExportPkcs8PrivateKeyPem()[..400] },
    };

    [Fact]
    public void It_says_who_asks_for_whom_and_until_when()
    {
        JsonElement claims = Claims(Create(new("key", "user@example.com", OAuthDriver.Key.ExportPkcs8PrivateKeyPem())));

        claims.GetProperty("iss").GetString().ShouldBe("key");
        claims.GetProperty("sub").GetString().ShouldBe("user@example.com");
        claims.GetProperty("aud").GetString().ShouldBe("https://test.salesforce.com");
        DateTimeOffset.FromUnixTimeSeconds(claims.GetProperty("exp").GetInt64()).ShouldBeInRange(Now.AddMinutes(1), Now.AddMinutes(3));
    }

    [Fact]
    public void Its_audience_can_be_set() =>
        Claims(Create(new("key", "user", OAuthDriver.Key.ExportPkcs8PrivateKeyPem(), "https://site.example")))
            .GetProperty("aud").GetString().ShouldBe("https://site.example");

    [Theory]
    [MemberData(nameof(KeyForms), DisableDiscoveryEnumeration = true)]
    public void The_key_signs_it_in_whatever_form_it_is_given(string form, string key)
    {
        string[] parts = Create(new("key", "user", key)).Split('.');

        Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])).ShouldBe("""{"alg":"RS256"}""");
        OAuthDriver.Key.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]),
            HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).ShouldBeTrue(form);
        new OAuthGrant.JwtBearer("key", "user", key).Fault.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Unreadable), DisableDiscoveryEnumeration = true)]
    public void A_key_that_cannot_be_read_is_told_at_start_without_repeating_it(string what, string key)
    {
        string fault = new OAuthGrant.JwtBearer("key", "user", key).Fault.ShouldNotBeNull(what);

        fault.ShouldContain("RSA private key without a passphrase");
        fault.ShouldNotContain("canary");
    }

    [Fact]
    public async Task It_is_traded_for_a_token_without_a_secret()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        OAuthTokenSource source = oauth.On(oauth.Token("a"))
            .Source(new OAuthGrant.JwtBearer("key", "user", OAuthDriver.Key.ExportPkcs8PrivateKeyPem()));

        (await source.GetAsync(CancellationToken.None)).Value.ShouldBe("a");

        Dictionary<string, string> form = oauth.Org.Requests.Single().Form;
        form.Keys.ShouldBe(["grant_type", "assertion"]);
        form["grant_type"].ShouldBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
        Claims(form["assertion"]).GetProperty("aud").GetString().ShouldBe(oauth.Org.Url.GetLeftPart(UriPartial.Authority));
    }

    [Fact]
    public async Task An_unreadable_key_is_a_fatal_refusal()
    {
        await using OAuthDriver oauth = await OAuthDriver.StartAsync();
        OAuthTokenSource source = oauth.Source(new OAuthGrant.JwtBearer("key", "user", "no key"));

        (await Should.ThrowAsync<OAuthException>(source.GetAsync(CancellationToken.None).AsTask())).IsFatal.ShouldBeTrue();
        oauth.Logins.ShouldBe(0);
    }

    private static string Create(OAuthGrant.JwtBearer grant) => JwtAssertion.Create(grant, new Uri("https://test.salesforce.com/"), Now);

    private static JsonElement Claims(string jwt) => JsonDocument.Parse(Base64Url.DecodeFromChars(jwt.Split('.')[1])).RootElement;

    private static string EncryptedKey() => OAuthDriver.Key.ExportEncryptedPkcs8PrivateKeyPem(
        "passphrase", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 10));
}
