using System.Text.Json;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.HerokuConnect;

/// <summary>A column of a mapped table, and the field that it holds.</summary>
/// <param name="Name">In Postgres.</param>
/// <param name="Field">Of the object, or of its parent.</param>
/// <param name="Lookup">The reference to the parent whose external id the field is.</param>
internal sealed record MappedColumn(string Name, Field Field, Field? Lookup = null)
{
    /// <summary>The columns that every mapped table has; a User is not deleted.</summary>
    private static readonly string[] Always = [SystemFields.CreatedDate, SystemFields.IsDeleted, SystemFields.SystemModstamp, SystemFields.Id];

    /// <summary>All of a mapping's columns.</summary>
    /// <exception cref="ArgumentException">The org has no such field.</exception>
    public static IReadOnlyList<MappedColumn> Of(OrgSchema schema, ObjectType type, MappingOptions options) =>
    [
        .. Always.Where(name => name != SystemFields.IsDeleted || type.Name != "User").Select(name => Of(schema, type, name)),
        .. options.Fields.Except(Always, StringComparer.OrdinalIgnoreCase).Select(name => Of(schema, type, name)),
    ];

    /// <summary>As the table declares it.</summary>
    public string SqlType => Field.Type switch
    {
        FieldType.Id or FieldType.Reference => "varchar(18)",
        FieldType.Boolean => "boolean",
        FieldType.Int => "integer",
        FieldType.Double or FieldType.Currency or FieldType.Percent => "double precision",
        FieldType.Date => "date",
        FieldType.DateTime => "timestamp without time zone",
        FieldType.Time => "time without time zone",
        FieldType.Multipicklist => "varchar(4099)",
        FieldType.Email => Varchar(80),
        FieldType.Phone => Varchar(40),
        FieldType.Picklist => Varchar(IsCustom ? 255 : 40),
        FieldType.TextArea when Field.Length > 255 => "text",
        _ => Varchar(255),
    };

    /// <summary>Whether an app's value goes to the org.</summary>
    public bool IsSent(bool creating)
    {
        Field written = Lookup ?? Field;
        return creating ? written.Createable : written.Updateable;
    }

    /// <summary>A value's text in Postgres, as the API names and takes it. The org trims what people type; no parent is no id.</summary>
    public (string Name, object? Value) ToSalesforce(string? text) => (text, Lookup) switch
    {
        (null, _) => ((Lookup ?? Field).Name, null),
        (_, null) => (Field.Name, Value(text)),
        _ => (Lookup.RelationshipName!, new Dictionary<string, string> { [Field.Name] = Value(text) }),
    };

    /// <summary>Writes what a record has here, in a form that Postgres reads.</summary>
    public void Write(Utf8JsonWriter json, Record record, RecordStore store)
    {
        object? value = Lookup is null ? record[Field] : store.Parent(record, Lookup)?[Field];
        json.WritePropertyName(Name);
        if (value is string text)
            json.WriteStringValue(text.Replace("\0", ""));
        else
            FieldValue.Write(json, Field, value, utcSuffix: "");
    }

    private string Value(string text) => Field.Type switch
    {
        FieldType.Boolean => text == "t" ? "true" : "false",
        FieldType.DateTime => text.Replace(' ', 'T') + "Z",
        _ => text.Trim(),
    };

    private bool IsCustom => Field.Name.EndsWith("__c", StringComparison.OrdinalIgnoreCase);

    private string Varchar(int length) => $"varchar({(Field.Length > 0 ? Field.Length : length)})";

    private static MappedColumn Of(OrgSchema schema, ObjectType type, string name)
    {
        if (type.FieldsByName.TryGetValue(name, out Field? field))
            return new MappedColumn(field.Name == SystemFields.Id ? "sfid" : field.Name.ToLowerInvariant(), field);
        if (name.Split('.') is [var relationship, var key] && type.ParentsByName.TryGetValue(relationship, out Field? lookup)
            && schema.Objects[lookup.ReferenceTo!].FieldsByName.TryGetValue(key, out Field? external) && external.ExternalId)
        {
            return new MappedColumn($"{lookup.RelationshipName}__{external.Name}".ToLowerInvariant(), external, lookup);
        }
        throw new ArgumentException($"{type.Name} has no field '{name}', and it names no external id of a parent.", nameof(name));
    }
}
