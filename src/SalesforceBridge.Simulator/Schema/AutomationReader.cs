using System.Text.Json;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Schema;

/// <summary>Turns the automations of an org's YAML into an <see cref="OrgAutomation"/>.</summary>
/// <param name="objects">What they can be about.</param>
/// <param name="users">Who they can name.</param>
/// <param name="faults">Told of everything that is wrong.</param>
internal sealed class AutomationReader(IReadOnlyDictionary<string, ObjectType> objects, IReadOnlyList<User> users, List<string> faults)
{
    private const string ApprovalPrefix = "04a";
    private const string AssignmentPrefix = "01Q";

    public OrgAutomation Read(AutomationDocument document) => new()
    {
        ApexRest = [.. document.ApexRest.Select(ToResource)],
        Actions =
        [
            .. document.Flows.Select(entry => ToAction(ActionType.Flow, entry)),
            .. document.ApexActions.Select(entry => ToAction(ActionType.Apex, entry)),
            .. document.StandardActions.Select(entry => ToAction(ActionType.Standard, entry)),
        ],
        Approvals = [.. document.ApprovalProcesses.Select(ToApproval).OfType<ApprovalProcess>()],
        Assignments = [.. document.AssignmentRules.Select(ToAssignment).OfType<AssignmentRule>()],
        Duplicates = [.. document.DuplicateRules.Select(ToDuplicate).OfType<DuplicateRule>()],
    };

    private ApexResource ToResource(ApexRestEntry entry)
    {
        if (!entry.Path.StartsWith('/'))
            faults.Add($"Apex REST path '{entry.Path}' does not begin with a slash");
        if (entry.Json is not null && entry.Error is not null)
            faults.Add($"Apex REST path '{entry.Path}' has both an answer and an error");
        ApexAnswer answer = entry switch
        {
            { Error: { } message } => new ApexAnswer.Error(message),
            { Json: { } json } => new ApexAnswer.Fixed(entry.Status, ToJson(entry, json)),
            _ => new ApexAnswer.Echo(),
        };
        return new ApexResource(entry.Path, entry.Verb?.ToUpperInvariant(), answer);
    }

    private string ToJson(ApexRestEntry entry, string json)
    {
        try
        {
            JsonDocument.Parse(json).Dispose();
        }
        catch (JsonException)
        {
            faults.Add($"Apex REST path '{entry.Path}': its answer is not JSON");
        }
        return json;
    }

    private InvocableAction ToAction(ActionType type, ActionEntry entry)
    {
        foreach (string input in entry.Failures.Select(failure => failure.Input).Where(input => !entry.Inputs.Exists(known => known.Name == input)))
            faults.Add($"action '{entry.Name}' fails for the unknown input '{input}'");
        return new InvocableAction(
            type,
            entry.Name,
            [.. entry.Inputs.Select(input => new ActionInput(input.Name, input.Type, input.Required))],
            entry.Outputs,
            [.. entry.Failures.Select(failure => new ActionFailure(failure.Input, failure.Value, new ApiError(failure.Code, failure.Message)))]);
    }

    private ApprovalProcess? ToApproval(ApprovalProcessEntry entry, int index)
    {
        string what = $"approval process '{entry.Name}'";
        User? approver = entry.Approver is { } username ? ToUser(what, username) : null;
        return ToType(what, entry.Object) is { } type
            ? new ApprovalProcess(SalesforceId.Number(ApprovalPrefix, index + 1), entry.Name, type, ToCondition(what, entry.When, type), approver)
            : null;
    }

    private AssignmentRule? ToAssignment(AssignmentRuleEntry entry, int index)
    {
        const string what = "an assignment rule";
        return ToType(what, entry.Object) is { } type && ToUser(what, entry.Owner) is { } owner
            ? new AssignmentRule(SalesforceId.Number(AssignmentPrefix, index + 1), type, owner, entry.Active)
            : null;
    }

    private DuplicateRule? ToDuplicate(DuplicateRuleEntry entry)
    {
        const string what = "a duplicate rule";
        if (ToType(what, entry.Object) is not { } type)
            return null;
        if (type.FieldsByName.TryGetValue(entry.Field, out Field? field))
            return new DuplicateRule(type, field);
        faults.Add($"{what} names the unknown field '{type.Name}.{entry.Field}'");
        return null;
    }

    private Condition? ToCondition(string what, string? condition, ObjectType type)
    {
        try
        {
            return condition is null ? null : new SoqlBinder(objects).Bind(SoqlParser.ParseCondition(condition), type);
        }
        catch (SoqlException error)
        {
            faults.Add($"{what}: '{condition}': {error.Message.Trim()}");
            return null;
        }
    }

    private ObjectType? ToType(string what, string name)
    {
        if (objects.TryGetValue(name, out ObjectType? type))
            return type;
        faults.Add($"{what} is about the unknown object '{name}'");
        return null;
    }

    private User? ToUser(string what, string username)
    {
        User? user = users.FirstOrDefault(user => user.Username == username);
        if (user is null)
            faults.Add($"{what} names the unknown user '{username}'");
        return user;
    }
}
