namespace SalesforceBridge.Simulator.Schema;

/// <summary>The fields every object and event has, which the schema file does not declare.</summary>
internal static class SystemFields
{
    public const string Id = "Id";
    public const string IsDeleted = "IsDeleted";
    public const string CreatedDate = "CreatedDate";
    public const string CreatedById = "CreatedById";
    public const string LastModifiedDate = "LastModifiedDate";
    public const string LastModifiedById = "LastModifiedById";
    public const string SystemModstamp = "SystemModstamp";
    public const string OwnerId = "OwnerId";
    public const string ReplayId = "ReplayId";
    public const string EventUuid = "EventUuid";
    public const string ChangeEventHeader = "ChangeEventHeader";

    /// <summary>What describes say of an event's position; its payload has none.</summary>
    public static readonly Field OfReplay = ReadOnly(ReplayId, FieldType.String, length: 1000);

    public static readonly IReadOnlyList<Field> OfObjects =
    [
        ReadOnly(Id, FieldType.Id, length: 18),
        ReadOnly(IsDeleted, FieldType.Boolean),
        ReadOnly(CreatedDate, FieldType.DateTime),
        Reference(CreatedById, "CreatedBy"),
        ReadOnly(LastModifiedDate, FieldType.DateTime),
        Reference(LastModifiedById, "LastModifiedBy"),
        ReadOnly(SystemModstamp, FieldType.DateTime),
    ];

    public static readonly IReadOnlyList<Field> OfEvents =
    [
        OfReplay,
        ReadOnly(CreatedDate, FieldType.DateTime),
        Reference(CreatedById, "CreatedBy"),
        ReadOnly(EventUuid, FieldType.String, length: 36),
    ];

    public static Field ReadOnly(string name, FieldType type, int length = 0) =>
        new() { Name = name, Label = name, Type = type, Length = length, Createable = false, Updateable = false };

    private static Field Reference(string name, string relationship) =>
        ReadOnly(name, FieldType.Reference, length: 18) with { ReferenceTo = "User", RelationshipName = relationship };
}
