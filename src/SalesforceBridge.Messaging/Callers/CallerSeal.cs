using System.Security.Cryptography;
using System.Text;

namespace SalesforceBridge.Messaging;

/// <summary>A caller's token, encrypted: all of it that is stored or waits to be.</summary>
/// <param name="Id">Drawn for this request; what messages and deliveries hold.</param>
/// <param name="UserId">The user whose token it is.</param>
/// <param name="Token">Nonce, cipher text and tag.</param>
public sealed record SealedCaller(Guid Id, string UserId, byte[] Token);

/// <summary>
/// Encrypts callers' tokens with AES-256-GCM. A sealed token opens only as that of its own caller: under another id or user, changed in
/// one bit, or under another key it does not.
/// </summary>
/// <param name="secret">Any text that is hard to guess; the key is derived from it with HKDF-SHA256.</param>
public sealed class CallerSeal(string secret)
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), KeyBytes, info: "bridge caller token"u8.ToArray());

    /// <summary>Encrypts a token under a new id.</summary>
    /// <param name="userId">Whose it is.</param>
    /// <param name="token">Whatever admits that user.</param>
    public SealedCaller Seal(string userId, string token)
    {
        var id = Guid.CreateVersion7();
        byte[] clear = Encoding.UTF8.GetBytes(token);
        byte[] whole = new byte[NonceBytes + clear.Length + TagBytes];
        Span<byte> nonce = whole.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_key, TagBytes);
        cipher.Encrypt(nonce, clear, whole.AsSpan(NonceBytes, clear.Length), whole.AsSpan(NonceBytes + clear.Length), BoundTo(id, userId));
        return new SealedCaller(id, userId, whole);
    }

    /// <summary>The token; null where it was sealed under another key, for another caller, or was changed.</summary>
    public string? Open(SealedCaller caller)
    {
        if (caller.Token.Length < NonceBytes + TagBytes)
            return null;
        ReadOnlySpan<byte> whole = caller.Token;
        byte[] clear = new byte[whole.Length - NonceBytes - TagBytes];
        using var cipher = new AesGcm(_key, TagBytes);
        try
        {
            cipher.Decrypt(whole[..NonceBytes], whole[NonceBytes..^TagBytes], whole[^TagBytes..], clear, BoundTo(caller.Id, caller.UserId));
            return Encoding.UTF8.GetString(clear);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] BoundTo(Guid id, string userId) => [.. id.ToByteArray(), .. Encoding.UTF8.GetBytes(userId)];
}
