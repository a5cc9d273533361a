using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Schema;

/// <summary>What people have built into an org: code and flows that its API can start, and rules that act on what is saved.</summary>
internal sealed record OrgAutomation
{
    public required IReadOnlyList<ApexResource> ApexRest { get; init; }
    public required IReadOnlyList<InvocableAction> Actions { get; init; }
    public required IReadOnlyList<ApprovalProcess> Approvals { get; init; }
    public required IReadOnlyList<AssignmentRule> Assignments { get; init; }
    public required IReadOnlyList<DuplicateRule> Duplicates { get; init; }

    /// <summary>The action of that name, in any case.</summary>
    public InvocableAction? FindAction(ActionType type, string name) =>
        Actions.FirstOrDefault(action => action.Type == type && action.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A method of a class that answers below <c>/services/apexrest</c>.</summary>
/// <param name="Path">As in the class's <c>urlMapping</c>: <c>/orders</c>, or <c>/orders/*</c> for all that begins so.</param>
/// <param name="Verb">The HTTP method in capitals; nothing: every one.</param>
/// <param name="Answer">What it says.</param>
internal sealed record ApexResource(string Path, string? Verb, ApexAnswer Answer)
{
    public bool Takes(string path) => Path.EndsWith("/*", StringComparison.Ordinal)
        ? path.StartsWith(Path[..^1], StringComparison.Ordinal)
        : path == Path;
}

/// <summary>What a class answers.</summary>
internal abstract record ApexAnswer
{
    private ApexAnswer()
    {
    }

    /// <summary>The request, told back as JSON.</summary>
    public sealed record Echo : ApexAnswer;

    /// <summary>Always the same.</summary>
    public sealed record Fixed(int Status, string Json) : ApexAnswer;

    /// <summary>An exception that nobody caught.</summary>
    public sealed record Error(string Message) : ApexAnswer;
}

/// <summary>What sort of action it is; the resource's path says the same.</summary>
internal enum ActionType
{
    Flow,
    Apex,
    Standard,
}

/// <summary>Something that can be started with inputs and answers with outputs.</summary>
/// <param name="Type">What sort.</param>
/// <param name="Name">The API name.</param>
/// <param name="Inputs">What it knows.</param>
/// <param name="Outputs">By name: a text, or <c>{input}</c> for the value of an input.</param>
/// <param name="Failures">For which inputs it fails.</param>
internal sealed record InvocableAction(
    ActionType Type,
    string Name,
    IReadOnlyList<ActionInput> Inputs,
    IReadOnlyDictionary<string, string> Outputs,
    IReadOnlyList<ActionFailure> Failures);

/// <summary>An input of an action.</summary>
internal sealed record ActionInput(string Name, string Type, bool Required);

/// <summary>An action fails with <paramref name="Error"/> where <paramref name="Input"/> has that value.</summary>
internal sealed record ActionFailure(string Input, string Value, ApiError Error);

/// <summary>Asks people whether a record may go on.</summary>
/// <param name="Id">18 characters.</param>
/// <param name="Name">The developer name.</param>
/// <param name="Type">Whose records.</param>
/// <param name="When">The entry criteria; none: every record.</param>
/// <param name="Approver">Who decides; nobody: the submitter names somebody.</param>
internal sealed record ApprovalProcess(string Id, string Name, ObjectType Type, Condition? When, User? Approver);

/// <summary>Gives new and changed records of an object to a user.</summary>
/// <param name="Id">18 characters.</param>
/// <param name="Type">Whose records.</param>
/// <param name="Owner">To whom.</param>
/// <param name="Active">Whether it acts unless a call says otherwise; one that is not can be named by its id.</param>
internal sealed record AssignmentRule(string Id, ObjectType Type, User Owner, bool Active);

/// <summary>Refuses records that are like another one in some field, unless a call allows them.</summary>
internal sealed record DuplicateRule(ObjectType Type, Field Field);
