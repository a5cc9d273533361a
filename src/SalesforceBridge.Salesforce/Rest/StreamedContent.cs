using System.Net;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Gives a streamed body to the HTTP client, which sends it in chunks since nobody knows its length.</summary>
internal sealed class StreamedContent(StreamedBody body, ProgressLimit limit) : HttpContent
{
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        body.WriteAsync(stream, limit, cancellationToken);
}

/// <summary>The way to the wire: limits how long a write takes, and knows whether it was the wire that failed.</summary>
internal sealed class WireStream(Stream wire, ProgressLimit limit) : Stream
{
    public bool IsBroken { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        limit.Restart();
        try
        {
            await wire.WriteAsync(buffer, cancellationToken);
        }
        catch
        {
            IsBroken = true;
            throw;
        }

        limit.Pause();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are written asynchronously.");

    // What is small waits for more; the end of the body sends all.
    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
