using System.Buffers;
using System.Text.Json;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>What ingest and query jobs have in common: they are made, looked at, changed, deleted and waited for.</summary>
/// <param name="exchange">Sends the calls.</param>
/// <param name="kind"><c>ingest</c> or <c>query</c>.</param>
/// <param name="settings">How to call, and how to wait.</param>
/// <param name="time">The clock.</param>
internal sealed class BulkResource(Exchange exchange, string kind, SalesforceClientSettings settings, TimeProvider time)
{
    public SalesforceClientSettings Settings => settings;

    public TimeProvider Time => time;

    public Task<BulkJob> CreateAsync(Action<Utf8JsonWriter> write, string what, CancellationToken ct) => JobAsync(
        new SalesforceRequest(HttpMethod.Post, $"jobs/{kind}")
        {
            What = what,
            Body = Json(write),
            // A job that nobody knows of does nothing, and the org forgets it.
            Repeatable = true,
        }, ct);

    public Task<BulkJob> GetAsync(string id, CancellationToken ct) =>
        JobAsync(new SalesforceRequest(HttpMethod.Get, PathOf(id)) { What = $"look at a bulk {kind} job" }, ct);

    public Task<BulkJob> ChangeAsync(string id, string state, CancellationToken ct) => JobAsync(
        new SalesforceRequest(HttpMethod.Patch, PathOf(id))
        {
            What = $"set a bulk {kind} job to {state}",
            Body = Json(json => json.WriteString("state", state)),
            Repeatable = true,
        }, ct);

    public Task DeleteAsync(string id, CancellationToken ct) =>
        exchange.SendAsync(new SalesforceRequest(HttpMethod.Delete, PathOf(id)) { What = $"delete a bulk {kind} job" }, _ => true, ct);

    /// <summary>Looks at a job, with growing pauses, until it is over.</summary>
    public async Task<BulkJob> WaitAsync(string id, CancellationToken ct)
    {
        TimeSpan pause = settings.Bulk.FirstPause;
        while (true)
        {
            BulkJob job = await GetAsync(id, ct);
            if (job.State.IsOver)
                return job;
            await Task.Delay(pause, time, ct);
            pause = settings.Bulk.PauseAfter(pause);
        }
    }

    /// <summary>Aborts a job that nobody waits for any more, as far as that is possible in time.</summary>
    public async Task AbandonAsync(string id)
    {
        using var limit = new CancellationTokenSource(settings.Bulk.AbortTimeout, time);
        try
        {
            await ChangeAsync(id, "Aborted", limit.Token);
        }
        catch (Exception failure) when (failure is Errors.SalesforceException or OperationCanceledException)
        {
            // Whatever ended the work is worth more to the caller. The job ends by itself, or is over already.
        }
    }

    /// <summary>The rows of an answer; results are read with the version that their job was made with, or the org answers 409.</summary>
    public RowReading Rows(BulkJob job, string tail, string what) => new(exchange,
        new SalesforceRequest(HttpMethod.Get, $"/services/data/v{Uri.EscapeDataString(job.ApiVersion)}/{PathOf(job.Id)}/{tail}") { What = what, Accept = "text/csv" },
        job.Format, settings, time);

    /// <summary>Sends a job its rows. What may have arrived is not sent again: the org takes the content of a job once.</summary>
    public Task UploadAsync(BulkJob job, StreamedBody rows, CancellationToken ct) => exchange.SendAsync(
        new SalesforceRequest(HttpMethod.Put, job.ContentUrl is { Length: > 0 } url ? "/" + url.TrimStart('/') : $"{PathOf(job.Id)}/batches")
        {
            What = $"upload rows to a bulk {job.Operation} of {job.SObject}",
            StreamedBody = rows,
            ContentType = "text/csv; charset=UTF-8",
            Repeatable = false,
        }, _ => true, ct);

    private Task<BulkJob> JobAsync(SalesforceRequest request, CancellationToken ct) => exchange.SendAsync(request, reply =>
        (JsonSerializer.Deserialize(reply.Body.Span, BulkJson.Default.BulkJobItem) ?? throw new JsonException("A job is an object."))
            .ToJob(settings.ApiVersion), ct);

    private string PathOf(string id) => $"jobs/{kind}/{Uri.EscapeDataString(id)}";

    private static ReadOnlyMemory<byte> Json(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }
}
