using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Automation;

/// <summary>Runs an action with one input, as its declaration says, and notes it in the ledger.</summary>
internal sealed class ActionRunner(Org org)
{
    public ActionResult Run(InvocableAction action, JsonElement input, ApiCall call)
    {
        if (input.ValueKind is not JsonValueKind.Object)
            throw new ApiException(400, ApiError.Unreadable("Each of 'inputs' is an object"));
        ApiError? error = Refusal(action, input) ?? OnDemand(action) ?? Failure(action, input);
        org.Ledger.Record(order => new ActionRun(
            order, call.Number, call.User.Username, $"{action.Type.ToString().ToLowerInvariant()} {action.Name}", input.Clone(), error?.Code));
        return new ActionResult(error, input);
    }

    private static ApiError? Refusal(InvocableAction action, JsonElement input)
    {
        foreach (JsonProperty property in input.EnumerateObject())
        {
            if (!action.Inputs.Any(known => known.Name == property.Name))
                return new ApiError("INVALID_API_INPUT", $"The action {action.Name} has no input parameter: {property.Name}");
        }
        ActionInput? missing = action.Inputs.FirstOrDefault(known =>
            known.Required && (!input.TryGetProperty(known.Name, out JsonElement value) || value.ValueKind is JsonValueKind.Null));
        return missing is null ? null : new ApiError("REQUIRED_FIELD_MISSING", $"Missing required input parameter: {missing.Name}");
    }

    private ApiError? OnDemand(InvocableAction action) =>
        org.Faults.Strike<Fault.FailedAction>(fault => fault.Action is null || fault.Action == action.Name) is { } fault
            ? new ApiError(fault.StatusCode, fault.Message)
            : null;

    private static ApiError? Failure(InvocableAction action, JsonElement input) => action.Failures
        .FirstOrDefault(failure => input.TryGetProperty(failure.Input, out JsonElement value) && value.ToString() == failure.Value)?.Error;
}

/// <summary>What came of one input.</summary>
internal sealed record ActionResult(ApiError? Error, JsonElement Input)
{
    public void Write(Utf8JsonWriter json, InvocableAction action)
    {
        json.WriteStartObject();
        json.WriteString("actionName", action.Name);
        WriteErrors(json);
        json.WriteNull("invocationId");
        json.WriteBoolean("isSuccess", Error is null);
        if (Error is null)
            WriteOutputs(json, action);
        else
            json.WriteNull("outputValues");
        json.WriteNumber("version", 1);
        json.WriteEndObject();
    }

    private void WriteErrors(Utf8JsonWriter json)
    {
        if (Error is null)
        {
            json.WriteNull("errors");
            return;
        }
        json.WriteStartArray("errors");
        Error.Write(json, codeName: "statusCode");
        json.WriteEndArray();
    }

    private void WriteOutputs(Utf8JsonWriter json, InvocableAction action)
    {
        json.WriteStartObject("outputValues");
        if (action.Type is ActionType.Flow)
            json.WriteString("Flow__InterviewStatus", "Finished");
        foreach ((string name, string value) in action.Outputs)
        {
            json.WritePropertyName(name);
            if (value is not ['{', .. var source, '}'])
                json.WriteStringValue(value);
            else if (Input.TryGetProperty(source, out JsonElement told))
                told.WriteTo(json);
            else
                json.WriteNullValue();
        }
        json.WriteEndObject();
    }
}
