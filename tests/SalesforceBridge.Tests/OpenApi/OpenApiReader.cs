using System.Text.Json;
using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.OpenApi;

/// <summary>Reads the document as Setup in the org does.</summary>
internal static class OpenApiReader
{
    public static HttpRequestMessage Request => new(HttpMethod.Get, "/openapi.json");

    public static async Task<JsonElement> DocumentAsync(this CalloutCaller apex)
    {
        CalloutAnswer answer = await apex.SendAsync(Request.With("X-Api-Key", CalloutCaller.Secret));
        answer.Status.ShouldBe(200, answer.Body);
        return answer.Json;
    }

    public static JsonElement At(this JsonElement document, params string[] path) =>
        path.Aggregate(document, (element, name) => element.GetProperty(name));

    public static JsonElement Operation(this JsonElement document, string callout) => document.At("paths", $"/callouts/{callout}", "post");

    public static string Answer(this JsonElement document, string callout, string status) =>
        document.Operation(callout).At("responses", status, "content", "application/json", "schema").Compact();

    public static JsonElement Schema(this JsonElement document, string name) => document.At("components", "schemas", name);

    public static string[] Names(this JsonElement element) => [.. element.EnumerateObject().Select(member => member.Name)];

    public static string Compact(this JsonElement element) => JsonSerializer.Serialize(element);
}
