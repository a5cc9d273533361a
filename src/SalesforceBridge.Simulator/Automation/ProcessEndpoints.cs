using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Automation;

/// <summary>Approval processes, listed and driven; workflow rules, listed and run on demand.</summary>
internal sealed class ProcessEndpoints(Org org)
{
    private const string RulePrefix = "01Q";
    private const string ActionPrefix = "04k";

    private readonly ApprovalDesk _desk = new(org);

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/process/approvals", ListApprovals).Is(ApiCallKind.Processes);
        api.MapGet("/process/rules", ListRules).Is(ApiCallKind.Processes);
        api.MapPost("/process/rules", TriggerAsync).Is(ApiCallKind.Processes);
        api.MapPost("/process/approvals", DecideAsync).Is(ApiCallKind.Approve);
    }

    private JsonReply ListApprovals() => JsonReply.Of(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("approvals");
        foreach (IGrouping<ObjectType, ApprovalProcess> processes in org.Schema.Automation.Approvals.GroupBy(process => process.Type))
        {
            json.WriteStartArray(processes.Key.Name);
            foreach ((int index, ApprovalProcess process) in processes.Index())
                Write(json, process, index + 1);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, ApprovalProcess process, int order)
    {
        json.WriteStartObject();
        json.WriteNull("description");
        json.WriteString("id", process.Id);
        json.WriteString("name", process.Name);
        json.WriteString("object", process.Type.Name);
        json.WriteNumber("sortOrder", order);
        json.WriteEndObject();
    }

    // Of workflow rules the simulator has those that send outbound messages.
    private JsonReply ListRules() => JsonReply.Of(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("rules");
        foreach (IGrouping<ObjectType, (int Index, OutboundMessageRule Rule)> rules in org.Schema.Rules.OutboundMessages.Index().GroupBy(each => each.Item.Changes.Type))
        {
            json.WriteStartArray(rules.Key.Name);
            foreach ((int index, OutboundMessageRule rule) in rules)
                Write(json, rule, index + 1);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, OutboundMessageRule rule, int number)
    {
        json.WriteStartObject();
        json.WriteStartArray("actions");
        json.WriteStartObject();
        json.WriteString("id", SalesforceId.Number(ActionPrefix, number));
        json.WriteString("name", rule.Name);
        json.WriteString("type", "OutboundMessage");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteNull("description");
        json.WriteString("id", SalesforceId.Number(RulePrefix, number));
        json.WriteString("name", rule.Name);
        json.WriteNull("namespacePrefix");
        json.WriteString("object", rule.Changes.Type.Name);
        json.WriteEndObject();
    }

    private async Task<IResult> TriggerAsync(HttpContext context, CancellationToken ct)
    {
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        if (sent.ValueKind is not JsonValueKind.Object || !sent.TryGetProperty("contextIds", out JsonElement ids) || ids.ValueKind is not JsonValueKind.Array)
            throw new ApiException(400, ApiError.Unreadable("The request needs an object with an array 'contextIds'"));
        return org.Read(store =>
        {
            Record[] records = [.. ids.EnumerateArray().Select(id => Find(store, id.ToString()))];
            org.Deliveries.Evaluate(records, store, context.Call().User);
            return JsonReply.Ok(new { errors = (object?)null, success = true });
        });
    }

    private Record Find(RecordStore store, string id)
    {
        string normal = SalesforceId.Normalise(id) ?? throw new ApiException(400, new ApiError("MALFORMED_ID", $"malformed id {id}"));
        return org.Schema.Objects.Values.Select(type => store[type].Find(normal)).FirstOrDefault(record => record is { IsDeleted: false })
            ?? throw new ApiException(404, ApiError.NotFound);
    }

    private async Task<IResult> DecideAsync(HttpContext context, CancellationToken ct)
    {
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        if (sent.ValueKind is not JsonValueKind.Object || !sent.TryGetProperty("requests", out JsonElement requests) || requests.ValueKind is not JsonValueKind.Array)
            throw new ApiException(400, ApiError.Unreadable("The request needs an object with an array 'requests'"));
        ApprovalVerdict[] verdicts = [.. requests.EnumerateArray().Select(request => Decide(request, context.Call()))];
        // What succeeds is kept, whatever becomes of the rest.
        bool isWhole = Array.TrueForAll(verdicts, verdict => verdict is ApprovalVerdict.Done);
        return JsonReply.Of(isWhole ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest, json =>
        {
            json.WriteStartArray();
            foreach (ApprovalVerdict verdict in verdicts)
                Write(json, verdict);
            json.WriteEndArray();
        });
    }

    private ApprovalVerdict Decide(JsonElement request, ApiCall call)
    {
        ApprovalVerdict verdict = _desk.Decide(request, call);
        (string? record, string? error) = verdict switch
        {
            ApprovalVerdict.Done done => (done.Approval.RecordId, null),
            ApprovalVerdict.Refused refused => (refused.RecordId, refused.Error.Code),
            _ => (null, null),
        };
        string action = ApprovalDesk.Text(request, "actionType")!;
        org.Ledger.Record(order => new ApprovalStep(
            order, call.Number, call.User.Username, action, record, ApprovalDesk.Text(request, "comments"), error));
        return verdict;
    }

    private static void Write(Utf8JsonWriter json, ApprovalVerdict verdict)
    {
        json.WriteStartObject();
        if (verdict is ApprovalVerdict.Done(var approval, var status))
            Write(json, approval, status);
        else if (verdict is ApprovalVerdict.Refused refused)
            Write(json, refused);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Approval approval, string status)
    {
        bool isPending = status == "Pending";
        WriteIds(json, "actorIds", isPending ? [approval.ApproverId] : null);
        json.WriteString("entityId", approval.RecordId);
        json.WriteNull("errors");
        json.WriteString("instanceId", approval.InstanceId);
        json.WriteString("instanceStatus", status);
        WriteIds(json, "newWorkitemIds", isPending ? [approval.WorkitemId] : []);
        json.WriteBoolean("success", true);
    }

    private static void Write(Utf8JsonWriter json, ApprovalVerdict.Refused refused)
    {
        json.WriteNull("actorIds");
        json.WriteString("entityId", refused.RecordId);
        json.WriteStartArray("errors");
        refused.Error.Write(json, codeName: "statusCode");
        json.WriteEndArray();
        json.WriteNull("instanceId");
        json.WriteNull("instanceStatus");
        json.WriteNull("newWorkitemIds");
        json.WriteBoolean("success", false);
    }

    private static void WriteIds(Utf8JsonWriter json, string name, string[]? ids)
    {
        if (ids is null)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartArray(name);
        foreach (string id in ids)
            json.WriteStringValue(id);
        json.WriteEndArray();
    }
}
