using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace SalesforceBridge.Salesforce.OAuth;

/// <summary>An answer of the token endpoint, good or bad. No record: its text would be the token.</summary>
internal sealed class TokenAnswer
{
    public string? AccessToken { get; init; }
    public string? InstanceUrl { get; init; }
    public string? Id { get; init; }
    public string? RefreshToken { get; init; }
    public string? Error { get; init; }
    public string? ErrorDescription { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class OAuthJson : JsonSerializerContext;
