using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Bulk;

/// <summary>Ingest jobs: create, upload, results.</summary>
internal sealed class IngestEndpoints(Org org) : BulkEndpoints(org, isQuery: false)
{
    private const long MaxUpload = 150_000_000;
    private const int MaxMultipart = 100_000;

    private static readonly string[] Operations = ["insert", "update", "upsert", "delete", "hardDelete"];

    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder jobs = api.MapGroup("/jobs/ingest");
        MapJobs(jobs);
        jobs.MapPost("", CreateAsync).Is(ApiCallKind.BulkCreate);
        jobs.MapPut("/{id}/batches", UploadAsync).WithMetadata(new RequestSizeLimitAttribute(MaxUpload)).Is(ApiCallKind.BulkUpload);
        jobs.MapGet("/{id}/successfulResults", (string id) => Results(id, ["sf__Id", "sf__Created"], job => job.Successes)).Is(ApiCallKind.BulkResults);
        jobs.MapGet("/{id}/failedResults", (string id) => Results(id, ["sf__Id", "sf__Error"], job => job.Failures)).Is(ApiCallKind.BulkResults);
        jobs.MapGet("/{id}/unprocessedrecords", (string id) => Results(id, [], job => job.Unprocessed)).Is(ApiCallKind.BulkResults);
    }

    private async Task<IResult> CreateAsync(HttpContext context, CancellationToken ct)
    {
        if (!MultipartForm.IsOne(context.Request))
            return Show(context, Org.Bulk.Open(OrderOf(context.Call(), await context.Request.ReadJsonAsync(ct))));
        using MultipartForm form = await MultipartForm.ReadAsync(context.Request, ct);
        MultipartForm.Part data = form.Parts.FirstOrDefault(part => part.Name == "content") ?? throw Refuse("InvalidJob", "There is no part 'content'");
        if (data.Content.Length > MaxMultipart)
            throw Refuse("ClientInputError", $"A multipart request takes {MaxMultipart} characters");
        BulkJob job = Org.Bulk.Open(OrderOf(context.Call(), form.JsonPart()));
        await KeepAsync(job, data.Content, ct);
        return Complete(context, job);
    }

    private JobOrder OrderOf(ApiCall call, JsonElement sent)
    {
        string operation = Text(sent, "operation") ?? "";
        if (!Operations.Contains(operation))
            throw Refuse("InvalidJob", $"The operation '{operation}' is not supported");
        string name = Text(sent, "object") ?? "";
        ObjectType type = Org.Schema.Find(name) ?? throw Refuse("InvalidEntity", $"Entity '{name}' is not supported by the Bulk API.");
        Field? key = null;
        string externalId = Text(sent, "externalIdFieldName") ?? "";
        if (operation == "upsert" && !(type.FieldsByName.TryGetValue(externalId, out key) && (key.ExternalId || key.Name == SystemFields.Id)))
            throw Refuse("InvalidJob", $"External ID '{externalId}' was blank or not a key of {name}. An External ID must be specified for upsert.");
        return new JobOrder { Operation = operation, Type = type, Key = key, Form = FormOf(sent), Actor = ActorOf(call), Version = call.Version };
    }

    private async Task<IResult> UploadAsync(HttpContext context, string id, CancellationToken ct)
    {
        BulkJob job = Require(id);
        if (context.Request.ContentType?.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase) is not true)
            throw new ApiException(415, new ApiError("UNSUPPORTED_MEDIA_TYPE", $"Content type is not supported: {context.Request.ContentType}"));
        if (job.State is not JobState.Open)
            throw Refuse("InvalidJobState", $"The job is in state {job.State}");
        await KeepAsync(job, context.Request.Body, ct);
        return JsonReply.Empty(StatusCodes.Status201Created);
    }

    private static async Task KeepAsync(BulkJob job, Stream sent, CancellationToken ct)
    {
        FileStream content = RowFile.Temporary();
        try
        {
            await sent.CopyToAsync(content, ct);
            if (job.TryKeep(content))
                return;
        }
        catch
        {
            await content.DisposeAsync();
            throw;
        }
        await content.DisposeAsync();
        throw Refuse("InvalidBatch", $"Found multiple contents for job: <{job.Id}>");
    }

    private CsvReply Results(string id, string[] own, Func<BulkJob, RowFile> list)
    {
        BulkJob job = Require(id);
        if (!job.IsOver)
            throw Refuse("InvalidJobState", "The job is not complete");
        RowFile rows = list(job);
        int[] order = [.. Enumerable.Range(0, rows.Count)];
        // In an order of their own, but in the same one whenever they are asked for.
        new Random(string.GetHashCode(job.Id, StringComparison.Ordinal)).Shuffle(order);
        return new CsvReply(job.Order.Form, [.. own, .. job.Columns], rows, order);
    }
}
