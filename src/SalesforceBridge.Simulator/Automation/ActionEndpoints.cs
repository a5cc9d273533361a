using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Automation;

/// <summary>Invocable actions: flows, Apex classes and the org's own, listed, described and started.</summary>
internal sealed class ActionEndpoints(Org org)
{
    private readonly ActionRunner _runner = new(org);

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/actions", context => Links(context, ("standard", "standard"), ("custom", "custom"))).Is(ApiCallKind.Actions);
        api.MapGet("/actions/custom", context => Links(context, ("flow", "custom/flow"), ("apex", "custom/apex"))).Is(ApiCallKind.Actions);
        Map(api, ActionType.Standard, "/actions/standard");
        Map(api, ActionType.Flow, "/actions/custom/flow");
        Map(api, ActionType.Apex, "/actions/custom/apex");
    }

    private void Map(RouteGroupBuilder api, ActionType type, string path)
    {
        api.MapGet(path, (HttpContext context) => List(context, type, path)).Is(ApiCallKind.Actions);
        api.MapGet(path + "/{action}", (string action) => Describe(Require(type, action))).Is(ApiCallKind.Actions);
        api.MapPost(path + "/{action}", (HttpContext context, string action, CancellationToken ct) => InvokeAsync(context, Require(type, action), ct))
            .Is(ApiCallKind.Invoke);
    }

    private static Task Links(HttpContext context, params (string Name, string Path)[] links) => JsonReply.Of(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        foreach ((string name, string path) in links)
            json.WriteString(name, $"{context.Call().Root}/actions/{path}");
        json.WriteEndObject();
    }).ExecuteAsync(context);

    private JsonReply List(HttpContext context, ActionType type, string path) => JsonReply.Of(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("actions");
        foreach (InvocableAction action in org.Schema.Automation.Actions.Where(action => action.Type == type && !IsMissing(action.Name)))
        {
            json.WriteStartObject();
            json.WriteString("label", action.Name);
            json.WriteString("name", action.Name);
            json.WriteString("type", TypeName(action));
            json.WriteString("url", $"{context.Call().Root}{path}/{action.Name}");
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static JsonReply Describe(InvocableAction action) => JsonReply.Of(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteNull("description");
        json.WriteStartArray("inputs");
        foreach (ActionInput input in action.Inputs)
            WriteVariable(json, input.Name, input.Type, input.Required);
        json.WriteEndArray();
        json.WriteString("label", action.Name);
        json.WriteString("name", action.Name);
        json.WriteStartArray("outputs");
        foreach (string output in action.Outputs.Keys)
            WriteVariable(json, output, "string", required: null);
        json.WriteEndArray();
        json.WriteBoolean("standard", action.Type is ActionType.Standard);
        json.WriteNull("targetEntityName");
        json.WriteString("type", TypeName(action));
        json.WriteEndObject();
    });

    private static void WriteVariable(Utf8JsonWriter json, string name, string type, bool? required)
    {
        json.WriteStartObject();
        json.WriteNull("description");
        json.WriteString("label", name);
        json.WriteNumber("maxOccurs", 1);
        json.WriteString("name", name);
        if (required is { } isRequired)
            json.WriteBoolean("required", isRequired);
        json.WriteString("type", type.ToUpperInvariant());
        json.WriteEndObject();
    }

    private async Task<IResult> InvokeAsync(HttpContext context, InvocableAction action, CancellationToken ct)
    {
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        if (sent.ValueKind is not JsonValueKind.Object || !sent.TryGetProperty("inputs", out JsonElement inputs) || inputs.ValueKind is not JsonValueKind.Array)
            throw new ApiException(400, ApiError.Unreadable("The request needs an object with an array 'inputs'"));
        ActionResult[] results = [.. inputs.EnumerateArray().Select(input => _runner.Run(action, input, context.Call()))];
        // One that fails gives the whole call its status; the others are done all the same.
        int status = Array.TrueForAll(results, result => result.Error is null) ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
        return JsonReply.Of(status, json =>
        {
            json.WriteStartArray();
            foreach (ActionResult result in results)
                result.Write(json, action);
            json.WriteEndArray();
        });
    }

    private InvocableAction Require(ActionType type, string name) =>
        (IsMissing(name) ? null : org.Schema.Automation.FindAction(type, name)) ?? throw new ApiException(404, ApiError.NotFound);

    private bool IsMissing(string name) =>
        org.Faults.Stands<Fault.MissingAction>(missing => missing.Action.Equals(name, StringComparison.OrdinalIgnoreCase));

    // Of a standard action the name is the type: chatterPost is a CHATTERPOST.
    private static string TypeName(InvocableAction action) => action.Type switch
    {
        ActionType.Flow => "FLOW",
        ActionType.Apex => "APEX",
        _ => action.Name.ToUpperInvariant(),
    };
}
