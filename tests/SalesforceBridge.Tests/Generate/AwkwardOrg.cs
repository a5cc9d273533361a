using SalesforceBridge.Generate;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Tests.Generate;

/// <summary>Objects and events whose names, labels and values are what C# takes least.</summary>
internal static class AwkwardOrg
{
    public static IReadOnlyList<OrgType> Types { get; } =
    [
        new(new ObjectDescribe("event", [
            Field("event", "string") with { Label = "Ends </summary> here & \u2028not there" },
            new("Id", "id"),
            Field("class", "double") with { Precision = 18, Scale = 2 },
            Field("ToString", "boolean"),
            Field("SObject", "int") with { Digits = 9 },
            Field("a-b", "long"),
            Field("a_b", "anyType"),
            Field("1st", "location"),
            Field("ForUpdate", "date"),
            Field("Clone", "datetime") with { Updateable = false },
            Field("Parent__c", "reference") with { ReferenceTo = ["event"], RelationshipName = "Parent__r" },
            Field("Owner__c", "reference") with { ReferenceTo = ["User", "Group"], RelationshipName = "event__r", Updateable = false },
            Field("Closed_By__c", "reference") with { ReferenceTo = ["User"], RelationshipName = "Closed_By__r", Createable = false, Updateable = false },
            Field("Reopened__c", "boolean") with { Createable = false },
            Field("Stage__c", "picklist") with { PicklistValues = [.. Values("A/B", "A B", "1", "new", "say \"no\"\\\n", "日本", "😀", "Equals", ""), new("gone")] },
            Field("None__c", "multipicklist") with { PicklistValues = [new("gone")] },
        ])),
        new(new ObjectDescribe("Order__e", [
            Field("Order__e", "string") with { Nillable = false, Length = 18, ExternalId = true, Unique = true },
            Field("When__c", "time") with { Nillable = false },
            Field("Flag__c", "boolean") with { Nillable = false, DefaultedOnCreate = true },
            Field("CreatedDate", "datetime") with { Createable = false, Updateable = false, Nillable = false },
        ]) { Label = "Order" }),
        new(Changes("Class__ChangeEvent"), Schema("Class__ChangeEvent")),
        new(Changes("ClassEvent") with { Urls = new Dictionary<string, string> { ["eventSchema"] = "/" } }, Schema("ClassEvent")),
    ];

    private static ObjectDescribe Changes(string name) => new(name,
    [
        Field("ReplayId", "string"),
        Field("ChangeEventHeader", "complexvalue"),
        Field("CLASS", "datetime") with { Label = "Class", Nillable = false, Createable = false, Updateable = false },
        Field("Owner", "reference") with { RelationshipName = "OwnerRecord", Label = "In both" },
        Field("Address", "string"),
    ]);

    // Two events of it have records of one name, and the second name is taken by a property.
    private static EventSchema Schema(string name)
    {
        var address = new AvroType.Record("Address", [
            new("AddressRecord", Text), new("AddressRecord_2", Text), new("Equals", new AvroType.Primitive("boolean")), new("Self", new AvroType.Unknown("\"Address\"")),
        ]);
        return new EventSchema(name,
        [
            new("ChangeEventHeader", new AvroType.Record("ChangeEventHeader", [
                new("changeType", new AvroType.Enum("ChangeType", ["CREATE", "new", "new_", "toString"])),
                new("recordIds", new AvroType.Array(Text)),
                new("commitTimestamp", new AvroType.Primitive("long", "timestamp-millis")),
                new("address", address),
            ])),
            new("class", Text),
            new("event", Text, Doc: "Data:Text</summary>"),
            new("Event", new AvroType.Primitive("bytes")),
            new("Owner", Text),
            new("owner_", new AvroType.Primitive("null"), Nullable: true),
            new("AddressRecord", new AvroType.Primitive("double")),
            new("Address", new AvroType.Union([Text, address])),
            new("Billing", address),
            new("Shipping", address),
            new("Others", new AvroType.Array(address)),
            new("Counts", new AvroType.Map(new AvroType.Primitive("int"))),
            new("System", new AvroType.Array(new AvroType.Union([Text, new AvroType.Primitive("null")]))),
        ]);
    }

    private static AvroType.Primitive Text => new("string");

    private static FieldDescribe Field(string name, string type) => new(name, type, Nillable: true, Createable: true, Updateable: true);

    private static IEnumerable<PicklistValue> Values(params string[] values) => values.Select(value => new PicklistValue(value, value, Active: true));
}
