using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Http.Callers;

/// <summary>Who may call. Only a secret or a certificate's key admits; where a caller comes from narrows that further and admits nobody.</summary>
internal sealed class CallerGate(CalloutSettings settings, TimeProvider time)
{
    public const string IdempotencyHeader = "Idempotency-Key";

    private const string Ways =
        "Send one of the secrets of BRIDGE_CALLOUT_SECRETS as X-Api-Key or Authorization: Bearer, as the password of Basic, or sign the body.";

    private readonly SecretBook _secrets = new(settings.Secrets);
    private readonly CallerJwt _jwt = new(settings.Certificates, settings.Audience);

    /// <summary>Whether a caller may be at this address.</summary>
    public bool IsTrusted(IPAddress? address)
    {
        if (settings.TrustedRanges.Count == 0)
            return true;
        IPAddress? plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return plain is not null && settings.TrustedRanges.Any(range => range.Contains(plain));
    }

    /// <summary>What the headers alone prove.</summary>
    public Admission Examine(IHeaderDictionary headers)
    {
        Admission admission = ExamineCredentials(headers);
        return admission is Admission.Refused && headers.TryGetValue(AppLinkContext.Header, out var context)
            ? new Admission.InContext(context.ToString())
            : admission;
    }

    /// <summary>Who signed a body, or why nobody did.</summary>
    public Admission Examine(BodySignature signature, ReadOnlySpan<byte> body) => _secrets.SignerOf(signature, body) is { } name
        ? new Admission.Admitted(new Caller(name, "signature") { ReplayKey = $"signature {Convert.ToHexStringLower(signature.Bytes)}" })
        : new Admission.Refused(
            "The signature is not that of this body. Sign the time, a dot and the body with HMAC-SHA256; with an Idempotency-Key the time, the key and the body, dots between.");

    /// <summary>A token for a caller who shows its name and secret; null where they are wrong.</summary>
    public string? IssueToken(string name, string secret) => _secrets.IssueToken(name, secret, time.GetUtcNow());

    /// <summary>The same caller, who can be told apart from a replay of one token with one body.</summary>
    public static Caller WithBody(Caller caller, ReadOnlySpan<byte> body) => caller is { By: "jwt", ReplayKey: { } id }
        ? caller with { ReplayKey = $"{id} {Convert.ToHexStringLower(SHA256.HashData(body))}" }
        : caller;

    private Admission ExamineCredentials(IHeaderDictionary headers)
    {
        if (headers.ContainsKey(BodySignature.SignatureHeader))
            return Signature(headers);
        if (headers.TryGetValue("X-Api-Key", out var key))
            return BySecret(key.ToString(), "api-key");
        if (!AuthenticationHeaderValue.TryParse(headers.Authorization.ToString(), out AuthenticationHeaderValue? authorization) || authorization.Parameter is null)
            return new Admission.Refused($"Nothing says who calls. {Ways}");
        return authorization.Scheme.ToUpperInvariant() switch
        {
            "BEARER" => Bearer(authorization.Parameter.Trim()),
            "BASIC" => Basic(authorization.Parameter.Trim()),
            _ => new Admission.Refused($"Authorization has an unknown scheme. {Ways}"),
        };
    }

    private Admission Signature(IHeaderDictionary headers)
    {
        if (BodySignature.Read(headers) is not { } signature)
            return new Admission.Refused($"{BodySignature.SignatureHeader} is not 32 bytes in hexadecimal or base64.");
        return signature.IsFresh(time.GetUtcNow())
            ? new Admission.Signed(signature)
            : new Admission.Refused($"{BodySignature.TimestampHeader} is not a time within 5 minutes of now, in seconds since 1970. Sign with the time of sending.");
    }

    private Admission BySecret(string offered, string by) => _secrets.NameOf(offered) is { } name
        ? new Admission.Admitted(new Caller(name, by))
        : new Admission.Refused($"The secret is not one of BRIDGE_CALLOUT_SECRETS. {(settings.Secrets.Count == 0 ? "None is set there." : "Compare them, or look for a blank too many.")}");

    private Admission Bearer(string token)
    {
        if (_secrets.BearerOf(token, time.GetUtcNow()) is { } name)
            return new Admission.Admitted(new Caller(name, "token"));
        if (!_jwt.IsUsed || token.Count(letter => letter == '.') != 2)
            return BySecret(token, "bearer");
        return _jwt.Read(token, time.GetUtcNow(), out string why) is { } proven
            ? new Admission.Admitted(new Caller(proven.Issuer, "jwt") { ReplayKey = proven.Id is { } id ? $"jti {id}" : null })
            : new Admission.Refused(why);
    }

    private Admission Basic(string encoded)
    {
        byte[] bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out int written))
            return new Admission.Refused("What follows Basic is not base64 of user:password.");
        string text = Encoding.UTF8.GetString(bytes, 0, written);
        int colon = text.IndexOf(':');
        return colon < 0 ? new Admission.Refused("What follows Basic is not base64 of user:password.") : BySecret(text[(colon + 1)..], "basic");
    }
}
