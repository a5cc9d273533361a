using System.Net;

namespace SalesforceBridge.Destinations.Requests;

/// <summary>
/// A body that knows whether any of its request may have gone out: what fails before that was surely not made. It goes out once: when a kept
/// connection closes without an answer, the HTTP client would send the request again by itself, and nobody would know that it may be a repeat.
/// </summary>
internal sealed class SentContent(ReadOnlyMemory<byte> body) : HttpContent
{
    /// <summary>A connection was there and the request was being written to it.</summary>
    public bool HasBegun { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (HasBegun)
            throw new IOException("The request went out once already.");
        HasBegun = true;
        await stream.WriteAsync(body, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
