using System.Buffers;

namespace SalesforceBridge.Salesforce.Http;

/// <summary>
/// A whole body in memory that is used again once it is read. A page of records has a megabyte, and one such array after the other would have the
/// garbage collector go through all there is every few pages.
/// </summary>
internal sealed class PooledBody : IDisposable
{
    private const int FirstLength = 64 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstLength);
    private int _length;

    private PooledBody()
    {
    }

    /// <summary>The bytes, until it is disposed of.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <exception cref="BodyTooLongException">It is longer than that; no more is read of it.</exception>
    public static async Task<PooledBody> ReadAsync(HttpContent content, int longest, CancellationToken ct)
    {
        if (content.Headers.ContentLength > longest)
            throw new BodyTooLongException(longest);
        await using Stream stream = await content.ReadAsStreamAsync(ct);
        var body = new PooledBody();
        try
        {
            int count;
            while ((count = await stream.ReadAsync(body._buffer.AsMemory(body._length), ct)) > 0)
            {
                body._length += count;
                if (body._length > longest)
                    throw new BodyTooLongException(longest);
                if (body._length == body._buffer.Length)
                    body.Grow();
            }

            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _length) = ([], 0);
    }

    private void Grow()
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(_buffer.Length * 2L, Array.MaxLength));
        Bytes.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}

/// <summary>A body is longer than it may be, once unpacked: few bytes on the wire can be many.</summary>
internal sealed class BodyTooLongException(int longest) : Exception($"A body is longer than {longest} bytes.")
{
    public int Longest { get; } = longest;
}
