using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace SalesforceBridge.Configuration;

/// <summary>A secret that admits a caller.</summary>
/// <param name="Name">The caller's name; the same for two secrets while one replaces the other.</param>
/// <param name="Value">What the caller must know.</param>
internal sealed record CalloutSecret(string Name, Secret Value);

/// <summary>Who may call the bridge, and with how much.</summary>
internal sealed partial record CalloutSettings
{
    private const int ShortestSecret = 16;
    private const string DefaultName = "default";

    /// <summary>Any of them admits. None, and no certificate: nobody is admitted.</summary>
    public required IReadOnlyList<CalloutSecret> Secrets { get; init; }

    /// <summary>Their keys sign the tokens of callers who bring a JWT.</summary>
    public required IReadOnlyList<X509Certificate2> Certificates { get; init; }

    /// <summary>What such a token must name as its audience.</summary>
    public required string Audience { get; init; }

    /// <summary>Where callers must come from; empty: from anywhere.</summary>
    public required IReadOnlyList<IPNetwork> TrustedRanges { get; init; }

    /// <summary>The largest body in bytes, after it is unpacked. Apex sends up to 12 MB.</summary>
    public required int LargestBody { get; init; }

    /// <summary>What a person should know at the start; a sentence each.</summary>
    public IReadOnlyList<string> Warnings => Secrets.Count + Certificates.Count > 0
        ? []
        : ["Nobody can call the bridge: neither BRIDGE_CALLOUT_SECRETS nor BRIDGE_CALLOUT_CERTIFICATES is set, so every caller is refused. Set one, like: openssl rand -hex 32"];

    public static CalloutSettings Read(ConfigVarReader variables) => new()
    {
        Secrets = ReadSecrets(variables),
        Certificates = variables.Value<IReadOnlyList<X509Certificate2>>(
            ConfigVar.CalloutCertificates, TryParseCertificates, [], "certificates in PEM with RSA keys of 2048 bits or more",
            "Set what Setup, Certificate and Key Management, downloads, from -----BEGIN CERTIFICATE----- on; several one after another."),
        Audience = variables.Text(ConfigVar.CalloutAudience) ?? "salesforce-bridge",
        TrustedRanges = variables.Value<IReadOnlyList<IPNetwork>>(
            ConfigVar.TrustedRanges, TryParseRanges, [], "address ranges", "Set ranges like 13.108.0.0/14,2620:10a::/32, separated by commas."),
        LargestBody = variables.Value<int>(
            ConfigVar.LargestCallout, TryParseBody, 12 << 20, "a size from 1MB to 64MB", "Set a number with MB, like 12MB; not set it is 12MB."),
    };

    private static List<CalloutSecret> ReadSecrets(ConfigVarReader variables)
    {
        CalloutSecret[] secrets = [.. (variables.Text(ConfigVar.CalloutSecrets) ?? "")
            .Split([',', '\n', '\r'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ReadSecret)];
        if (secrets.Any(secret => secret.Value.Reveal().Length < ShortestSecret))
        {
            variables.Fault(
                ConfigVar.CalloutSecrets, "has a secret of fewer than 16 characters",
                "Set longer ones, separated by commas, like: openssl rand -hex 32");
        }

        return [.. secrets];
    }

    // A bare secret may end with the = of base64, and has none elsewhere.
    private static CalloutSecret ReadSecret(string text)
    {
        Match named = NamedSecret().Match(text);
        return named.Success
            ? new CalloutSecret(named.Groups["name"].Value, new Secret(named.Groups["value"].Value.Trim()))
            : new CalloutSecret(DefaultName, new Secret(text));
    }

    private static bool TryParseCertificates(string text, out IReadOnlyList<X509Certificate2> certificates)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(Unfold(text));
        }
        catch (CryptographicException)
        {
            found.Clear();
        }

        certificates = [.. found];
        return certificates.Count > 0 && certificates.All(certificate => certificate.GetRSAPublicKey() is { KeySize: >= 2048 });
    }

    // Line breaks are real or written \n, or all of it is in base64.
    private static string Unfold(string text)
    {
        var bytes = new byte[text.Length];
        string pem = Convert.TryFromBase64String(text, bytes, out int written) ? Encoding.ASCII.GetString(bytes, 0, written) : text;
        return pem.Replace("\\r", "").Replace("\\n", "\n");
    }

    private static bool TryParseRanges(string text, out IReadOnlyList<IPNetwork> ranges)
    {
        string[] parts = text.Split([',', ' ', '\n', '\r'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        ranges = [.. parts.Select(part => IPNetwork.TryParse(part, out IPNetwork range) ? range : (IPNetwork?)null).OfType<IPNetwork>()];
        return ranges.Count == parts.Length && parts.Length > 0;
    }

    private static bool TryParseBody(string text, out int bytes)
    {
        bool isSize = Quantities.TryParseSize(text, out long size) && size is >= 1L << 20 and <= 64L << 20;
        bytes = isSize ? (int)size : 0;
        return isSize;
    }

    [GeneratedRegex(@"^(?<name>[A-Za-z][\w-]{0,62})[ ]*=(?<value>.*[^=].*)$", RegexOptions.ECMAScript | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamedSecret();
}
