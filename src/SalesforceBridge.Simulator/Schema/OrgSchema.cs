using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Schema;

/// <summary>What an org declares: its users, apps, objects, events and channels.</summary>
internal sealed record OrgSchema
{
    public required string OrgId { get; init; }
    public required string OrgName { get; init; }
    public required IReadOnlyList<User> Users { get; init; }
    public required IReadOnlyList<ConnectedApp> Apps { get; init; }
    public required IReadOnlyDictionary<string, ObjectType> Objects { get; init; }
    public required IReadOnlyDictionary<string, ObjectType> Events { get; init; }

    /// <summary>The events that tell of changes, by their names. They can be described and listened to, and nothing else.</summary>
    public required IReadOnlyDictionary<string, ObjectType> ChangeEvents { get; init; }
    public required IReadOnlyDictionary<string, CustomChannel> Channels { get; init; }

    /// <summary>The values of the push topics and generic channels that are there from the start, each with its object.</summary>
    public required IReadOnlyList<(string Type, IReadOnlyDictionary<string, object?> Values)> RecordChannels { get; init; }
    public required DeliveryRules Rules { get; init; }
    public required OrgAutomation Automation { get; init; }

    /// <summary>The user of that name.</summary>
    public User? FindUser(string? username) =>
        Users.FirstOrDefault(user => string.Equals(user.Username, username, StringComparison.OrdinalIgnoreCase));

    /// <summary>An object or an event by its API name, in any case.</summary>
    public ObjectType? Find(string? name) =>
        name is null ? null : Objects.GetValueOrDefault(name) ?? Events.GetValueOrDefault(name);

    /// <summary>Whatever has a describe.</summary>
    public IEnumerable<ObjectType> Described => [.. Objects.Values, .. Events.Values, .. ChangeEvents.Values];

    /// <summary>What has a describe, by its name in any case.</summary>
    public ObjectType? FindDescribed(string name) => Find(name) ?? ChangeEvents.GetValueOrDefault(name);
}

/// <summary>A person or an integration user.</summary>
internal sealed record User(string Id, string Username, string Password, string SecurityToken, string Name, string Email, bool Active)
{
    /// <summary>The password, alone or with the security token after it.</summary>
    public bool HasPassword(string sent) => sent == Password || sent == Password + SecurityToken;
}

/// <summary>A connected app: who may ask for tokens, and how.</summary>
internal sealed record ConnectedApp
{
    public required string ConsumerKey { get; init; }
    public required string ConsumerSecret { get; init; }

    /// <summary>PEM: an X.509 certificate or a public key that signs JWT assertions.</summary>
    public string? Certificate { get; init; }

    /// <summary>Who the client credentials flow acts for; nobody: the flow is off.</summary>
    public string? RunAs { get; init; }

    /// <summary>Refresh tokens granted beforehand, with their user names.</summary>
    public required IReadOnlyDictionary<string, string> RefreshTokens { get; init; }

    /// <summary>User names that approved the app (JWT); empty: every user.</summary>
    public required IReadOnlyList<string> ApprovedUsers { get; init; }

    /// <summary>The scopes of its tokens, separated by blanks. They are told and not enforced.</summary>
    public required string Scope { get; init; }
}

/// <summary>An object (<c>Account</c>, <c>Order__c</c>), a platform event (<c>Order_Placed__e</c>) or a change event (<c>AccountChangeEvent</c>).</summary>
internal sealed record ObjectType
{
    public required string Name { get; init; }
    public required string Label { get; init; }

    /// <summary>What the ids of its records begin with; empty for change events.</summary>
    public required string KeyPrefix { get; init; }
    public required IReadOnlyList<Field> Fields { get; init; }
    public required IReadOnlyDictionary<string, Field> FieldsByName { get; init; }
    public required IReadOnlyDictionary<string, Field> ParentsByName { get; init; }
    public required IReadOnlyList<ValidationRule> Rules { get; init; }

    /// <summary>Whether its changes are published (Change Data Capture).</summary>
    public bool ChangeEvents { get; init; }

    /// <summary>Whether API users may only read it.</summary>
    public bool ReadOnly { get; init; }

    public bool IsEvent => Name.EndsWith("__e", StringComparison.OrdinalIgnoreCase);

    public bool IsChangeEvent => Name.EndsWith("ChangeEvent", StringComparison.Ordinal);

    /// <summary>Whether it is kept, and not only told.</summary>
    public bool HasRecords => !IsEvent && !IsChangeEvent;

    public bool IsCustom => Name.EndsWith("__c", StringComparison.OrdinalIgnoreCase) || IsEvent;

    /// <summary><c>AccountChangeEvent</c>, <c>Order__ChangeEvent</c>.</summary>
    public string ChangeEventName =>
        Name.EndsWith("__c", StringComparison.OrdinalIgnoreCase) ? Name[..^1] + "ChangeEvent" : Name + "ChangeEvent";

    /// <summary>The fields that its change events may carry.</summary>
    public IEnumerable<Field> ChangeFields =>
        Fields.Where(each => each.Name is not (SystemFields.Id or SystemFields.IsDeleted or SystemFields.SystemModstamp));

    /// <summary>Of an event the fields that its payload has: its position and its uuid stand beside it.</summary>
    public IEnumerable<Field> PayloadFields =>
        Fields.Where(each => each.Name is not (SystemFields.Id or SystemFields.ReplayId or SystemFields.EventUuid));
}

/// <summary>What a field holds; decides how it is read, compared and written.</summary>
internal enum FieldType
{
    Id,
    String,
    TextArea,
    Boolean,
    Int,
    Double,
    Currency,
    Percent,
    Date,
    DateTime,
    Time,
    Email,
    Phone,
    Url,
    Picklist,
    Multipicklist,
    Reference,
    AutoNumber,
    Base64,

    /// <summary>Of change events alone: their header.</summary>
    ComplexValue,
}

/// <summary>A field of an object or an event.</summary>
internal sealed record Field
{
    public required string Name { get; init; }
    public required string Label { get; init; }
    public required FieldType Type { get; init; }
    public int Length { get; init; }
    public bool Required { get; init; }
    public bool Unique { get; init; }
    public bool ExternalId { get; init; }
    public bool Restricted { get; init; }
    public bool Createable { get; init; } = true;
    public bool Updateable { get; init; } = true;
    public string? Default { get; init; }
    public string? Format { get; init; }
    public string? ReferenceTo { get; init; }
    public string? RelationshipName { get; init; }

    /// <summary>What the object referred to calls those that refer to it by this field: <c>Contacts</c>, <c>Orders__r</c>.</summary>
    public string? ChildRelationshipName { get; init; }
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>Whether rows are found by its value without a scan.</summary>
    public bool Indexed => Unique || ExternalId;

    public bool IsNumber => Type is FieldType.Int or FieldType.Double or FieldType.Currency or FieldType.Percent;

    public bool IsText => Type is FieldType.String or FieldType.TextArea or FieldType.Email or FieldType.Phone or FieldType.Url
        or FieldType.Picklist or FieldType.Multipicklist or FieldType.AutoNumber;

    public bool IsId => Type is FieldType.Id or FieldType.Reference;
}

/// <summary>Refuses a record for which <paramref name="When"/> holds.</summary>
internal sealed record ValidationRule(Condition When, string Message, string? Field);

/// <summary>A custom channel and the events or change events it carries.</summary>
internal sealed record CustomChannel(string Name, IReadOnlyList<string> Members, bool CarriesChanges);
