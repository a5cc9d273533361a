namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>Records as the rows of one upload: they share the columns that any of them has.</summary>
public sealed class BulkTable
{
    private BulkTable(BulkColumns columns, IReadOnlyList<BulkRow> rows) => (Columns, Rows) = (columns, rows);

    /// <summary>Every column that a record has, in the order of their first mention.</summary>
    public BulkColumns Columns { get; }

    /// <summary>A row for each record that is in the table, in the records' order.</summary>
    public IReadOnlyList<BulkRow> Rows { get; }

    /// <summary>A table of the first records, as many as fit into one upload.</summary>
    /// <param name="records">The records; at least one.</param>
    /// <param name="settings">How large an upload may be.</param>
    /// <param name="format">The form of the CSV.</param>
    /// <exception cref="ArgumentException">There is no record, or the first is too large for an upload.</exception>
    public static BulkTable Of(IReadOnlyList<BulkRecord> records, BulkSettings settings, BulkFormat format)
    {
        BulkTable all = Of(records);
        using var csv = new CsvRowWriter(all.Columns, format);
        long size = csv.WriteHeader();
        int fitting = 0;
        while (fitting < all.Rows.Count && (size += csv.Write(all.Rows[fitting])) <= settings.LargestUpload)
        {
            fitting++;
            csv.Empty();
        }

        return fitting == 0 ? throw CsvRowWriter.TooLarge(all.Rows[0], settings.LargestUpload)
            : fitting == records.Count ? all
            : new BulkTable(all.Columns, [.. all.Rows.Take(fitting)]);
    }

    private static BulkTable Of(IReadOnlyList<BulkRecord> records)
    {
        var columns = new BulkColumns([.. records.SelectMany(record => record.Cells).Select(cell => cell.Key).Distinct(StringComparer.OrdinalIgnoreCase)]);
        return new BulkTable(columns, [.. records.Select(record => record.In(columns))]);
    }
}
