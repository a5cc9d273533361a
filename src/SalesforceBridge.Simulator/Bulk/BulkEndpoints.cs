using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;

namespace SalesforceBridge.Simulator.Bulk;

/// <summary>What ingest and query jobs have in common over HTTP.</summary>
internal abstract class BulkEndpoints(Org org, bool isQuery)
{
    protected Org Org => org;

    protected void MapJobs(RouteGroupBuilder jobs)
    {
        jobs.MapGet("", List).Is(ApiCallKind.BulkRead);
        jobs.MapGet("/{id}", (HttpContext context, string id) => Show(context, Require(id))).Is(ApiCallKind.BulkRead);
        jobs.MapPatch("/{id}", ChangeAsync).Is(ApiCallKind.BulkChange);
        jobs.MapDelete("/{id}", Delete).Is(ApiCallKind.BulkDelete);
    }

    protected BulkJob Require(string id) => org.Bulk.Find(id, isQuery) ?? throw new ApiException(404, ApiError.NotFound);

    protected static JsonReply Show(HttpContext context, BulkJob job) =>
        JsonReply.Of(StatusCodes.Status200OK, json => job.Write(json, context.Call().Root));

    /// <summary>Who asks for a job, with an origin that tells of Bulk.</summary>
    protected static Actor ActorOf(ApiCall call) => call.Actor with { Origin = call.Actor.Origin.Replace("/api/rest/", "/api/bulk/") };

    protected static CsvForm FormOf(JsonElement sent)
    {
        var form = new CsvForm(Text(sent, "columnDelimiter") ?? "COMMA", Text(sent, "lineEnding") ?? "LF");
        return form.IsKnown ? form : throw Refuse("InvalidJob", "The column delimiter or line ending is not supported");
    }

    protected static string? Text(JsonElement sent, string name) =>
        sent.ValueKind is JsonValueKind.Object && sent.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    /// <summary>REST tells the codes of jobs in capitals, and once more in the text.</summary>
    protected static ApiException Refuse(string code, string text) => new(400, new ApiError(code.ToUpperInvariant(), $"{code} : {text}"));

    /// <summary>Lets a job begin that a client declares to be complete; the answer tells of it as it was before.</summary>
    protected JsonReply Complete(HttpContext context, BulkJob job)
    {
        if (!job.TryMove(JobState.UploadComplete, org.Now, JobState.Open))
            throw Refuse("InvalidJobState", $"The job is in state {job.State}");
        JsonReply reply = Show(context, job);
        org.Bulk.Start(job);
        return reply;
    }

    private JsonReply List(HttpContext context) => JsonReply.Of(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("done", true);
        json.WriteStartArray("records");
        foreach (BulkJob job in org.Bulk.All(isQuery))
            job.Write(json, context.Call().Root);
        json.WriteEndArray();
        json.WriteNull("nextRecordsUrl");
        json.WriteEndObject();
    });

    private async Task<IResult> ChangeAsync(HttpContext context, string id, CancellationToken ct)
    {
        BulkJob job = Require(id);
        switch (Text(await context.Request.ReadJsonAsync(ct), "state"))
        {
            case "UploadComplete" when !isQuery:
                return Complete(context, job);
            case "Aborted":
                if (!job.TryMove(JobState.Aborted, org.Now, JobState.Open, JobState.UploadComplete, JobState.InProgress))
                    throw Refuse("InvalidJobState", "Aborting already Completed Job not allowed");
                org.Changed.Ring();
                break;
            default:
                throw Refuse("InvalidJobState", "The state is not one that a client may set");
        }
        return Show(context, job);
    }

    private JsonReply Delete(string id)
    {
        BulkJob job = Require(id);
        if (!job.IsOver)
            throw Refuse("InvalidJobState", "A job that is not over cannot be deleted");
        org.Bulk.Remove(job);
        return JsonReply.Empty();
    }
}
