using CsvHelper;

namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>Reads rows of CSV from a stream, holding one at a time.</summary>
internal sealed class CsvRowReader : IDisposable
{
    // Above what a record of an org can hold: a quote that never ends must not fill the memory.
    private const int LargestRow = 4_000_000;

    private readonly CsvReader _csv;
    private BulkColumns? _columns;

    public CsvRowReader(Stream stream, BulkFormat format) => _csv = CsvReader.Create(
        stream,
        new CsvReaderOptions
        {
            Separator = format.Separator,
            DetectSeparatorHint = false,
            FieldCountMismatch = CsvFieldCountHandling.Throw,
            IncludeValuesInExceptions = false,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = LargestRow,
        },
        leaveOpen: true);

    /// <summary>The bytes of the row that was read last.</summary>
    public ReadOnlySpan<byte> Raw => _csv.RawRecord;

    /// <summary>The next row; null after the last one.</summary>
    /// <exception cref="CsvFormatException">It is no CSV, or a row does not fit the header.</exception>
    public async ValueTask<BulkRow?> ReadAsync(CancellationToken ct)
    {
        if (!await _csv.ReadAsync(ct))
            return null;
        _columns ??= ReadColumns();
        string?[] cells = new string?[_columns.Names.Count];
        for (int place = 0; place < cells.Length; place++)
            cells[place] = _csv.IsEmpty(place) ? null : _csv.GetString(place);
        return new BulkRow(_columns, cells);
    }

    public void Dispose() => _csv.Dispose();

    private BulkColumns ReadColumns()
    {
        try
        {
            return new BulkColumns([.. _csv.Headers]);
        }
        catch (ArgumentException)
        {
            throw new CsvFormatException("The header does not name its columns.");
        }
    }
}
