using System.Diagnostics;
using System.Globalization;
using CsvHelper;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceBridge.Salesforce.Bulk;
using SalesforceBridge.Salesforce.Http;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Benchmarks;

/// <summary>The other process of the Bulk benchmark: does what it reads on its input, and writes how long that took.</summary>
internal sealed class BulkClient(SalesforceClient client)
{
    public const string Argument = "bulk-client";

    private readonly Lazy<byte[]> _page = new(BulkRows.Page);

    public static async Task<int> ServeAsync(Uri org)
    {
        using HttpClient http = SalesforceHttp.Create();
        using var meters = new TestMeters();
        var client = new BulkClient(new SalesforceClient(
            http, new OneToken(org), new SalesforceClientSettings(), meters, TimeProvider.System, NullLogger<SalesforceClient>.Instance));
        while (await Console.In.ReadLineAsync() is { } command)
            Console.WriteLine((await client.RunAsync(command)).ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    private async Task<long> RunAsync(string command) => command switch
    {
        "ingest" => (await Report.TimeAsync(IngestAsync)).Ticks,
        "query" => (await Report.TimeAsync(QueryAsync)).Ticks,
        "write" => (await Report.TimeAsync(WriteAsync)).Ticks,
        "parse" => await ParseAsync(),
        _ => Peak(),
    };

    private async Task IngestAsync()
    {
        long rows = 0;
        await foreach (LoadedPart part in client.IngestJobs.LoadAsync(new IngestRequest(BulkOperation.Insert, "Order__c"), BulkRows.Columns, BulkRows.AllAsync(), default))
            rows += part.Rows;
        Check(rows);
    }

    private async Task QueryAsync()
    {
        long rows = 0;
        await foreach (BulkRow row in client.QueryJobs.QueryAsync(new QueryRequest("select Id from Order__c"), default))
            rows += row.Cells.Count > 0 ? 1 : 0;
        Check(rows);
    }

    private static async Task WriteAsync()
    {
        await using CsvWriter csv = CsvWriter.Create(Stream.Null, new CsvWriterOptions { NewLine = "\n", Quoting = CsvQuoting.WhenNeededOrWhitespace });
        BulkRows.Write(csv, BulkRows.Columns.Names);
        await foreach (BulkRow row in BulkRows.AllAsync())
            BulkRows.Write(csv, row.Cells);
    }

    // The same texts in the same sort of arrays.
    private async Task<long> ParseAsync()
    {
        byte[] page = _page.Value;
        long rows = 0;
        TimeSpan time = await Report.TimeAsync(async () =>
        {
            for (int n = 0; n < BulkRows.Count / BulkRows.PageRows; n++)
            {
                await using CsvReader csv = CsvReader.Create(new MemoryStream(page), new CsvReaderOptions { Separator = ',' });
                while (await csv.ReadAsync())
                {
                    string[] cells = csv.Current.ToArray();
                    rows += cells.Length > 0 ? 1 : 0;
                }
            }
        });
        Check(rows);
        return time.Ticks;
    }

    private static long Peak()
    {
        using Process self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }

    private static void Check(long rows)
    {
        if (rows != BulkRows.Count)
            throw new InvalidOperationException($"There were {rows} rows.");
    }
}
