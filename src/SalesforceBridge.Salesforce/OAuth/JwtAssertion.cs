using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SalesforceBridge.Salesforce.OAuth;

/// <summary>The signed statement that the JWT bearer flow trades for a token.</summary>
internal static class JwtAssertion
{
    // The org takes at most three minutes; the third is left to clocks that differ.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    private static readonly string Header = Base64Url.EncodeToString("""{"alg":"RS256"}"""u8);

    public static string Create(OAuthGrant.JwtBearer grant, Uri loginUrl, DateTimeOffset now)
    {
        var claims = new JsonObject
        {
            ["iss"] = grant.ConsumerKey,
            ["sub"] = grant.Username,
            ["aud"] = grant.Audience ?? loginUrl.GetLeftPart(UriPartial.Authority),
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
        };
        string signed = $"{Header}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, OAuthJson.Default.JsonObject))}";
        using RSA key = ReadKey(grant.PrivateKeyPem);
        byte[] signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Why the text is no private key that we can use, or null; never repeats it.</summary>
    public static string? FaultOf(string privateKey)
    {
        try
        {
            ReadKey(privateKey).Dispose();
            return null;
        }
        catch (OAuthException fault)
        {
            return fault.Message;
        }
    }

    private static RSA ReadKey(string text)
    {
        RSA key = RSA.Create();
        try
        {
            Import(key, text);
            return key;
        }
        catch (Exception fault) when (fault is ArgumentException or CryptographicException or FormatException)
        {
            key.Dispose();
            // The fault itself stays out: such messages may quote what they could not read.
            throw new OAuthException(
                "The private key for JWT bearer cannot be read. Give an RSA private key without a passphrase, as PEM or as base64 of it.",
                isFatal: true);
        }
    }

    private static void Import(RSA key, string text)
    {
        string pem = text.Replace("\\n", "\n").Replace("\\r", "").Trim();
        if (!IsPem(pem))
        {
            byte[] decoded = Convert.FromBase64String(pem);
            pem = Encoding.ASCII.GetString(decoded);
            if (!IsPem(pem))
                pem = PemEncoding.WriteString("PRIVATE KEY", decoded);
        }

        if (!pem.Contains("PRIVATE KEY-----"))
            throw new FormatException("a public key or a certificate");
        key.ImportFromPem(pem);
    }

    private static bool IsPem(string text) => text.StartsWith("-----BEGIN ", StringComparison.Ordinal);
}
