using System.IO.Compression;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Http;

/// <summary>
/// Reads request bodies whole: packed or not, none larger than its limit, none slower than its time, and all together no larger than the
/// room there is. Whoever does not fit is told at once.
/// </summary>
internal sealed class RequestBodies(RequestLimits limits, BodyRoom room, TimeProvider time)
{
    // What is only announced takes no room: a buffer grows with what arrives, the sooner to its full size the fewer are thrown away.
    private const int FirstBuffer = 64 * 1024;
    private const int LargestStep = 16;

    /// <summary>The body, unpacked.</summary>
    /// <exception cref="RequestRefusedException">It is too large, too slow, broken, packed in another way, or there is no room.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, int largest, CancellationToken ct)
    {
        Overlength.LetIn(request, largest);
        using var patience = new Deadline(limits.Patience, time, ct);
        try
        {
            await using Stream unpacked = Unpack(request);
            if (request.ContentLength <= largest || request.ContentLength is null)
            {
                if (await ReadAsync(unpacked, request.ContentLength ?? 0, largest, patience.Token) is { } body)
                    return body;
            }

            await Overlength.PassAsync(request, patience.Token);
            throw TooLarge(largest);
        }
        catch (BadHttpRequestException bad)
        {
            throw new RequestRefusedException(RefusalFor(bad, largest));
        }
        catch (InvalidDataException)
        {
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, "bad_gzip", "The body is not what gzip makes, or not all of it. Send it whole or unpacked.");
        }
        catch (OperationCanceledException) when (patience.HasPassed)
        {
            throw new RequestRefusedException(StatusCodes.Status408RequestTimeout, "too_slow", $"The body did not come within {limits.Patience.TotalSeconds} s.");
        }
    }

    private static Stream Unpack(HttpRequest request) => request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant() switch
    {
        "" or "identity" => request.Body,
        "gzip" or "x-gzip" => new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
        _ => throw new RequestRefusedException(
            StatusCodes.Status415UnsupportedMediaType, "content_encoding", "The body is packed in an unknown way. Send it as it is or with Content-Encoding: gzip."),
    };

    // Null where it is larger than the largest.
    private async Task<ReadOnlyMemory<byte>?> ReadAsync(Stream body, long announced, int largest, CancellationToken ct)
    {
        using BodyRoom.Share share = room.Enter();
        byte[] buffer = new byte[announced > 0 ? (int)Math.Min(announced + 1, FirstBuffer) : FirstBuffer];
        Grow(share, buffer.Length);
        int length = 0, read;
        while ((read = await body.ReadAsync(buffer.AsMemory(length), ct)) > 0)
        {
            length += read;
            if (length > largest)
                return null;
            if (length < buffer.Length)
                continue;
            int larger = (int)Math.Min(Math.Max(buffer.Length * 2L, Math.Min(announced + 1, (long)buffer.Length * LargestStep)), largest + 1L);
            Grow(share, larger - buffer.Length);
            Array.Resize(ref buffer, larger);
        }

        return buffer.AsMemory(0, length);
    }

    private static void Grow(BodyRoom.Share share, int bytes)
    {
        if (!share.TryGrow(bytes))
        {
            throw new RequestRefusedException(new RequestRefusal(
                StatusCodes.Status503ServiceUnavailable, "busy", "Too much is being sent at once. Send it again in a second.")
            { RetryAfter = BodyRoom.TryAgainAfter });
        }
    }

    private static RequestRefusal RefusalFor(BadHttpRequestException bad, int largest) => bad.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => TooLarge(largest).Refusal,
        StatusCodes.Status408RequestTimeout => new RequestRefusal(bad.StatusCode, "too_slow", "The body came too slowly."),
        _ => new RequestRefusal(StatusCodes.Status400BadRequest, "truncated", "The body ended before its end."),
    };

    private static RequestRefusedException TooLarge(int largest) => new(
        StatusCodes.Status413PayloadTooLarge, "too_large", $"The body is larger than {largest / (1 << 20)} MB, counted after it is unpacked. Send it in parts.");
}
