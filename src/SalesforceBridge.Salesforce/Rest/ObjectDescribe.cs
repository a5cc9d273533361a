using System.Text.Json;
using System.Text.Json.Serialization;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Every object and event that a user sees.</summary>
/// <param name="SObjects">The objects, in the org's order.</param>
/// <param name="MaxBatchSize">How many records a collection call takes; 200.</param>
public sealed record GlobalDescribe(
    [property: JsonPropertyName("sobjects")] IReadOnlyList<ObjectSummary> SObjects,
    int MaxBatchSize = 200);

/// <summary>An object without its fields, and the records of it that a user saw last.</summary>
/// <param name="ObjectDescribe">The object.</param>
/// <param name="RecentItems">The records: attributes, <c>Id</c> and <c>Name</c>.</param>
public sealed record ObjectBasicInfo(ObjectSummary ObjectDescribe, IReadOnlyList<JsonElement> RecentItems);

/// <summary>What a user may do with an object.</summary>
/// <param name="Name">The API name, such as <c>Order__c</c>.</param>
/// <param name="Label">The name people see.</param>
/// <param name="LabelPlural">The name people see of several.</param>
/// <param name="KeyPrefix">The first three characters of its ids; null for some objects.</param>
/// <param name="Custom">Whether it is the org's own.</param>
/// <param name="Createable">Whether the user may create records.</param>
/// <param name="Updateable">Whether the user may update records.</param>
/// <param name="Deletable">Whether the user may delete records.</param>
/// <param name="Queryable">Whether the user may query it; false for events.</param>
/// <param name="Searchable">Whether a search finds its records.</param>
/// <param name="Replicateable">Whether the org tells which records were changed or deleted since when.</param>
public sealed record ObjectSummary(
    string Name,
    string? Label = null,
    string? LabelPlural = null,
    string? KeyPrefix = null,
    bool Custom = false,
    bool Createable = false,
    bool Updateable = false,
    bool Deletable = false,
    bool Queryable = false,
    bool Searchable = false,
    bool Replicateable = false);

/// <summary>What a user may do with an object, and its fields as far as that user sees them.</summary>
/// <param name="Name">The API name, such as <c>Order__c</c>.</param>
/// <param name="Fields">The fields.</param>
/// <param name="Label">The name people see.</param>
/// <param name="KeyPrefix">The first three characters of its ids; null for some objects.</param>
/// <param name="Createable">Whether the user may create records.</param>
/// <param name="Updateable">Whether the user may update records.</param>
/// <param name="Deletable">Whether the user may delete records.</param>
/// <param name="Queryable">Whether the user may query it; false for events.</param>
/// <param name="Replicateable">Whether the org tells which records were changed or deleted since when.</param>
/// <param name="Urls">Where what else there is of it is found, by what it is: an event has an <c>eventSchema</c>.</param>
/// <param name="LabelPlural">The name people see of several.</param>
/// <param name="Custom">Whether it is the org's own.</param>
/// <param name="Searchable">Whether a search finds its records.</param>
/// <param name="ChildRelationships">Which objects refer to it, and what a subquery or a tree calls their records; null where the org tells none.</param>
/// <param name="RecordTypeInfos">The record types that it has, the master's among them; null where the org tells none.</param>
public sealed record ObjectDescribe(
    string Name,
    IReadOnlyList<FieldDescribe> Fields,
    string? Label = null,
    string? KeyPrefix = null,
    bool Createable = false,
    bool Updateable = false,
    bool Deletable = false,
    bool Queryable = false,
    bool Replicateable = false,
    IReadOnlyDictionary<string, string>? Urls = null,
    string? LabelPlural = null,
    bool Custom = false,
    bool Searchable = false,
    IReadOnlyList<ChildRelationship>? ChildRelationships = null,
    IReadOnlyList<RecordTypeInfo>? RecordTypeInfos = null);

/// <summary>An object whose records refer to those of the one described.</summary>
/// <param name="ChildSObject">Its API name.</param>
/// <param name="Field">The field that refers.</param>
/// <param name="RelationshipName">What a subquery and a tree call the records: <c>Contacts</c>, <c>Orders__r</c>; null where they cannot be reached so.</param>
/// <param name="CascadeDelete">Whether a record goes with the one that it refers to.</param>
public sealed record ChildRelationship(string ChildSObject, string Field, string? RelationshipName = null, bool CascadeDelete = false);

