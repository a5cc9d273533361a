using System.Text.Json.Serialization;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Salesforce.Tests.Drivers;

/// <summary>A typed record with a field of every sort, one of them named by a word of C#; a null clears its field.</summary>
public sealed record Shipment
{
    public string? Name { get; init; }

    // A property @class is legal C#, and more than the generator of System.Text.Json can write.
    [JsonPropertyName("class")]
    public string? Class { get; init; }

    [JsonPropertyName("Deliver_On__c")]
    public DateOnly? DeliverOn { get; init; }

    [JsonPropertyName("Deliver_At__c")]
    public TimeOnly? DeliverAt { get; init; }

    [JsonPropertyName("Sent_At__c")]
    public DateTimeOffset? SentAt { get; init; }

    [JsonPropertyName("Weight__c")]
    public decimal? Weight { get; init; }

    [JsonPropertyName("Account__r"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Customer? Account { get; init; }
}

/// <summary>A related record by its external id.</summary>
public sealed record Customer([property: JsonPropertyName("External_Id__c")] string ExternalId);

[JsonSourceGenerationOptions(Converters = [typeof(SalesforceDateTimeConverter), typeof(SalesforceTimeConverter)])]
[JsonSerializable(typeof(Shipment))]
public sealed partial class ShipmentJson : JsonSerializerContext;

/// <summary>The same, with nulls left out.</summary>
[JsonSourceGenerationOptions(
    Converters = [typeof(SalesforceDateTimeConverter), typeof(SalesforceTimeConverter)], DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Shipment))]
public sealed partial class SparseShipmentJson : JsonSerializerContext;

/// <summary>A typed record with those of a subquery, and a field that is a formula.</summary>
public sealed record Parent
{
    public string? Id { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public QueryPage<Child>? Contacts { get; init; }

    [JsonPropertyName("Score__c"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWriting)]
    public int Score { get; init; }
}

/// <summary>A record of a subquery.</summary>
public sealed record Child(string? Id);

[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Parent))]
public sealed partial class ParentJson : JsonSerializerContext;
