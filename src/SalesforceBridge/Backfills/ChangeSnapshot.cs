using System.Text.Json;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Sources.Soql;

namespace SalesforceBridge.Backfills;

/// <summary>A record, or what is left of a deleted one, in the shape of its object's change events.</summary>
internal sealed class ChangeSnapshot
{
    private const string Kind = "SNAPSHOT";

    // Change events have these in their header, or not at all.
    private static readonly string[] HeaderFields = ["Id", "IsDeleted", "SystemModstamp"];

    // Parts are told inside of their whole, and content is read one record at a time.
    private static readonly string[] UnreadTypes = ["address", "location", "base64"];

    private readonly string _source;
    private readonly string _sObject;
    private readonly string _origin;
    private readonly string _transaction;
    private readonly FieldDescribe[] _fields;
    private readonly IGrouping<string, FieldDescribe>[] _compounds;

    /// <param name="source">The source that tells of it.</param>
    /// <param name="origin">Why it is told, in one word: its change origin.</param>
    /// <param name="transaction">What it is told with: its transaction key, behind that word.</param>
    /// <param name="sObject">The object.</param>
    public ChangeSnapshot(string source, string origin, string transaction, ObjectDescribe sObject)
    {
        (_source, _sObject, _origin, _transaction) = (source, sObject.Name, origin, $"{origin} {transaction}");
        Fields = FieldsOf(sObject);
        FieldDescribe[] told = [.. Fields.Where(field => !HeaderFields.Contains(field.Name))];
        _fields = [.. told.Where(field => field.CompoundFieldName is null)];
        _compounds = [.. told.Where(field => field.CompoundFieldName is not null).GroupBy(field => field.CompoundFieldName!)];
    }

    /// <summary>What is asked of each record.</summary>
    public IReadOnlyList<FieldDescribe> Fields { get; }

    /// <summary>The message of a record: every field, those that are null too.</summary>
    public NewMessage Of(JsonElement row)
    {
        SoqlPlace place = SoqlMessages.PlaceOf(row);
        return new NewMessage(_source, SnapshotJson.Object(json =>
        {
            WriteHeader(json, Kind, place, TextOf(row, "LastModifiedById"), NulledIn(row));
            foreach (FieldDescribe field in _fields)
                Write(json, field.Name, field, row);
            foreach (IGrouping<string, FieldDescribe> compound in _compounds)
            {
                json.WriteStartObject(compound.Key);
                foreach (FieldDescribe part in compound)
                    Write(json, PartName(part), part, row);
                json.WriteEndObject();
            }
        }))
        {
            Key = place.Id,
            OccurredAt = place.Modstamp,
        };
    }

    /// <summary>The message of a record that was deleted.</summary>
    public NewMessage Of(DeletedRecord deleted) => new(_source, SnapshotJson.Object(json =>
        WriteHeader(json, "DELETE", new SoqlPlace(deleted.DeletedDate, deleted.Id), user: null, nulled: [])))
    {
        Key = deleted.Id,
        OccurredAt = deleted.DeletedDate,
    };

    private static FieldDescribe[] FieldsOf(ObjectDescribe sObject)
    {
        HashSet<string> wholes = [.. sObject.Fields.Select(field => field.CompoundFieldName).OfType<string>()];
        return [.. sObject.Fields.Where(field => !UnreadTypes.Contains(field.Type) && !wholes.Contains(field.Name))];
    }

    private void WriteHeader(Utf8JsonWriter json, string kind, SoqlPlace place, string? user, IEnumerable<string> nulled)
    {
        json.WriteStartObject("ChangeEventHeader");
        json.WriteString("entityName", _sObject);
        WriteNames(json, "recordIds", [place.Id!]);
        json.WriteString("changeType", kind);
        json.WriteString("changeOrigin", _origin);
        json.WriteString("transactionKey", _transaction);
        json.WriteNumber("sequenceNumber", 1);
        json.WriteNumber("commitTimestamp", place.Modstamp.ToUnixTimeMilliseconds());
        json.WriteString("commitUser", user);
        WriteNames(json, "nulledFields", nulled);
        WriteNames(json, "diffFields", []);
        WriteNames(json, "changedFields", []);
        json.WriteEndObject();
    }

    private IEnumerable<string> NulledIn(JsonElement row) =>
        _fields.Where(field => IsNull(row, field)).Select(field => field.Name)
            .Concat(_compounds.SelectMany(parts => parts).Where(part => IsNull(row, part)).Select(part => $"{part.CompoundFieldName}.{PartName(part)}"));

    private static void Write(Utf8JsonWriter json, string name, FieldDescribe field, JsonElement row)
    {
        if (row.TryGetProperty(field.Name, out JsonElement value))
            SnapshotJson.Write(json, name, value, field.Type == "datetime");
    }

    private static void WriteNames(Utf8JsonWriter json, string property, IEnumerable<string> names)
    {
        json.WriteStartArray(property);
        foreach (string name in names)
            json.WriteStringValue(name);
        json.WriteEndArray();
    }

    // BillingStreet is Street in BillingAddress, Place__Latitude__s is Latitude in Place__c, FirstName is FirstName in Name.
    private static string PartName(FieldDescribe part)
    {
        string whole = part.CompoundFieldName!;
        string prefix = whole.EndsWith("__c", StringComparison.Ordinal) ? whole[..^1] : whole.EndsWith("Address", StringComparison.Ordinal) ? whole[..^"Address".Length] : "";
        string name = part.Name.StartsWith(prefix, StringComparison.Ordinal) ? part.Name[prefix.Length..] : part.Name;
        return name.EndsWith("__s", StringComparison.Ordinal) ? name[..^"__s".Length] : name;
    }

    private static bool IsNull(JsonElement row, FieldDescribe field) => row.TryGetProperty(field.Name, out JsonElement value) && value.ValueKind == JsonValueKind.Null;

    private static string? TextOf(JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
