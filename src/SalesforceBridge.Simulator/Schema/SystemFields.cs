namespace SalesforceBridge.Simulator.Schema;

/// <summary>The fields every object has, which the schema file does not declare.</summary>
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
        ReadOnly(CreatedDate, FieldType.DateTime),
        ReadOnly(CreatedById, FieldType.String, length: 18),
    ];

    private static Field ReadOnly(string name, FieldType type, int length = 0) =>
        new() { Name = name, Label = name, Type = type, Length = length, Createable = false, Updateable = false };

    private static Field Reference(string name, string relationship) =>
        ReadOnly(name, FieldType.Reference, length: 18) with { ReferenceTo = "User", RelationshipName = relationship };
}
