using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Tests.Generate;

/// <summary>Objects whose names, labels and values are what C# takes least.</summary>
internal static class AwkwardOrg
{
    public static IReadOnlyList<ObjectDescribe> Objects { get; } =
    [
        new("event", [
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
        ]),
        new("Order__e", [
            Field("Order__e", "string") with { Nillable = false, Length = 18, ExternalId = true, Unique = true },
            Field("When__c", "time") with { Nillable = false },
            Field("Flag__c", "boolean") with { Nillable = false, DefaultedOnCreate = true },
            Field("CreatedDate", "datetime") with { Createable = false, Updateable = false, Nillable = false },
        ]) { Label = "Order" },
    ];

    private static FieldDescribe Field(string name, string type) => new(name, type, Nillable: true, Createable: true, Updateable: true);

    private static IEnumerable<PicklistValue> Values(params string[] values) => values.Select(value => new PicklistValue(value, value, Active: true));
}
