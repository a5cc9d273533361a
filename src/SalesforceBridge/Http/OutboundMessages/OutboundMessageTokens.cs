using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Http.OutboundMessages;

/// <summary>
/// What an address must end with to be heard. Outbound messages carry no header of ours, so their address is their secret: derived from a
/// callout secret, so that each of several counts while one replaces another, and so that the address does not give the secret away.
/// </summary>
internal sealed class OutboundMessageTokens(IEnumerable<Secret> secrets)
{
    private readonly byte[][] _tokens = [.. secrets.Select(secret => Encoding.ASCII.GetBytes(Of(secret)))];

    /// <summary>The token that belongs to a secret: 43 letters, digits, <c>-</c> and <c>_</c>.</summary>
    public static string Of(Secret secret) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal()), "outbound-messages"u8));

    /// <summary>Whether a token belongs to one of the secrets; how long it takes tells nothing of which.</summary>
    public bool Accept(string token)
    {
        byte[] given = Encoding.UTF8.GetBytes(token);
        bool isKnown = false;
        foreach (byte[] known in _tokens)
            isKnown |= CryptographicOperations.FixedTimeEquals(known, given);
        return isKnown;
    }
}
