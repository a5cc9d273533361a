using System.Runtime.CompilerServices;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>
/// Jobs of Bulk API 2.0 that write records. <see cref="LoadAsync"/> does the whole of it; or step by step: create a job (remember its id),
/// upload, complete the upload, wait, read what became of each row. Nothing is processed before the upload is complete, so a job whose
/// upload went wrong is aborted and another one made; after that, whoever knows the id can go on, in another process too.
/// Every method throws <see cref="SalesforceException"/> when the org refuses or cannot be reached.
/// </summary>
public sealed partial class IngestJobs
{
    private readonly BulkResource _resource;

    internal IngestJobs(Exchange exchange, SalesforceClientSettings settings, TimeProvider time) =>
        _resource = new BulkResource(exchange, "ingest", settings, time);

    /// <summary>The most bytes of CSV in one job; see <see cref="BulkSettings.LargestUpload"/>.</summary>
    public long LargestUpload => _resource.Settings.Bulk.LargestUpload;

    /// <summary>Makes a job, which waits for its rows.</summary>
    /// <param name="request">What it shall do.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="ArgumentException">An upsert names no external id field.</exception>
    public Task<BulkJob> CreateAsync(IngestRequest request, CancellationToken ct) =>
        request.Operation is BulkOperation.Upsert && string.IsNullOrEmpty(request.ExternalIdField)
            ? throw new ArgumentException("An upsert needs the name of an external id field.", nameof(request))
            : _resource.CreateAsync(request.Write, request.What, ct);

    /// <summary>Sends a job its rows, all at once: the org takes the content of a job one time.</summary>
    /// <param name="job">An open job.</param>
    /// <param name="table">The rows.</param>
    /// <param name="ct">Ends the call; then the job is to be aborted.</param>
    /// <exception cref="SalesforceException">Of one that is <see cref="SalesforceException.InDoubt"/> the rows may have arrived; abort the job.</exception>
    /// <exception cref="ArgumentException">The table is larger than an upload may be.</exception>
    public Task UploadAsync(BulkJob job, BulkTable table, CancellationToken ct) => _resource.UploadAsync(job, new StreamedBody(async (wire, end) =>
    {
        await using var upload = new BulkUpload(
            table.Columns, table.Rows.ToAsyncEnumerable().GetAsyncEnumerator(end), job.Format, _resource.Settings.Bulk.LargestUpload);
        await upload.WriteAsync(wire, end);
        if (await upload.HasMoreAsync())
            throw CsvRowWriter.TooLarge(table.Rows[^1], _resource.Settings.Bulk.LargestUpload);
    }), ct);

    /// <summary>The same for rows that are produced on their way, in constant memory.</summary>
    /// <param name="job">An open job.</param>
    /// <param name="columns">The columns of every row.</param>
    /// <param name="rows">The rows, read once.</param>
    /// <param name="ct">Ends the call; then the job is to be aborted.</param>
    /// <exception cref="SalesforceException">Of one that is <see cref="SalesforceException.InDoubt"/> the rows may have arrived; abort the job.</exception>
    /// <exception cref="ArgumentException">The rows are larger than an upload may be, or one has other columns.</exception>
    public async Task UploadAsync(BulkJob job, BulkColumns columns, IAsyncEnumerable<BulkRow> rows, CancellationToken ct)
    {
        await using var upload = new BulkUpload(columns, rows.GetAsyncEnumerator(ct), job.Format, _resource.Settings.Bulk.LargestUpload);
        await _resource.UploadAsync(job, upload.NextBody(), ct);
        if (await upload.HasMoreAsync())
            throw new ArgumentException($"The rows are larger than {_resource.Settings.Bulk.LargestUpload} bytes of CSV.", nameof(rows));
    }

    /// <summary>Tells the org that it has all rows of a job, which begins then. A job that has begun already is left as it is.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="ct">Ends the call; it may be made again.</param>
    public async Task<BulkJob> CompleteUploadAsync(string id, CancellationToken ct)
    {
        try
        {
            return await _resource.ChangeAsync(id, "UploadComplete", ct);
        }
        catch (SalesforceException refusal) when (refusal.Code == "INVALIDJOBSTATE")
        {
            // Perhaps a first try of ours did it, and its answer was lost.
            BulkJob job = await GetAsync(id, ct);
            if (job.State is BulkJobState.Open or BulkJobState.Aborted)
                throw;
            return job;
        }
    }

    /// <summary>A job as it is now.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="ct">Ends the call.</param>
    public Task<BulkJob> GetAsync(string id, CancellationToken ct) => _resource.GetAsync(id, ct);

    /// <summary>Looks at a job until it is over, which may take hours. Ending the wait does not end the job.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The job, complete, failed or aborted.</returns>
    public Task<BulkJob> WaitAsync(string id, CancellationToken ct) => _resource.WaitAsync(id, ct);

    /// <summary>Ends a job that is not over: rows not processed by then are left out.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="ct">Ends the call.</param>
    public Task<BulkJob> AbortAsync(string id, CancellationToken ct) => _resource.ChangeAsync(id, "Aborted", ct);

    /// <summary>Deletes a job that is over, with its results.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="ct">Ends the call.</param>
    public Task DeleteAsync(string id, CancellationToken ct) => _resource.DeleteAsync(id, ct);

    /// <summary>
    /// Loads any number of rows in constant memory: sends them as they are produced, in as many jobs as their size needs
    /// (<see cref="BulkSettings.LargestUpload"/>), one after the other. A job is given once its upload is complete, while the org begins to
    /// work on it; the next one is made when the caller asks for it.
    /// </summary>
    /// <param name="request">What the jobs shall do.</param>
    /// <param name="columns">The columns of every row.</param>
    /// <param name="rows">The rows, read once.</param>
    /// <param name="ct">Ends the load: the job that is being uploaded is aborted, those given before go on.</param>
    /// <exception cref="ArgumentException">A row has other columns, or is larger than an upload may be.</exception>
    public async IAsyncEnumerable<LoadedPart> LoadAsync(
        IngestRequest request, BulkColumns columns, IAsyncEnumerable<BulkRow> rows, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var upload = new BulkUpload(columns, rows.GetAsyncEnumerator(ct), request.Format, _resource.Settings.Bulk.LargestUpload);
        while (await upload.HasMoreAsync())
        {
            BulkJob job = await CreateAsync(request, ct);
            yield return await LoadPartAsync(job, upload, ct);
        }
    }

    private async Task<LoadedPart> LoadPartAsync(BulkJob job, BulkUpload upload, CancellationToken ct)
    {
        try
        {
            await _resource.UploadAsync(job, upload.NextBody(), ct);
            return new LoadedPart(await CompleteUploadAsync(job.Id, ct), upload.Taken);
        }
        catch
        {
            await _resource.AbandonAsync(job.Id);
            throw;
        }
    }
}

/// <summary>A part of a load.</summary>
/// <param name="Job">The job, whose upload is complete.</param>
/// <param name="Rows">How many rows it took, right after those of the part before.</param>
public sealed record LoadedPart(BulkJob Job, long Rows);
