using SalesforceBridge.Simulator.Schema;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Records;

/// <summary>Whether the org would keep a row: what the declared fields and validation rules refuse.</summary>
internal sealed class RecordCheck(OrgSchema schema, RecordStore store)
{
    /// <summary>The first reason to refuse what was sent, if any.</summary>
    /// <param name="type">Of the row or event.</param>
    /// <param name="sent">The fields that were sent, read and normalised in place.</param>
    /// <param name="creating">Whether required fields must be there, or only must not be cleared.</param>
    public ApiError? Fields(ObjectType type, Dictionary<string, object?> sent, bool creating)
    {
        string[] missing = [.. type.Fields
            .Where(field => field.Required && (creating || sent.ContainsKey(field.Name)) && sent.GetValueOrDefault(field.Name) is null)
            .Select(field => field.Name)];
        if (missing.Length > 0)
            return new ApiError("REQUIRED_FIELD_MISSING", $"Required fields are missing: [{string.Join(", ", missing)}]", missing);
        foreach ((string name, object? value) in sent.ToArray())
        {
            Field field = type.FieldsByName[name];
            if (value is string text && Text(field, text) is { } error)
                return error;
            if (value is string id && field.Type is FieldType.Reference)
                sent[name] = SalesforceId.Normalise(id);
        }
        return null;
    }

    /// <summary>The first reason to refuse the whole row, if any.</summary>
    public ApiError? Row(Record record) => Uniqueness(record) ?? Rules(record) ?? Channel(record);

    private ApiError? Text(Field field, string text) => field.Type switch
    {
        FieldType.Reference => Reference(field, text),
        FieldType.Picklist or FieldType.Multipicklist when field.Restricted && !text.Split(';').All(field.Values.Contains) => new ApiError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", $"{field.Label}: bad value for restricted picklist field: {text}", field.Name),
        FieldType.Email when !LooksLikeEmail(text) => new ApiError("INVALID_EMAIL_ADDRESS", $"{field.Label}: invalid email address: {text}", field.Name),
        _ when field.Length > 0 && text.Length > field.Length => new ApiError(
            "STRING_TOO_LONG", $"{field.Label}: data value too large: {text} (max length={field.Length})", field.Name),
        _ => null,
    };

    private ApiError? Reference(Field field, string text)
    {
        ObjectType target = schema.Objects[field.ReferenceTo!];
        if (SalesforceId.Normalise(text) is not { } id || !id.StartsWith(target.KeyPrefix, StringComparison.Ordinal))
            return new ApiError("MALFORMED_ID", $"{field.Label}: id value of incorrect type: {text}", field.Name);
        return store[target].Find(id) is { IsDeleted: false }
            ? null
            : new ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", field.Name);
    }

    private ApiError? Uniqueness(Record record)
    {
        foreach (Field field in record.Type.Fields.Where(field => field.Unique && record[field] is not null))
        {
            if (store[record.Type].FindBy(field, record[field]!).FirstOrDefault(other => other.Id != record.Id) is { } other)
            {
                return new ApiError(
                    "DUPLICATE_VALUE", $"duplicate value found: {field.Name} duplicates value on record with id: {other.Id}", field.Name);
            }
        }
        return null;
    }

    private ApiError? Rules(Record record) => record.Type.Rules
        .Where(rule => rule.When.HoldsFor(record, store))
        .Select(rule => new ApiError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.Message, rule.Field is null ? [] : [rule.Field]))
        .FirstOrDefault();

    private ApiError? Channel(Record record) => record.Type.Name switch
    {
        SystemObjects.PushTopic => PushTopicFault(record),
        SystemObjects.StreamingChannel when !((string)record.Values["Name"]!).StartsWith("/u/", StringComparison.Ordinal) =>
            new ApiError("FIELD_INTEGRITY_EXCEPTION", "Channel Name: must begin with /u/", "Name"),
        _ => null,
    };

    private ApiError? PushTopicFault(Record record)
    {
        try
        {
            PushTopic.Read(record.Values, schema.Objects);
            return null;
        }
        catch (SoqlException error)
        {
            return error.Error with { Fields = ["Query"] };
        }
    }

    private static bool LooksLikeEmail(string text)
    {
        int at = text.IndexOf('@');
        return at > 0 && at == text.LastIndexOf('@') && text.IndexOf('.', at) > at + 1 && !text.EndsWith('.') && !text.Contains(' ');
    }
}
