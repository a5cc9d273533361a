using System.Text.Json;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Records;

/// <summary>Reads the fields of a record that a client sent.</summary>
internal sealed class FieldInput(Org org, RecordStore store, User user)
{
    /// <summary>The sent values by their declared field names. <c>attributes</c> and an <c>id</c> that names the record are left out.</summary>
    /// <exception cref="ApiException">A field does not exist, may not be written, or has a value of another kind.</exception>
    public Dictionary<string, object?> Read(ObjectType type, JsonElement sent, bool creating)
    {
        if (sent.ValueKind is not JsonValueKind.Object)
            throw new ApiException(400, new ApiError("JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body."));
        var values = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (JsonProperty property in sent.EnumerateObject())
        {
            if (property.NameEquals("attributes") || property.Name.Equals(SystemFields.Id, StringComparison.OrdinalIgnoreCase))
                continue;
            (Field field, object? value) = property.Value.ValueKind is JsonValueKind.Object && type.ParentsByName.TryGetValue(property.Name, out Field? reference)
                ? (reference, ParentByExternalId(reference, property.Value))
                : ReadField(type, property);
            bool allowed = creating ? field.Createable : field.Updateable;
            if (!allowed)
                throw NotWriteable(field);
            values[field.Name] = value;
        }
        return values;
    }

    private (Field Field, object? Value) ReadField(ObjectType type, JsonProperty property)
    {
        bool known = type.FieldsByName.TryGetValue(property.Name, out Field? field);
        if (!known || org.IsHidden(type, field!, user))
        {
            if (known)
                org.Faults.Strike<Faults.Fault.HiddenField>(hidden => hidden.Field.Equals(field!.Name, StringComparison.OrdinalIgnoreCase));
            throw new ApiException(400, ApiError.NoSuchColumn(property.Name, type.Name));
        }
        return (field!, FieldValue.Read(field!, property.Value));
    }

    // "Account__r": { "External_Id__c": "A1" }
    private string ParentByExternalId(Field reference, JsonElement sent)
    {
        ObjectType parent = org.Schema.Objects[reference.ReferenceTo!];
        JsonProperty key = sent.EnumerateObject().FirstOrDefault(property => !property.NameEquals("attributes"));
        if (key.Value.ValueKind is JsonValueKind.Undefined || !parent.FieldsByName.TryGetValue(key.Name, out Field? field) || !field.ExternalId)
            throw new ApiException(400, new ApiError("INVALID_FIELD", $"{key.Name} is not an External ID or indexed field for {parent.Name}"));
        object? value = FieldValue.Read(field, key.Value);
        IReadOnlyList<Record> found = value is null ? [] : store[parent].FindBy(field, value);
        if (found.Count != 1)
        {
            throw new ApiException(400, new ApiError(
                "INVALID_FIELD", $"Foreign key external ID: {value} not found for field {field.Name} in entity {parent.Name}"));
        }
        return found[0].Id;
    }

    private static ApiException NotWriteable(Field field) => new(400, new ApiError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        $"Unable to create/update fields: {field.Name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.",
        field.Name));
}
