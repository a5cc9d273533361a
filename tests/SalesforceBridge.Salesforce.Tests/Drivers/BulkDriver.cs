using SalesforceBridge.Salesforce.Bulk;

namespace SalesforceBridge.Salesforce.Tests.Drivers;

/// <summary>Jobs of a scripted org, and rows for them.</summary>
public static class BulkDriver
{
    public const string JobId = "7505e000000001AAA";
    public const string Ingest = $"jobs/ingest/{JobId}";
    public const string Query = $"jobs/query/{JobId}";

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static IngestRequest Insert { get; } = new(BulkOperation.Insert, "Account");

    /// <summary>A job that is complete, as a client would have been told.</summary>
    public static BulkJob Done { get; } = new(JobId, new BulkJobState.JobComplete())
    {
        Operation = "insert",
        SObject = "Account",
        Format = new BulkFormat(),
        ApiVersion = "62.0",
    };

    public static BulkJob Open { get; } = Done with { State = new BulkJobState.Open() };

    public static Answer Job(string state, string more = "") => Answer.Ok($$"""
        {"id":"{{JobId}}","operation":"insert","object":"Account","createdById":"005000000000001AAA","createdDate":"2026-01-02T03:04:05.000+0000",
         "state":"{{state}}","concurrencyMode":"Parallel","contentType":"CSV","apiVersion":62.0,"contentUrl":"services/data/v62.0/{{Ingest}}/batches",
         "lineEnding":"LF","columnDelimiter":"COMMA"{{more}}}
        """);

    public static Answer Page(string csv, string? locator, int? count = null)
    {
        Answer page = Answer.Csv(csv).With("Sforce-Locator", locator ?? "null");
        return count is { } rows ? page.With("Sforce-NumberOfRecords", $"{rows}") : page;
    }

    /// <summary>An org with one ingest job that takes everything and completes at once.</summary>
    public static ScriptedOrg WithIngestJob(this ScriptedOrg org) => org
        .On("POST jobs/ingest", Job("Open"))
        .On($"PUT {Ingest}/batches", new Answer(201))
        .On($"PATCH {Ingest}", Job("UploadComplete"))
        .On($"GET {Ingest}", Job("JobComplete"));

    /// <summary>An org with one query job that is complete.</summary>
    public static ScriptedOrg WithQueryJob(this ScriptedOrg org) => org
        .On("POST jobs/query", Job("UploadComplete"))
        .On($"GET {Query}", Job("JobComplete"));

    public static BulkRow Row(BulkColumns columns, params string?[] cells) => new(columns, cells);

    public static async IAsyncEnumerable<BulkRow> Rows(BulkColumns columns, int count)
    {
        for (int n = 0; n < count; n++)
        {
            await Task.Yield();
            yield return Row(columns, $"Account {n}");
        }
    }

    public static async Task<List<T>> ToListAsync<T>(IAsyncEnumerable<T> items)
    {
        List<T> list = [];
        await foreach (T item in items)
            list.Add(item);
        return list;
    }
}
