using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace SalesforceBridge.Http.Callers;

/// <summary>Tokens that an org signs with a certificate's key, as its Named Credentials do. Only RS256: no other algorithm is even tried.</summary>
internal sealed class CallerJwt(IReadOnlyList<X509Certificate2> certificates, string audience)
{
    private const int LongestToken = 8 * 1024;
    private const int LongestName = 200;

    // Clocks differ.
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    private readonly RSA[] _keys = [.. certificates.Select(certificate => certificate.GetRSAPublicKey()).OfType<RSA>()];

    /// <summary>Who a token is for and what it is called.</summary>
    /// <param name="Issuer">Its <c>iss</c>.</param>
    /// <param name="Id">Its <c>jti</c>, if it has one.</param>
    public sealed record Proven(string Issuer, string? Id);

    public bool IsUsed => _keys.Length > 0;

    /// <summary>What a token proves; null and a reason where it proves nothing.</summary>
    public Proven? Read(string token, DateTimeOffset now, out string why)
    {
        why = "The token is no JWT that RS256 and a certificate of BRIDGE_CALLOUT_CERTIFICATES vouch for.";
        if (token.Length > LongestToken || token.Split('.') is not [string header, string claims, string signature] || !IsSigned(header, claims, signature))
            return null;
        if (Parse(claims) is not { } said)
            return null;
        why = FaultOf(said, now) ?? "";
        return why.Length == 0 ? new Proven(Text(said, "iss")!, Text(said, "jti") is { Length: > 0 and <= LongestName } id ? id : null) : null;
    }

    private bool IsSigned(string header, string claims, string signature)
    {
        if (Parse(header) is not { } head || Text(head, "alg") != "RS256" || SecretBook.FromBase64Url(signature) is not { } bytes)
            return false;
        byte[] signed = Encoding.ASCII.GetBytes($"{header}.{claims}");
        return Array.Exists(_keys, key => key.VerifyData(signed, bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private string? FaultOf(JsonElement claims, DateTimeOffset now)
    {
        if (Text(claims, "iss") is not { Length: > 0 and <= LongestName })
            return "The token names no issuer (iss).";
        if (!Audiences(claims).Contains(audience, StringComparer.Ordinal))
            return $"The token is for another audience (aud); it must be {audience}.";
        if (Time(claims, "exp") is not { } expires || expires + Skew < now)
            return "The token has expired or does not say when it expires (exp).";
        if (Time(claims, "nbf") > now + Skew || Time(claims, "iat") > now + Skew)
            return "The token is of the future (nbf, iat); look at the clocks.";
        return null;
    }

    private static IEnumerable<string?> Audiences(JsonElement claims)
    {
        if (!claims.TryGetProperty("aud", out JsonElement aud))
            return [];
        return aud.ValueKind == JsonValueKind.Array
            ? aud.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.String ? one.GetString() : null)
            : [Text(claims, "aud")];
    }

    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number
        && value.TryGetDouble(out double seconds) && Math.Abs(seconds) < 200_000_000_000
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonElement? Parse(string part)
    {
        try
        {
            return SecretBook.FromBase64Url(part) is { } bytes && JsonElement.Parse(bytes) is { ValueKind: JsonValueKind.Object } json ? json : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
