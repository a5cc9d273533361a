using System.Security.Cryptography;
using System.Text;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Http.Callers;

/// <summary>The secrets that admit. How long a comparison takes tells nothing: each offer is compared with every secret, whole.</summary>
internal sealed class SecretBook
{
    // A token that outlives its secret admits nobody: the key behind it is the secret's.
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(1);
    private const string TokenMark = "bridge.";

    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(32);
    private readonly Entry[] _entries;

    public SecretBook(IReadOnlyList<CalloutSecret> secrets) => _entries = [.. secrets.Select(secret =>
    {
        byte[] key = Encoding.UTF8.GetBytes(secret.Value.Reveal());
        return new Entry(secret.Name, key, HMACSHA256.HashData(_salt, key), HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: "bridge token"u8.ToArray()));
    })];

    public static TimeSpan LifetimeOfToken => TokenLifetime;

    /// <summary>The name of the secret that is offered; null where it is none.</summary>
    public string? NameOf(string offered)
    {
        byte[] digest = HMACSHA256.HashData(_salt, Encoding.UTF8.GetBytes(offered));
        return First(entry => CryptographicOperations.FixedTimeEquals(entry.Digest, digest));
    }

    /// <summary>The name of the secret that signed a body; null where none did.</summary>
    public string? SignerOf(BodySignature signature, ReadOnlySpan<byte> body)
    {
        byte[] prefix = signature.Prefix;
        string? name = null;
        foreach (Entry entry in _entries)
        {
            using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, entry.Key);
            hash.AppendData(prefix);
            hash.AppendData(body);
            if (CryptographicOperations.FixedTimeEquals(hash.GetHashAndReset(), signature.Bytes))
                name ??= entry.Name;
        }

        return name;
    }

    /// <summary>A token for whoever knows a name's secret; null where the two do not belong together.</summary>
    public string? IssueToken(string name, string secret, DateTimeOffset now)
    {
        byte[] digest = HMACSHA256.HashData(_salt, Encoding.UTF8.GetBytes(secret));
        Entry? known = _entries.LastOrDefault(entry => CryptographicOperations.FixedTimeEquals(entry.Digest, digest) & entry.Name == name);
        if (known is null)
            return null;
        string content = Base64Url($"{(now + TokenLifetime).ToUnixTimeSeconds()} {name}");
        return $"{TokenMark}{content}.{Base64Url(Seal(known, content))}";
    }

    /// <summary>The name that a token of ours was issued for; null where it is none, or too old, or its secret is gone.</summary>
    public string? BearerOf(string token, DateTimeOffset now)
    {
        if (!token.StartsWith(TokenMark, StringComparison.Ordinal) || token[TokenMark.Length..].Split('.') is not [string content, string seal])
            return null;
        byte[]? offered = FromBase64Url(seal);
        if (offered is null || First(entry => CryptographicOperations.FixedTimeEquals(Seal(entry, content), offered)) is null)
            return null;
        string[] parts = Encoding.UTF8.GetString(FromBase64Url(content) ?? []).Split(' ', 2);
        return parts is [string expires, string name] && long.TryParse(expires, out long seconds) && seconds > now.ToUnixTimeSeconds() ? name : null;
    }

    internal static byte[]? FromBase64Url(string text)
    {
        try
        {
            return System.Buffers.Text.Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private string? First(Func<Entry, bool> fits)
    {
        string? name = null;
        foreach (Entry entry in _entries)
        {
            if (fits(entry))
                name ??= entry.Name;
        }

        return name;
    }

    private static byte[] Seal(Entry entry, string content) => HMACSHA256.HashData(entry.TokenKey, Encoding.UTF8.GetBytes(content));

    private static string Base64Url(string text) => Base64Url(Encoding.UTF8.GetBytes(text));

    private static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private sealed record Entry(string Name, byte[] Key, byte[] Digest, byte[] TokenKey);
}