/// <summary>A record type of an object.</summary>
/// <param name="RecordTypeId">Its id, for a record's <c>RecordTypeId</c>.</param>
/// <param name="DeveloperName">Its API name; null before version 43.0.</param>
/// <param name="Name">The name people see.</param>
/// <param name="Active">Whether it is in use.</param>
/// <param name="Available">Whether the user may give it to a record.</param>
/// <param name="DefaultRecordTypeMapping">Whether it is what the user's records have where nobody chose.</param>
/// <param name="Master">Whether it stands for records without a type.</param>
public sealed record RecordTypeInfo(
    string? RecordTypeId = null,
    string? DeveloperName = null,
    string? Name = null,
    bool Active = false,
    bool Available = false,
    bool DefaultRecordTypeMapping = false,
    bool Master = false);

/// <summary>A field, and what the user may do with it.</summary>
/// <param name="Name">The API name.</param>
/// <param name="Type">Salesforce's type: <c>string</c>, <c>reference</c>, <c>datetime</c>, <c>double</c>, ...</param>
/// <param name="Label">The name people see.</param>
/// <param name="Length">The most characters it takes; 0 where that means nothing.</param>
/// <param name="Nillable">Whether it may be null.</param>
/// <param name="DefaultedOnCreate">Whether the org fills it when a create leaves it out.</param>
/// <param name="Createable">Whether a create may set it.</param>
/// <param name="Updateable">Whether an update may set it.</param>
/// <param name="ExternalId">Whether it is an external id.</param>
/// <param name="IdLookup">Whether an upsert can find records by it.</param>
/// <param name="Unique">Whether two records cannot share a value.</param>
/// <param name="ReferenceTo">The objects a reference may point to; null or empty for other types.</param>
/// <param name="RelationshipName">The name under which the referenced record is reached, such as <c>Account</c> or <c>Order__r</c>.</param>
/// <param name="CompoundFieldName">The field that it is a part of, such as <c>BillingAddress</c>; null where it is none.</param>
/// <param name="Precision">How many digits a number has at most, those after the point included; 0 where that means nothing.</param>
/// <param name="Scale">How many digits a number has after the point at most.</param>
/// <param name="Digits">How many digits a whole number has at most; 0 where that means nothing.</param>
/// <param name="Calculated">Whether it is a formula.</param>
/// <param name="AutoNumber">Whether the org numbers the records by it.</param>
/// <param name="RestrictedPicklist">Whether the org takes none but the values of its list.</param>
/// <param name="PicklistValues">The values of its list, in its order; null or empty for other types.</param>
/// <param name="Custom">Whether it is the org's own.</param>
/// <param name="NameField">Whether it is the name by which people know a record.</param>
/// <param name="Filterable">Whether a query may have a condition on it.</param>
/// <param name="Sortable">Whether a query may order by it.</param>
/// <param name="SoapType">How XML writes it, such as <c>xsd:double</c> or <c>tns:ID</c>.</param>
public sealed record FieldDescribe(
    string Name,
    string Type,
    string? Label = null,
    int Length = 0,
    bool Nillable = false,
    bool DefaultedOnCreate = false,
    bool Createable = false,
    bool Updateable = false,
    bool ExternalId = false,
    bool IdLookup = false,
    bool Unique = false,
    IReadOnlyList<string>? ReferenceTo = null,
    string? RelationshipName = null,
    string? CompoundFieldName = null,
    int Precision = 0,
    int Scale = 0,
    int Digits = 0,
    bool Calculated = false,
    bool AutoNumber = false,
    bool RestrictedPicklist = false,
    IReadOnlyList<PicklistValue>? PicklistValues = null,
    bool Custom = false,
    bool NameField = false,
    bool Filterable = false,
    bool Sortable = false,
    string? SoapType = null);

/// <summary>A value of a list.</summary>
/// <param name="Value">What a record holds.</param>
/// <param name="Label">What people see.</param>
/// <param name="Active">Whether people can still choose it; records may hold it all the same.</param>
/// <param name="DefaultValue">Whether a record has it where nobody chose.</param>
/// <param name="ValidFor">For which values of the list that it depends on it can be chosen: base64 of a bit for each of these, the first bit first; null where it depends on none.</param>
public sealed record PicklistValue(string? Value = null, string? Label = null, bool Active = false, bool DefaultValue = false, string? ValidFor = null);
