using System.Text.Json;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>Records as REST shows them.</summary>
internal static class RecordJson
{
    /// <summary>Datetimes in REST end without a colon in the offset.</summary>
    public const string UtcSuffix = "+0000";

    public static void Write(Utf8JsonWriter json, Record record, IEnumerable<Field> fields, string root)
    {
        json.WriteStartObject();
        WriteAttributes(json, record, root);
        foreach (Field field in fields)
            WriteField(json, record, field, root);
        json.WriteEndObject();
    }

    public static void WriteAttributes(Utf8JsonWriter json, Record record, string root)
    {
        json.WriteStartObject("attributes");
        json.WriteString("type", record.Type.Name);
        // A group of records is at no address.
        if (record.Id.Length > 0)
            json.WriteString("url", Url(record.Type, record.Id, root));
        json.WriteEndObject();
    }

    public static void WriteField(Utf8JsonWriter json, Record record, Field field, string root)
    {
        json.WritePropertyName(field.Name);
        if (record[field] is Blob)
        {
            // Its bytes are elsewhere.
            json.WriteStringValue($"{Url(record.Type, record.Id, root)}/{field.Name}");
            return;
        }
        FieldValue.Write(json, field, record[field], UtcSuffix);
    }

    public static string Url(ObjectType type, string id, string root) => $"{root}/sobjects/{type.Name}/{id}";

    /// <summary>The fields of that name, Id first; all that are not hidden when none is named.</summary>
    /// <exception cref="ApiException">A field does not exist.</exception>
    public static IReadOnlyList<Field> Choose(Org org, ObjectType type, IEnumerable<string> names)
    {
        List<Field> chosen = [];
        foreach (string name in names)
        {
            if (!type.FieldsByName.TryGetValue(name, out Field? field) || org.IsHidden(type, field))
                throw new ApiException(400, ApiError.NoSuchColumn(name, type.Name));
            if (field.Name != SystemFields.Id)
                chosen.Add(field);
        }
        return chosen.Count == 0
            ? [.. type.Fields.Where(field => !org.IsHidden(type, field))]
            : [type.FieldsByName[SystemFields.Id], .. chosen];
    }

    /// <summary>A save result: an item of a collection's answer, or the body of a create.</summary>
    public static void Write(Utf8JsonWriter json, WriteOutcome outcome, bool withCreated)
    {
        json.WriteStartObject();
        if (outcome.RecordId is { } id)
            json.WriteString("id", id);
        json.WriteBoolean("success", !outcome.IsRefused);
        json.WriteStartArray("errors");
        ApiError? error = outcome switch
        {
            WriteOutcome.Enqueued enqueued => new ApiError("OPERATION_ENQUEUED", enqueued.Uuid),
            WriteOutcome.Refused refused => refused.Error,
            _ => null,
        };
        error?.Write(json, codeName: "statusCode");
        json.WriteEndArray();
        if (withCreated)
            json.WriteBoolean("created", outcome is WriteOutcome.Written { Created: true });
        json.WriteEndObject();
    }
}
