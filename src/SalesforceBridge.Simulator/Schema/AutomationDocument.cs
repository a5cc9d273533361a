namespace SalesforceBridge.Simulator.Schema;

/// <summary>The automations of the YAML document as written. <see cref="AutomationReader"/> turns them into an <see cref="OrgAutomation"/>.</summary>
internal abstract class AutomationDocument : RulesDocument
{
    public List<ApexRestEntry> ApexRest { get; set; } = [];
    public List<ActionEntry> Flows { get; set; } = [];
    public List<ActionEntry> ApexActions { get; set; } = [];
    public List<ActionEntry> StandardActions { get; set; } = [];
    public List<ApprovalProcessEntry> ApprovalProcesses { get; set; } = [];
    public List<AssignmentRuleEntry> AssignmentRules { get; set; } = [];
    public List<DuplicateRuleEntry> DuplicateRules { get; set; } = [];
}

internal sealed class ApexRestEntry
{
    public string Path { get; set; } = "";
    public string? Verb { get; set; }
    public int Status { get; set; } = 200;
    public string? Json { get; set; }
    public string? Error { get; set; }
}

internal sealed class ActionEntry
{
    public string Name { get; set; } = "";
    public List<ActionInputEntry> Inputs { get; set; } = [];
    public Dictionary<string, string> Outputs { get; set; } = [];
    public List<ActionFailureEntry> Failures { get; set; } = [];
}

internal sealed class ActionInputEntry
{
    public string Name { get; set; } = "";
    public string Type { get; set; } = "string";
    public bool Required { get; set; }
}

internal sealed class ActionFailureEntry
{
    public string Input { get; set; } = "";
    public string Value { get; set; } = "";
    public string Code { get; set; } = "UNKNOWN_EXCEPTION";
    public string Message { get; set; } = "An error occurred when executing a flow interview.";
}

internal sealed class ApprovalProcessEntry
{
    public string Name { get; set; } = "";
    public string Object { get; set; } = "";
    public string? When { get; set; }
    public string? Approver { get; set; }
}

internal sealed class AssignmentRuleEntry
{
    public string Object { get; set; } = "";
    public string Owner { get; set; } = "";
    public bool Active { get; set; } = true;
}

internal sealed class DuplicateRuleEntry
{
    public string Object { get; set; } = "";
    public string Field { get; set; } = "";
}
