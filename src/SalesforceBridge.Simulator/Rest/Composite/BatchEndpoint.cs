using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Rest.Composite;

/// <summary>Batch: up to 25 requests in one HTTP request, one after the other, each a call of its own.</summary>
internal sealed class BatchEndpoint(Org org, ApiGate gate, Resources resources)
{
    private const int MaxSubrequests = 25;

    private static readonly JsonReply Halted = JsonReply.Error(
        StatusCodes.Status412PreconditionFailed, new ApiError("BATCH_PROCESSING_HALTED", "Batch processing halted per request"));

    public void Map(RouteGroupBuilder api) => api.MapPost("/composite/batch", RunAsync).Is(ApiCallKind.CompositeBatch);

    private async Task<IResult> RunAsync(HttpContext context, CancellationToken ct)
    {
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        IReadOnlyList<Subrequest> requests = SubrequestReader.ReadBatch(sent);
        if (requests.Count > MaxSubrequests)
            throw new ApiException(400, new ApiError("LIMIT_EXCEEDED", $"A batch can’t contain more than {MaxSubrequests} subrequests."));
        IReadOnlyList<JsonReply> replies = Run(context.Call(), requests, SubrequestReader.Flag(sent, "haltOnError"));
        gate.Charge(context, Math.Max(requests.Count - 1, 0));
        return JsonReply.Of(StatusCodes.Status200OK, json => Write(json, replies));
    }

    private List<JsonReply> Run(ApiCall call, IReadOnlyList<Subrequest> requests, bool haltOnError)
    {
        List<JsonReply> replies = [];
        foreach (Subrequest request in requests)
        {
            bool isHalted = haltOnError && replies.Exists(HasFailed);
            replies.Add(isHalted ? Halted : org.Write(call.Actor, transaction => resources.Answer(transaction, call, request, Resources.OfBatches)));
        }
        return replies;
    }

    private static bool HasFailed(JsonReply reply) => reply.Status >= StatusCodes.Status400BadRequest;

    private static void Write(Utf8JsonWriter json, IReadOnlyList<JsonReply> replies)
    {
        json.WriteStartObject();
        json.WriteBoolean("hasErrors", replies.Any(HasFailed));
        json.WriteStartArray("results");
        foreach (JsonReply reply in replies)
        {
            json.WriteStartObject();
            json.WriteNumber("statusCode", reply.Status);
            json.WritePropertyName("result");
            reply.WriteBody(json);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
