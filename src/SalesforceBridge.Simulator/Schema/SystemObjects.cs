namespace SalesforceBridge.Simulator.Schema;

/// <summary>The objects that every org has, and the schema file does not declare.</summary>
internal static class SystemObjects
{
    public const string User = "User";
    public const string PushTopic = "PushTopic";
    public const string StreamingChannel = "StreamingChannel";

    public static ObjectEntry OfUsers => new()
    {
        Name = User,
        KeyPrefix = "005",
        Fields =
        [
            new FieldEntry { Name = "Username", Length = 80 },
            new FieldEntry { Name = "Name", Length = 121 },
            new FieldEntry { Name = "Email", Type = "email", Length = 128 },
            new FieldEntry { Name = "IsActive", Type = "boolean" },
        ],
    };

    /// <summary>Those whose records are channels.</summary>
    public static IReadOnlyList<ObjectEntry> OfChannels =>
    [
        new()
        {
            Name = PushTopic,
            KeyPrefix = "0IF",
            Fields =
            [
                new FieldEntry { Name = "Name", Length = 25, Required = true, Unique = true },
                new FieldEntry { Name = "Query", Length = 1300, Required = true },
                new FieldEntry { Name = "ApiVersion", Type = "double", Required = true },
                new FieldEntry { Name = "Description", Length = 400 },
                new FieldEntry { Name = "IsActive", Type = "boolean", Default = "true" },
                new FieldEntry { Name = "NotifyForFields", Type = "picklist", Restricted = true, Default = "Referenced", Values = [.. Enum.GetNames<NotifyForFields>()] },
                new FieldEntry { Name = "NotifyForOperationCreate", Type = "boolean", Default = "true" },
                new FieldEntry { Name = "NotifyForOperationUpdate", Type = "boolean", Default = "true" },
                new FieldEntry { Name = "NotifyForOperationDelete", Type = "boolean", Default = "true" },
                new FieldEntry { Name = "NotifyForOperationUndelete", Type = "boolean", Default = "true" },
            ],
        },
        new()
        {
            Name = StreamingChannel,
            KeyPrefix = "0M6",
            Fields =
            [
                new FieldEntry { Name = "Name", Length = 80, Required = true, Unique = true },
                new FieldEntry { Name = "Description", Length = 400 },
                new FieldEntry { Name = "IsDynamic", Type = "boolean", Createable = false, Updateable = false },
            ],
        },
    ];
}
