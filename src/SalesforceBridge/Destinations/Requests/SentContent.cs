using System.Net;

namespace SalesforceBridge.Destinations.Requests;

/// <summary>
/// A body that knows whether any of its request may have gone out: what fails before that was surely not made. Even an empty one keeps the HTTP
/// client from sending a request again by itself when a connection closes without an answer. It begins anew only where the server says that it
/// has not looked at the request, as HTTP/2 can.
/// </summary>
internal sealed class SentContent(ReadOnlyMemory<byte> body) : HttpContent
{
    /// <summary>A connection was there and the request was being written to it.</summary>
    public bool HasBegun { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        HasBegun = true;
        await stream.WriteAsync(body, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
