namespace SalesforceBridge.Simulator.Schema;

/// <summary>The event that tells of the changes of an object, as describes show it: it has the object's fields and no records.</summary>
internal static class ChangeEventType
{
    private static readonly Field Header = SystemFields.ReadOnly(SystemFields.ChangeEventHeader, FieldType.ComplexValue);

    public static ObjectType Of(ObjectType changed)
    {
        Field[] fields = [SystemFields.ReadOnly(SystemFields.Id, FieldType.Id, length: 18), SystemFields.OfReplay, Header, .. changed.ChangeFields.Select(Told)];
        return new ObjectType
        {
            Name = changed.ChangeEventName,
            Label = $"Change Event: {changed.Label}",
            KeyPrefix = "",
            Fields = fields,
            FieldsByName = fields.ToDictionary(field => field.Name, StringComparer.OrdinalIgnoreCase),
            ParentsByName = new Dictionary<string, Field>(),
            Rules = [],
            ReadOnly = true,
        };
    }

    // What nobody writes is neither required nor filled by the org.
    private static Field Told(Field field) =>
        field with { Required = false, Unique = false, ExternalId = false, Createable = false, Updateable = false, Default = null };
}
