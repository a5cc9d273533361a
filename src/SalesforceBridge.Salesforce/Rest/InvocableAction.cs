using System.Net;
using System.Text.Json;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Something of the org that is started with inputs and answers with outputs.</summary>
public sealed record InvocableAction
{
    private InvocableAction(string kind, string folder, string name) => (Kind, Path, Name) = (kind, $"actions/{folder}/{Uri.EscapeDataString(name)}", name);

    /// <summary><c>flow</c>, <c>apex</c> or <c>action</c>.</summary>
    public string Kind { get; }

    /// <summary>The API name.</summary>
    public string Name { get; }

    internal string Path { get; }

    /// <summary>An autolaunched flow; its active version runs.</summary>
    /// <param name="name">The flow's API name.</param>
    public static InvocableAction Flow(string name) => new("flow", "custom/flow", name);

    /// <summary>A method that Apex declares invocable.</summary>
    /// <param name="className">Its class; of a managed package with <c>namespace__</c> in front.</param>
    public static InvocableAction Apex(string className) => new("apex", "custom/apex", className);

    /// <summary>An action that every org has, such as <c>chatterPost</c> or <c>emailSimple</c>.</summary>
    /// <param name="name">Its name.</param>
    public static InvocableAction Standard(string name) => new("action", "standard", name);

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>What an action takes and gives.</summary>
/// <param name="Name">The API name.</param>
/// <param name="Label">The name people see.</param>
/// <param name="Inputs">What it takes.</param>
/// <param name="Outputs">What it gives.</param>
public sealed record ActionDescribe(string Name, string Label, IReadOnlyList<ActionParameter> Inputs, IReadOnlyList<ActionParameter> Outputs);

/// <summary>An input or output of an action.</summary>
/// <param name="Name">Its name; its case counts.</param>
/// <param name="Type">Such as <c>STRING</c>, <c>DOUBLE</c> or <c>REFERENCE</c>; null where it is a class.</param>
/// <param name="Required">Whether an input must be there.</param>
public sealed record ActionParameter(string Name, string? Type = null, bool Required = false);

/// <summary>What became of one input of an action.</summary>
public sealed record ActionResult
{
    /// <summary>Whether the action ran to its end. If not, what it did with this input is undone.</summary>
    public required bool Success { get; init; }

    /// <summary>What it gave, by name; empty where it failed.</summary>
    public IReadOnlyDictionary<string, JsonElement> Outputs { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Why it failed; empty on success.</summary>
    public IReadOnlyList<SalesforceError> Errors { get; init; } = [];

    /// <summary>What to make of the errors; null on success.</summary>
    public ErrorClass? Class { get; init; }

    /// <summary>The HTTP status of the call, which is 400 for all of its inputs as soon as one of them fails.</summary>
    public required HttpStatusCode Status { get; init; }

    internal static ActionResult From(ActionItem item, HttpStatusCode status)
    {
        if (item.IsSuccess)
            return new ActionResult { Success = true, Status = status, Outputs = item.OutputValues ?? [] };
        IReadOnlyList<SalesforceError> errors = ItemErrors.Of(item.Errors, status);
        return new ActionResult { Success = false, Status = status, Errors = errors, Class = ItemErrors.ClassOf(errors) };
    }
}
