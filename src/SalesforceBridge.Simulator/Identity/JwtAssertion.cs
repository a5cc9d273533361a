using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Identity;

/// <summary>Checks a JWT bearer assertion as Salesforce does: signature, audience, expiry, single use, approval.</summary>
internal sealed class JwtAssertion(Org org)
{
    /// <summary>How far ahead an assertion may expire, and how far a clock may be off.</summary>
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan ClockAllowance = TimeSpan.FromSeconds(30);

    private static readonly string[] PublicAudiences = ["https://login.salesforce.com", "https://test.salesforce.com"];

    /// <exception cref="OAuthException">The assertion is refused.</exception>
    public (ConnectedApp App, User User) Accept(string assertion)
    {
        string[] parts = assertion.Split('.');
        if (parts.Length != 3)
            throw Invalid();
        using JsonDocument header = Decode(parts[0]);
        using JsonDocument claims = Decode(parts[1]);
        ConnectedApp app = org.Schema.Apps.FirstOrDefault(app => app.ConsumerKey == Text(claims, "iss"))
            ?? throw new OAuthException("invalid_client_id", "client identifier invalid");
        if (Text(header, "alg") != "RS256" || !IsSignedBy(app, parts))
            throw Invalid();
        CheckAudience(Text(claims, "aud"));
        CheckLife(claims);
        User user = org.Schema.FindUser(Text(claims, "sub")) is { } found && IsApproved(app, found)
            ? found
            : throw OAuthException.InvalidGrant("user hasn't approved this consumer");
        return user.Active ? (app, user) : throw new OAuthException("inactive_user", "user is inactive");
    }

    private static bool IsApproved(ConnectedApp app, User user) =>
        app.ApprovedUsers.Count == 0 || app.ApprovedUsers.Contains(user.Username, StringComparer.OrdinalIgnoreCase);

    private static bool IsSignedBy(ConnectedApp app, string[] parts)
    {
        if (app.Certificate is not { } pem)
            return false;
        try
        {
            using RSA key = PublicKey(pem);
            byte[] signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
            return key.VerifyData(signed, Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static RSA PublicKey(string pem)
    {
        if (pem.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal))
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            return certificate.GetRSAPublicKey()!;
        }
        var key = RSA.Create();
        key.ImportFromPem(pem);
        return key;
    }

    private void CheckAudience(string? audience)
    {
        string normal = audience?.TrimEnd('/') ?? "";
        string[] own = [Trimmed(org.Address.Login), Trimmed(org.Address.Instance)];
        if (!PublicAudiences.Concat(own).Contains(normal, StringComparer.Ordinal))
            throw OAuthException.InvalidGrant("audience is invalid");
    }

    private static string Trimmed(Uri address) => address.ToString().TrimEnd('/');

    private void CheckLife(JsonDocument claims)
    {
        // Some clients send the seconds as a string.
        string? seconds = claims.RootElement.TryGetProperty("exp", out JsonElement exp) ? exp.ToString() : null;
        if (!long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out long unix) || unix > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            throw Invalid();
        DateTimeOffset expiresAt = DateTimeOffset.FromUnixTimeSeconds(unix);
        if (expiresAt < org.Now - ClockAllowance || expiresAt > org.Now + LongestLife + ClockAllowance)
            throw Invalid();
        if (Text(claims, "jti") is { } id && !org.Tokens.UseAssertion(id, expiresAt + ClockAllowance))
            throw Invalid();
    }

    private static JsonDocument Decode(string part)
    {
        try
        {
            return JsonDocument.Parse(Base64Url.DecodeFromChars(part));
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            throw Invalid();
        }
    }

    private static string? Text(JsonDocument document, string name) =>
        document.RootElement.ValueKind is JsonValueKind.Object && document.RootElement.TryGetProperty(name, out JsonElement value) ? value.ToString() : null;

    private static OAuthException Invalid() => OAuthException.InvalidGrant("invalid assertion");
}
