using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace SalesforceBridge.Simulator.Schema;

/// <summary>A field of an object or event as the schemas of events show it.</summary>
internal static class EventField
{
    private static readonly AvroType Text = new AvroType.Primitive("string");
    private static readonly AvroType Long = new AvroType.Primitive("long");

    // What is a number of milliseconds in binary is a text in JSON.
    private static readonly AvroType Moment = new AvroType.Primitive("long") { Expanded = "string" };

    private static readonly AvroType Header = new AvroType.Record(SystemFields.ChangeEventHeader,
    [
        new("entityName", Text),
        new("recordIds", new AvroType.Texts()),
        new("changeType", new AvroType.OneOf("ChangeType",
            ["CREATE", "UPDATE", "DELETE", "UNDELETE", "GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE", "GAP_OVERFLOW", "SNAPSHOT"])),
        new("changeOrigin", Text),
        new("transactionKey", Text),
        new("sequenceNumber", new AvroType.Primitive("int")),
        new("commitTimestamp", Long),
        new("commitNumber", Long),
        new("commitUser", Text),
        new("nulledFields", new AvroType.Texts()),
        new("diffFields", new AvroType.Texts()),
        new("changedFields", new AvroType.Texts()),
    ]);

    public static AvroField Of(ObjectType eventType, Field field) => (field.Name, eventType.IsChangeEvent) switch
    {
        (SystemFields.ChangeEventHeader, _) => new(field.Name, Header, "Data:ComplexValueType"),
        (SystemFields.CreatedDate, false) => new(field.Name, Moment, "CreatedDate:DateTime"),
        (SystemFields.CreatedById, false) => new(field.Name, Text, "CreatedBy:EntityId"),
        (SystemFields.CreatedDate, true) => new(field.Name, new AvroType.Nullable(Moment), "CreatedDate:DateTime"),
        _ => new(field.Name, new AvroType.Nullable(TypeOf(field.Type)), DocOf(eventType, field)),
    };

    private static AvroType TypeOf(FieldType type) => type switch
    {
        FieldType.Boolean => new AvroType.Primitive("boolean"),
        FieldType.Int => new AvroType.Primitive("int"),
        FieldType.Double or FieldType.Currency or FieldType.Percent => new AvroType.Primitive("double"),
        FieldType.Date or FieldType.DateTime or FieldType.Time => Moment,
        _ => Text,
    };

    private static string DocOf(ObjectType eventType, Field field)
    {
        string kind = field.Type is FieldType.Reference ? "ForeignKey:EntityId" : $"Data:{KindOf(field.Type)}";
        return field.Name.EndsWith("__c", StringComparison.Ordinal) ? $"{kind}:{IdOf(eventType, field)}" : kind;
    }

    private static string KindOf(FieldType type) => type switch
    {
        FieldType.TextArea => "StringPlusClob",
        FieldType.Int => "Integer",
        FieldType.Date => "DateOnly",
        FieldType.Time => "TimeOnly",
        FieldType.Picklist => "DynamicEnum",
        FieldType.Multipicklist => "MultiEnum",
        FieldType.Boolean or FieldType.Double or FieldType.Currency or FieldType.Percent or FieldType.DateTime or FieldType.Email or FieldType.Phone or FieldType.Url => $"{type}",
        _ => "Text",
    };

    // Definitions of fields are no records here; an id of 15 characters that stays the same is enough.
    [SuppressMessage("Security", "CA5351", Justification = "It only spreads the ids.")]
    private static string IdOf(ObjectType eventType, Field field) =>
        SalesforceId.Number("00N", BinaryPrimitives.ReadUInt32LittleEndian(MD5.HashData(Encoding.UTF8.GetBytes($"{eventType.Name}.{field.Name}"))))[..15];
}
