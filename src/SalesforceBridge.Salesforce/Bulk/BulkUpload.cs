using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>Rows on their way into jobs: each upload takes the next ones, as many as fit.</summary>
internal sealed class BulkUpload(BulkColumns columns, IAsyncEnumerator<BulkRow> rows, BulkFormat format, long largest) : IAsyncDisposable
{
    // Large enough for few writes to the wire, small enough to be nothing.
    private const int PieceBytes = 64 * 1024;

    private readonly CsvRowWriter _csv = new(columns, format);

    // Whether the row that the source stands on has not been written yet.
    private bool _isWaiting;

    /// <summary>How many rows the last upload took.</summary>
    public long Taken { get; private set; }

    /// <summary>Whether a row is left for another upload.</summary>
    public async ValueTask<bool> HasMoreAsync() => _isWaiting = _isWaiting || await rows.MoveNextAsync();

    /// <summary>The next upload, written once.</summary>
    public StreamedBody NextBody() => new(WriteAsync) { IsReplayable = false };

    /// <summary>Writes the next rows, as many as fit.</summary>
    /// <exception cref="ArgumentException">A row is larger than an upload may be, or has other columns.</exception>
    public async Task WriteAsync(Stream wire, CancellationToken ct)
    {
        Taken = 0;
        _csv.Empty();
        long size = _csv.WriteHeader();
        while (await HasMoreAsync())
        {
            int pending = _csv.Written.Length;
            size += _csv.Write(rows.Current);
            if (size > largest)
            {
                // The row begins the next upload.
                await wire.WriteAsync(_csv.Written[..pending], ct);
                if (Taken == 0)
                    throw CsvRowWriter.TooLarge(rows.Current, largest);
                return;
            }

            _isWaiting = false;
            Taken++;
            if (_csv.Written.Length < PieceBytes)
                continue;
            await wire.WriteAsync(_csv.Written, ct);
            _csv.Empty();
        }

        await wire.WriteAsync(_csv.Written, ct);
    }

    public async ValueTask DisposeAsync()
    {
        _csv.Dispose();
        await rows.DisposeAsync();
    }
}
