using System.Buffers;
using System.IO.Pipelines;

namespace SalesforceBridge.Benchmarks;

/// <summary>Counts what goes over a server's connections.</summary>
internal sealed class WireBytes
{
    private long _sent;
    private long _answered;

    /// <summary>What clients sent, headers included.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>What they were answered.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>A connection that is counted from now on.</summary>
    public IDuplexPipe Count(IDuplexPipe connection) => new Counted(
        new CountedInput(connection.Input, bytes => Interlocked.Add(ref _sent, bytes)),
        new CountedOutput(connection.Output, bytes => Interlocked.Add(ref _answered, bytes)));

    private sealed record Counted(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class CountedInput(PipeReader inner, Action<long> count) : PipeReader
    {
        private ReadOnlySequence<byte> _read;

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            count(_read.Slice(0, consumed).Length);
            inner.AdvanceTo(consumed, examined);
        }

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            ReadResult result = await inner.ReadAsync(cancellationToken);
            _read = result.Buffer;
            return result;
        }

        public override bool TryRead(out ReadResult result)
        {
            bool isThere = inner.TryRead(out result);
            _read = result.Buffer;
            return isThere;
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }

    private sealed class CountedOutput(PipeWriter inner, Action<long> count) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes)
        {
            count(bytes);
            inner.Advance(bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
