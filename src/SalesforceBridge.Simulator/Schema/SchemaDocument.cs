namespace SalesforceBridge.Simulator.Schema;

/// <summary>The YAML document as written. <see cref="SchemaReader"/> turns it into an <see cref="OrgSchema"/>.</summary>
internal sealed class SchemaDocument : AutomationDocument
{
    public OrgEntry Org { get; set; } = new();
    public List<UserEntry> Users { get; set; } = [];
    public List<AppEntry> ConnectedApps { get; set; } = [];
    public List<ObjectEntry> Objects { get; set; } = [];
    public List<ObjectEntry> Events { get; set; } = [];
    public List<ChannelEntry> Channels { get; set; } = [];
    public List<PushTopicEntry> PushTopics { get; set; } = [];
    public List<string> GenericChannels { get; set; } = [];
}

/// <summary>What the org sends when its records change.</summary>
internal class RulesDocument
{
    public List<OutboundMessageEntry> OutboundMessages { get; set; } = [];
    public List<ApexTriggerEntry> ApexTriggers { get; set; } = [];
}

internal sealed class OrgEntry
{
    public string Id { get; set; } = "00DSM0000000001";
    public string Name { get; set; } = "Simulated org";
}

internal sealed class UserEntry
{
    public string Username { get; set; } = "";
    public string Password { get; set; } = "";
    public string SecurityToken { get; set; } = "";
    public string? Name { get; set; }
    public string? Email { get; set; }
    public bool Active { get; set; } = true;
}

internal sealed class AppEntry
{
    public string ConsumerKey { get; set; } = "";
    public string ConsumerSecret { get; set; } = "";
    public string? Certificate { get; set; }
    public string? RunAs { get; set; }
    public Dictionary<string, string> RefreshTokens { get; set; } = [];
    public List<string> ApprovedUsers { get; set; } = [];
    public string Scope { get; set; } = "api";
}

internal sealed class ObjectEntry
{
    public string Name { get; set; } = "";
    public string? Label { get; set; }
    public string? KeyPrefix { get; set; }
    public bool ChangeEvents { get; set; }
    public List<FieldEntry> Fields { get; set; } = [];
    public List<RuleEntry> ValidationRules { get; set; } = [];
}

internal sealed class FieldEntry
{
    public string Name { get; set; } = "";
    public string? Label { get; set; }
    public string Type { get; set; } = "string";
    public int Length { get; set; }
    public bool Required { get; set; }
    public bool Unique { get; set; }
    public bool ExternalId { get; set; }
    public bool Restricted { get; set; }
    public bool Createable { get; set; } = true;
    public bool Updateable { get; set; } = true;
    public string? Default { get; set; }
    public string? Format { get; set; }
    public string? ReferenceTo { get; set; }
    public string? RelationshipName { get; set; }
    public string? ChildRelationshipName { get; set; }
    public List<string> Values { get; set; } = [];
}

internal sealed class RuleEntry
{
    public string When { get; set; } = "";
    public string Message { get; set; } = "";
    public string? Field { get; set; }
}

internal sealed class ChannelEntry
{
    public string Name { get; set; } = "";
    public List<string> Members { get; set; } = [];
}

internal sealed class PushTopicEntry
{
    public string Name { get; set; } = "";
    public string Query { get; set; } = "";
    public string NotifyForFields { get; set; } = "Referenced";
    public bool NotifyForOperationCreate { get; set; } = true;
    public bool NotifyForOperationUpdate { get; set; } = true;
    public bool NotifyForOperationDelete { get; set; } = true;
    public bool NotifyForOperationUndelete { get; set; } = true;
}

internal abstract class DeliveryRuleEntry
{
    public string Name { get; set; } = "";
    public string Object { get; set; } = "";
    public string? When { get; set; }
    public string? Was { get; set; }
    public List<string> Changed { get; set; } = [];
    public string? Url { get; set; }
}

internal sealed class OutboundMessageEntry : DeliveryRuleEntry
{
    public List<string> Fields { get; set; } = [];
    public string? SessionOf { get; set; }
}

internal sealed class ApexTriggerEntry : DeliveryRuleEntry
{
    public List<string> On { get; set; } = [];
    public string Form { get; set; } = "queueable";
    public Dictionary<string, string> Headers { get; set; } = [];
    public CredentialEntry? NamedCredential { get; set; }
    public bool Gzip { get; set; }
}

internal sealed class CredentialEntry
{
    public string TokenUrl { get; set; } = "";
    public string ClientId { get; set; } = "";
    public string ClientSecret { get; set; } = "";
}
