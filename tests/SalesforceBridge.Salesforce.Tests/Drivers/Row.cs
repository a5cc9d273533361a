using System.Text.Json;
using System.Text.Json.Serialization;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Salesforce.Tests.Drivers;

/// <summary>A typed record.</summary>
public sealed record Row(
    string? Id,
    DateTimeOffset? CreatedDate,
    [property: JsonPropertyName("Day__c")] DateOnly? Day,
    [property: JsonPropertyName("Closed__c")] DateTimeOffset? Closed);

[JsonSourceGenerationOptions(Converters = [typeof(SalesforceDateTimeConverter)])]
[JsonSerializable(typeof(Row))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class RowJson : JsonSerializerContext;
