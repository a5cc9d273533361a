using System.Text;

namespace SalesforceBridge.Salesforce.OutboundMessages;

/// <summary>An envelope's characters, read while they arrive and no further than allowed. The stream stays open.</summary>
internal sealed class EnvelopeText(Stream stream, long longest, CancellationToken ct) : TextReader
{
    // With an identifier, so that a byte order mark is passed over.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true);

    private readonly StreamReader _reader = new(stream, StrictUtf8, detectEncodingFromByteOrderMarks: false, bufferSize: 16 * 1024, leaveOpen: true);
    private long _read;

    public override async ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
    {
        int count = await _reader.ReadAsync(buffer, ct);
        _read += count;
        return _read <= longest ? count : throw new EnvelopeException(new EnvelopeFault.TooLong(longest));
    }

    public override Task<int> ReadAsync(char[] buffer, int index, int count) => ReadAsync(buffer.AsMemory(index, count), ct).AsTask();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _reader.Dispose();
        base.Dispose(disposing);
    }
}
