using System.Text.Json;
using System.Text.Json.Serialization;

namespace SalesforceBridge.Salesforce.Tests.Drivers;

/// <summary>What a class of the org is sent.</summary>
public sealed record OrderPlaced([property: JsonPropertyName("orderId")] string OrderId);

/// <summary>What the org's echo says.</summary>
public sealed record Echoed(
    [property: JsonPropertyName("verb")] string Verb,
    [property: JsonPropertyName("path")] string Path,
    [property: JsonPropertyName("query")] string Query,
    [property: JsonPropertyName("body")] JsonElement Body);

[JsonSerializable(typeof(OrderPlaced))]
[JsonSerializable(typeof(Echoed))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class ApexJson : JsonSerializerContext;
