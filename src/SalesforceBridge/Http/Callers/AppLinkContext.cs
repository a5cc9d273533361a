using System.Text.Json;

namespace SalesforceBridge.Http.Callers;

/// <summary>
/// What Heroku AppLink writes into the header <c>x-client-context</c>. Anybody can write such a header, so nothing in it counts until the org
/// has confirmed its token; where it says that the org is does not matter at all.
/// </summary>
/// <param name="Token">An access token of the user who calls.</param>
/// <param name="OrgId">The org it says it comes from.</param>
internal sealed record AppLinkContext(string Token, string OrgId)
{
    public const string Header = "x-client-context";

    private const int LongestContext = 16 * 1024;

    /// <summary>The context; null where it is not what AppLink writes.</summary>
    public static AppLinkContext? Read(string header)
    {
        byte[] bytes = new byte[header.Length];
        if (header.Length > LongestContext || !Convert.TryFromBase64String(header, bytes, out int written))
            return null;
        try
        {
            var context = JsonElement.Parse(bytes.AsSpan(0, written));
            return Text(context, "accessToken") is { } token && Text(context, "orgId") is { } org ? new AppLinkContext(token, org) : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Names the org, and no token.</summary>
    public override string ToString() => $"context of {OrgId}";

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
