using System.Net;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>
/// What the org answered, with a body that is read as it arrives: none of it is held. Whoever has it disposes of it, which ends the answer
/// where it is not read to its end.
/// </summary>
public sealed class StreamedReply : IDisposable
{
    internal StreamedReply(HttpStatusCode status, ReplyStream body, IReadOnlyDictionary<string, string> headers) =>
        (Status, Body, Headers) = (status, body, headers);

    /// <summary>The HTTP status: a success.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>The answer's headers by name, without regard to case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>
    /// The body, unpacked. Each read may take <see cref="SalesforceClientSettings.Timeout"/>; one that fails or takes longer is a
    /// <see cref="Errors.SalesforceException"/>. Asynchronous reads only.
    /// </summary>
    public Stream Body { get; }

    /// <inheritdoc/>
    public void Dispose() => Body.Dispose();
}

/// <summary>Reads from the wire, and speaks of its failures as a call does. The answer ends with it.</summary>
internal sealed class ReplyStream(
    SalesforceRequest request, HttpResponseMessage response, Stream wire, SalesforceClientSettings settings, TimeProvider time) : Stream
{
    private readonly ProgressLimit _limit = new(settings.Timeout, time);
    private readonly string _host = response.RequestMessage?.RequestUri?.Host ?? "the org";

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _limit.Restart();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _limit.Token);
        try
        {
            int count = await wire.ReadAsync(buffer, either.Token);
            // Who reads may take the time they like between two reads.
            _limit.Pause();
            return count;
        }
        catch (Exception fault) when (CallFailure.IsBroken(fault))
        {
            throw CallFailure.Broken(request, _host, fault);
        }
        catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw CallFailure.TooSlow(request, _host, settings.Timeout, fault);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Answers are read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _limit.Dispose();
            wire.Dispose();
            response.Dispose();
        }

        base.Dispose(disposing);
    }
}
