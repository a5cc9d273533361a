using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Generate;

/// <summary>What the org says of an object or event.</summary>
/// <param name="Describe">What it and its fields are called, what the fields hold, and who writes them.</param>
/// <param name="Schema">Of an event what subscribers are delivered, and in which order; null where the org does not tell.</param>
internal sealed record OrgType(ObjectDescribe Describe, EventSchema? Schema = null)
{
    public string Name => Describe.Name;

    /// <summary>What of it is told, and by whom it is written.</summary>
    public TypeKind Kind => Describe switch
    {
        { Queryable: true } => TypeKind.Object,
        _ when Describe.Name.EndsWith("ChangeEvent", StringComparison.Ordinal) => TypeKind.ChangeEvent,
        _ when HasSchema(Describe) => TypeKind.PlatformEvent,
        _ => TypeKind.Object,
    };

    /// <summary>Whether there is an event schema of it: orgs say so of change events and of their own events, whatever those are called.</summary>
    public static bool HasSchema(ObjectDescribe describe) =>
        describe.Urls?.ContainsKey("eventSchema") is true || (!describe.Queryable && describe.Name.EndsWith("__e", StringComparison.OrdinalIgnoreCase));
}

/// <summary>Which of three things a type is.</summary>
internal enum TypeKind
{
    /// <summary>It has records, of which a query reads some fields and a save writes some.</summary>
    Object,

    /// <summary>It is published and delivered whole.</summary>
    PlatformEvent,

    /// <summary>It is delivered with what changed, and nobody publishes it.</summary>
    ChangeEvent,
}
