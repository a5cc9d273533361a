using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>What objects and fields there are.</summary>
internal sealed class DescribeEndpoints(Org org)
{
    private readonly DescribeHistory _history = new(org);

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/sobjects", (HttpContext context) => _history.Answer(context, DescribeGlobal(context.Call()))).Is(ApiCallKind.Describe);
        api.MapGet("/sobjects/{type}", (HttpContext context, string type) => org.Read(store => Summary(store, context.Call(), type))).Is(ApiCallKind.Describe);
        api.MapGet("/sobjects/{type}/describe", (HttpContext context, string type) => _history.Answer(context, Describe(context.Call(), type)))
            .Is(ApiCallKind.Describe);
    }

    public JsonReply DescribeGlobal(ApiCall call) => JsonReply.Of(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteString("encoding", "UTF-8");
        json.WriteNumber("maxBatchSize", 200);
        json.WriteStartArray("sobjects");
        foreach (ObjectType type in org.Schema.Described.OrderBy(type => type.Name, StringComparer.Ordinal))
        {
            json.WriteStartObject();
            WriteSummary(json, type, call.Root);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public JsonReply Summary(RecordStore store, ApiCall call, string type)
    {
        ObjectType target = Require(type);
        return JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("objectDescribe");
            WriteSummary(json, target, call.Root);
            json.WriteEndObject();
            json.WriteStartArray("recentItems");
            foreach (Record record in target.HasRecords ? store[target].Rows.Where(record => !record.IsDeleted).TakeLast(10) : [])
                RecordJson.Write(json, record, target.Fields.Where(field => field.Name is SystemFields.Id or "Name"), call.Root);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public JsonReply Describe(ApiCall call, string type)
    {
        ObjectType target = Require(type);
        return JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            WriteSummary(json, target, call.Root);
            json.WriteStartArray("fields");
            foreach (Field field in target.Fields.Where(field => !org.IsHidden(target, field)))
                WriteField(json, field);
            json.WriteEndArray();
            json.WriteStartArray("childRelationships");
            foreach ((ObjectType child, Field field) in Children(target))
                WriteChild(json, child, field);
            json.WriteEndArray();
            json.WriteStartArray("recordTypeInfos");
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private ObjectType Require(string type) => org.Schema.FindDescribed(type) ?? throw new ApiException(404, ApiError.NotFound);

    private static void WriteSummary(Utf8JsonWriter json, ObjectType type, string root)
    {
        bool record = type.HasRecords;
        json.WriteString("name", type.Name);
        json.WriteString("label", type.Label);
        json.WriteString("labelPlural", type.Label + "s");
        json.WriteString("keyPrefix", type.KeyPrefix is "" ? null : type.KeyPrefix);
        json.WriteBoolean("custom", type.IsCustom);
        json.WriteBoolean("createable", !type.ReadOnly);
        json.WriteBoolean("updateable", record && !type.ReadOnly);
        json.WriteBoolean("deletable", record && !type.ReadOnly);
        json.WriteBoolean("queryable", record);
        json.WriteBoolean("retrieveable", record || type.IsChangeEvent);
        json.WriteBoolean("searchable", record);
        json.WriteBoolean("replicateable", record);
        json.WriteBoolean("triggerable", true);
        json.WriteBoolean("undeletable", record);
        json.WriteBoolean("mergeable", false);
        json.WriteBoolean("customSetting", false);
        json.WriteBoolean("deprecatedAndHidden", false);
        json.WriteStartObject("urls");
        json.WriteString("sobject", $"{root}/sobjects/{type.Name}");
        json.WriteString("describe", $"{root}/sobjects/{type.Name}/describe");
        json.WriteString("rowTemplate", $"{root}/sobjects/{type.Name}/{{ID}}");
        if (!record)
            json.WriteString("eventSchema", $"{root}/sobjects/{type.Name}/eventSchema");
        json.WriteEndObject();
    }

    /// <summary>A field as describes show it.</summary>
    public static void WriteField(Utf8JsonWriter json, Field field)
    {
        json.WriteStartObject();
        json.WriteString("name", field.Name);
        json.WriteString("label", field.Label);
        json.WriteString("type", field.Type is FieldType.AutoNumber ? "string" : FieldValue.TypeName(field.Type));
        json.WriteString("soapType", SoapType(field.Type));
        json.WriteNumber("length", field.Length);
        json.WriteNumber("byteLength", field.Length * 3);
        json.WriteNumber("precision", field.IsNumber && field.Type is not FieldType.Int ? 18 : 0);
        json.WriteNumber("scale", field.IsNumber && field.Type is not FieldType.Int ? 2 : 0);
        json.WriteNumber("digits", field.Type is FieldType.Int ? 9 : 0);
        json.WriteBoolean("nillable", !field.Required && field.Type is not (FieldType.Boolean or FieldType.Id));
        json.WriteBoolean("createable", field.Createable);
        json.WriteBoolean("updateable", field.Updateable);
        json.WriteBoolean("custom", field.Name.EndsWith("__c", StringComparison.Ordinal));
        json.WriteBoolean("externalId", field.ExternalId);
        json.WriteBoolean("idLookup", field.ExternalId || field.Type is FieldType.Id);
        json.WriteBoolean("unique", field.Unique);
        json.WriteBoolean("calculated", false);
        json.WriteBoolean("autoNumber", field.Type is FieldType.AutoNumber);
        json.WriteBoolean("caseSensitive", false);
        json.WriteBoolean("defaultedOnCreate", field.Default is not null || field.Type is FieldType.Boolean || !field.Createable);
        json.WriteBoolean("nameField", field.Name == "Name");
        json.WriteBoolean("filterable", true);
        json.WriteBoolean("sortable", true);
        json.WriteBoolean("groupable", field.IsText || field.IsId);
        json.WriteBoolean("permissionable", field.Updateable && !field.Required);
        json.WriteBoolean("restrictedPicklist", field.Restricted);
        json.WriteString("relationshipName", field.RelationshipName);
        json.WriteStartArray("referenceTo");
        if (field.ReferenceTo is not null)
            json.WriteStringValue(field.ReferenceTo);
        json.WriteEndArray();
        WriteValues(json, field);
        json.WriteEndObject();
    }

    private static void WriteValues(Utf8JsonWriter json, Field field)
    {
        json.WriteStartArray("picklistValues");
        foreach (string value in field.Values)
        {
            json.WriteStartObject();
            json.WriteBoolean("active", true);
            json.WriteBoolean("defaultValue", value == field.Default);
            json.WriteString("label", value);
            json.WriteNull("validFor");
            json.WriteString("value", value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private IEnumerable<(ObjectType Child, Field Field)> Children(ObjectType parent) =>
        from child in org.Schema.Objects.Values
        from field in child.Fields
        where string.Equals(field.ReferenceTo, parent.Name, StringComparison.OrdinalIgnoreCase)
        select (child, field);

    private static void WriteChild(Utf8JsonWriter json, ObjectType child, Field field)
    {
        json.WriteStartObject();
        json.WriteString("childSObject", child.Name);
        json.WriteString("field", field.Name);
        json.WriteString("relationshipName", field.ChildRelationshipName);
        json.WriteBoolean("deprecatedAndHidden", false);
        json.WriteBoolean("cascadeDelete", false);
        json.WriteEndObject();
    }

    private static string SoapType(FieldType type) => type switch
    {
        FieldType.Id or FieldType.Reference => "tns:ID",
        FieldType.Boolean => "xsd:boolean",
        FieldType.Int => "xsd:int",
        FieldType.Double or FieldType.Currency or FieldType.Percent => "xsd:double",
        FieldType.Date => "xsd:date",
        FieldType.DateTime => "xsd:dateTime",
        FieldType.Time => "xsd:time",
        FieldType.Base64 => "xsd:base64Binary",
        _ => "xsd:string",
    };
}
