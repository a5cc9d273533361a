using System.Globalization;
using System.Runtime.CompilerServices;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>
/// Jobs of Bulk API 2.0 that read records. <see cref="QueryAsync"/> does the whole of it; or step by step: create a job, wait for it, read
/// its pages from any locator on, in another process too. Every method throws <see cref="SalesforceException"/> when the org refuses or
/// cannot be reached.
/// </summary>
public sealed class QueryJobs
{
    private const string What = "bulk query";
    private const string LocatorHeader = "Sforce-Locator";

    private readonly BulkResource _resource;

    internal QueryJobs(Exchange exchange, SalesforceClientSettings settings, TimeProvider time) =>
        _resource = new BulkResource(exchange, "query", settings, time);

    /// <summary>
    /// The rows a query finds, in constant memory: makes a job, waits for it and reads its pages. Whoever stops before the job is complete
    /// aborts it.
    /// </summary>
    /// <param name="request">The query.</param>
    /// <param name="ct">Ends the query, and aborts the job.</param>
    public async IAsyncEnumerable<BulkRow> QueryAsync(QueryRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        BulkJob job = await WaitOrAbortAsync(await CreateAsync(request, ct), ct);
        ThrowIfWithoutRows(job);
        await foreach (BulkPage page in PagesAsync(job, null, request.MaxRecords, ct))
        {
            await foreach (BulkRow row in page.Rows)
                yield return row;
        }
    }

    /// <summary>Makes a job, which begins at once.</summary>
    /// <param name="request">The query.</param>
    /// <param name="ct">Ends the call.</param>
    public Task<BulkJob> CreateAsync(QueryRequest request, CancellationToken ct) => _resource.CreateAsync(request.Write, What, ct);

    /// <summary>A job as it is now.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="ct">Ends the call.</param>
    public Task<BulkJob> GetAsync(string id, CancellationToken ct) => _resource.GetAsync(id, ct);

    /// <summary>Looks at a job until it is over. Ending the wait does not end the job.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task<BulkJob> WaitAsync(string id, CancellationToken ct) => _resource.WaitAsync(id, ct);

    /// <summary>Ends a job that is not over.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="ct">Ends the call.</param>
    public Task<BulkJob> AbortAsync(string id, CancellationToken ct) => _resource.ChangeAsync(id, "Aborted", ct);

    /// <summary>Deletes a job that is over, with its rows.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="ct">Ends the call.</param>
    public Task DeleteAsync(string id, CancellationToken ct) => _resource.DeleteAsync(id, ct);

    /// <summary>The pages of a job's rows, one call each as they are asked for. A page is read to its end before the next one is asked for.</summary>
    /// <param name="job">A complete job.</param>
    /// <param name="locator">Where to begin: <see cref="BulkPage.Next"/> of the last page that was dealt with, or null for the first page.</param>
    /// <param name="maxRecords">The most rows in one page; null leaves it to the org.</param>
    /// <param name="ct">Ends the reading.</param>
    public async IAsyncEnumerable<BulkPage> PagesAsync(BulkJob job, string? locator, int? maxRecords, [EnumeratorCancellation] CancellationToken ct)
    {
        do
        {
            using RowReading reading = _resource.Rows(job, Tail(locator, maxRecords), "read a page of a bulk query");
            await reading.OpenAsync(ct);
            locator = NextLocator(reading);
            yield return new BulkPage(reading.ReadAsync(ct), locator);
        }
        while (locator is not null);
    }

    private async Task<BulkJob> WaitOrAbortAsync(BulkJob job, CancellationToken ct)
    {
        try
        {
            return await WaitAsync(job.Id, ct);
        }
        catch
        {
            await _resource.AbandonAsync(job.Id);
            throw;
        }
    }

    private static void ThrowIfWithoutRows(BulkJob job)
    {
        if (job.State is BulkJobState.Failed failed)
            throw new SalesforceException(What, [failed.Error], failed.Class);
        if (job.State is not BulkJobState.JobComplete)
            throw new SalesforceException(What, [new("ABORTED", $"somebody aborted job {job.Id}", [], null)], new ErrorClass(new Remedy.GiveUp(), Blame.Message));
    }

    private static string Tail(string? locator, int? maxRecords)
    {
        string[] options =
        [
            .. locator is null ? [] : new[] { $"locator={Uri.EscapeDataString(locator)}" },
            .. maxRecords is { } most ? new[] { string.Create(CultureInfo.InvariantCulture, $"maxRecords={most}") } : [],
        ];
        return options.Length == 0 ? "results" : $"results?{string.Join('&', options)}";
    }

    // The last page says "null". One that says nothing is no page, and a job that is not complete has none: 204.
    private static string? NextLocator(RowReading reading) =>
        reading.HasContent && reading.Headers.TryGetValue(LocatorHeader, out string? locator)
            ? locator is "null" or "" ? null : locator
            : throw reading.Unusable();
}

/// <summary>A page of a query job's rows.</summary>
/// <param name="Rows">Its rows, read as they arrive; once. A page that breaks off is asked for again, and no row is given twice.</param>
/// <param name="Next">The locator of the page behind it, good as long as the job is; null on the last page.</param>
public sealed record BulkPage(IAsyncEnumerable<BulkRow> Rows, string? Next);
