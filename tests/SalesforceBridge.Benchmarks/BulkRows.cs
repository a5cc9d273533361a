using CsvHelper;
using SalesforceBridge.Salesforce.Bulk;

namespace SalesforceBridge.Benchmarks;

/// <summary>The rows of the Bulk benchmark: about 100 bytes each, of which every tenth has something to quote.</summary>
internal static class BulkRows
{
    public const int Count = 1_000_000;
    public const int PageRows = 100_000;

    private const int Distinct = 1_000;

    public static readonly BulkColumns Columns = new(["External_Id__c", "Name", "Amount__c", "Ordered_On__c", "Express__c", "Note__c"]);

    private static readonly BulkRow[] Rows = [.. Enumerable.Range(0, Distinct).Select(n => new BulkRow(Columns,
        [$"order-{n:d12}", $"Order number {n}", $"{n}.25", "2026-11-23", n % 2 == 0 ? "true" : "false", n % 10 == 0 ? $"says \"hello\", on\ntwo lines {n}" : $"a note of some length {n}"]))];

    public static BulkRow At(int n) => Rows[n % Distinct];

    public static async IAsyncEnumerable<BulkRow> AllAsync()
    {
        await Task.CompletedTask;
        for (int n = 0; n < Count; n++)
            yield return At(n);
    }

    /// <summary>A page as an org writes it: every value in quotes.</summary>
    public static byte[] Page()
    {
        using var page = new MemoryStream();
        using (CsvWriter csv = CsvWriter.Create(page, new CsvWriterOptions { NewLine = "\n", Quoting = CsvQuoting.Always }, leaveOpen: true))
        {
            Write(csv, Columns.Names);
            for (int n = 0; n < PageRows; n++)
                Write(csv, At(n).Cells);
        }

        return page.ToArray();
    }

    public static void Write(CsvWriter csv, IReadOnlyList<string?> cells)
    {
        for (int place = 0; place < cells.Count; place++)
            csv.WriteField(cells[place]);
        csv.EndRecord();
    }
}
