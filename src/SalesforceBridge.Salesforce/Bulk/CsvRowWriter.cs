using System.Buffers;
using CsvHelper;

namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>Writes rows as CSV into a buffer, so that the size of each is known before it is sent.</summary>
internal sealed class CsvRowWriter : IDisposable
{
    private readonly BulkColumns _columns;
    private readonly Buffer _buffer = new();
    private readonly CsvWriter _csv;

    public CsvRowWriter(BulkColumns columns, BulkFormat format)
    {
        _columns = columns;
        _csv = CsvWriter.Create(_buffer, new CsvWriterOptions
        {
            Separator = format.Separator,
            NewLine = format.NewLine,
            // A blank at either end is part of the value.
            Quoting = CsvQuoting.WhenNeededOrWhitespace,
        });
    }

    /// <summary>What was written since the buffer was last emptied.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.Written;

    public static ArgumentException TooLarge(BulkRow row, long limit) =>
        new($"With {row} the upload is larger than {limit:n0} bytes.", nameof(row));

    /// <returns>The bytes of the line with the columns' names.</returns>
    public int WriteHeader() => WriteLine(_columns.Names);

    /// <returns>The bytes of the row's line.</returns>
    /// <exception cref="ArgumentException">The row has other columns.</exception>
    public int Write(BulkRow row) => row.Cells.Count == _columns.Names.Count
        ? WriteLine(row.Cells)
        : throw new ArgumentException($"A row has {row.Cells.Count} cells, and the upload {_columns.Names.Count} columns.", nameof(row));

    public void Empty() => _buffer.Empty();

    public void Dispose() => _csv.Dispose();

    private int WriteLine(IReadOnlyList<string?> cells)
    {
        int before = _buffer.Written.Length;
        for (int place = 0; place < cells.Count; place++)
            _csv.WriteField(cells[place]);
        _csv.EndRecord();
        _csv.Flush();
        return _buffer.Written.Length - before;
    }

    private sealed class Buffer : Stream
    {
        private readonly ArrayBufferWriter<byte> _bytes = new(4096);

        public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Empty() => _bytes.ResetWrittenCount();

        public override void Write(ReadOnlySpan<byte> buffer) => _bytes.Write(buffer);

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
