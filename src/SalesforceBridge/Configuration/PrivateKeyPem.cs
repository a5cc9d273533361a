using System.Security.Cryptography;
using System.Text;

namespace SalesforceBridge.Configuration;

/// <summary>A private key as config vars hold it: PEM text, its line breaks real or written <c>\n</c>, or all of it in base64.</summary>
internal static class PrivateKeyPem
{
    private const int MinimumBits = 2048;

    public static bool TryRead(string text, out Secret pem)
    {
        string unfolded = (Decoded(text) ?? text).Replace("\\r", "").Replace("\\n", "\n").Replace("\r", "");
        pem = new Secret(unfolded);
        return IsPrivateRsaKey(unfolded);
    }

    private static string? Decoded(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int written) ? Encoding.ASCII.GetString(bytes, 0, written) : null;
    }

    private static bool IsPrivateRsaKey(string pem)
    {
        try
        {
            using RSA key = RSA.Create();
            key.ImportFromPem(pem);
            return key.KeySize >= MinimumBits && key.ExportParameters(includePrivateParameters: true).D is not null;
        }
        catch (Exception fault) when (fault is ArgumentException or CryptographicException)
        {
            return false;
        }
    }
}
