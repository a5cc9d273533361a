using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace SalesforceBridge.Salesforce.OAuth;

/// <summary>An answer of the token endpoint, good or bad. No record: its text would be the token.</summary>
internal sealed class TokenAnswer
{
    public string? AccessToken { get; init; }
    public string? InstanceUrl { get; init; }
    public string? Id { get; init; }
    public string? Scope { get; init; }
    public string? RefreshToken { get; init; }
    public string? Error { get; init; }
    public string? ErrorDescription { get; init; }
}

/// <summary>An answer of the introspection endpoint, good or bad.</summary>
internal sealed class IntrospectionAnswer
{
    public bool? Active { get; init; }
    public long? Exp { get; init; }
    public string? Scope { get; init; }
    public string? Error { get; init; }
    public string? ErrorDescription { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(IntrospectionAnswer))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class OAuthJson : JsonSerializerContext;
