using System.Buffers;

namespace SalesforceBridge.Salesforce.Http;

/// <summary>Reads no more of a body than is worth having: pages of errors have no upper size.</summary>
internal static class BoundedBody
{
    public static async Task<byte[]> ReadAsync(HttpContent content, int longest, CancellationToken ct)
    {
        await using Stream stream = await content.ReadAsStreamAsync(ct);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(longest);
        try
        {
            int length = await stream.ReadAtLeastAsync(buffer.AsMemory(0, longest), longest, throwOnEndOfStream: false, ct);
            return buffer[..length];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }
}
