using System.Globalization;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace SalesforceBridge.Http.Callers;

/// <summary>
/// A request's signature: HMAC-SHA256 of the time, a dot, and the unpacked body; where an Idempotency-Key is given, of the time, the key and
/// the body with dots between them, since a replay under another key would be another request.
/// </summary>
/// <param name="Timestamp">Seconds since 1970, as it was sent.</param>
/// <param name="Key">The Idempotency-Key, if there is one.</param>
/// <param name="Bytes">The signature.</param>
internal sealed record BodySignature(string Timestamp, string? Key, byte[] Bytes)
{
    public const string SignatureHeader = "X-Bridge-Signature";
    public const string TimestampHeader = "X-Bridge-Timestamp";

    private const int Length = 32;

    // Clocks differ, and a message may be on its way for a while.
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>What is signed before the body.</summary>
    public byte[] Prefix => Encoding.UTF8.GetBytes(Key is null ? $"{Timestamp}." : $"{Timestamp}.{Key}.");

    /// <summary>Reads the headers; null where the signature is none.</summary>
    public static BodySignature? Read(IHeaderDictionary headers)
    {
        string text = headers[SignatureHeader].ToString().Trim();
        if (text.StartsWith("sha256=", StringComparison.OrdinalIgnoreCase))
            text = text["sha256=".Length..];
        StringValues key = headers[CallerGate.IdempotencyHeader];
        return Decode(text) is { Length: Length } bytes
            ? new BodySignature(headers[TimestampHeader].ToString(), key.Count == 0 ? null : key.ToString(), bytes)
            : null;
    }

    /// <summary>Whether it was signed about now.</summary>
    public bool IsFresh(DateTimeOffset now) =>
        long.TryParse(Timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
        && seconds < DateTimeOffset.MaxValue.ToUnixTimeSeconds()
        && (now - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() <= Window;

    // Hexadecimal or base64, as Apex makes either.
    private static byte[]? Decode(string text)
    {
        byte[] bytes = new byte[Length + 1];
        if (text.Length == Length * 2)
            return Convert.FromHexString(text, bytes, out _, out int hex) == System.Buffers.OperationStatus.Done ? bytes[..hex] : null;
        return Convert.TryFromBase64String(text, bytes, out int written) ? bytes[..written] : null;
    }
}
